//! Lambda's control plane: requests in, typed; thin handlers; records on disk.

mod arn;
mod attributes;
mod code;
mod events;
mod function;
mod functions;
mod invoke;
mod layers;
mod logging;
mod paging;
mod protocol;
mod route;
mod service;
mod validation;

pub(crate) use arn::ACCOUNT;
pub(crate) use function::FunctionRecord;
pub(crate) use logging::{LogFormat, Logging, SystemLevel};
pub(crate) use route::{is_lambda_path, parameter};
pub(crate) use service::Lambda;
