//! Who is spoken to: started on loopback, and stopped again.

mod judge;
mod ministack;
mod moto;
mod registry;
mod role;
mod script;

pub(crate) use judge::{Fault, Judge};
pub(crate) use ministack::MiniStack;
pub(crate) use moto::{Moto, free_port};
pub(crate) use registry::DockerRegistry;
pub(crate) use script::{Act, Script};
