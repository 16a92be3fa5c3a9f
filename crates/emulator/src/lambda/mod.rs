//! Lambda's control plane: requests in, typed; thin handlers; records on disk.

mod arn;
mod code;
mod function;
mod functions;
mod invoke;
mod layers;
mod protocol;
mod route;
mod service;
mod validation;

pub(crate) use function::FunctionRecord;
pub(crate) use route::is_lambda_path;
pub(crate) use service::Lambda;
