//! Who is spoken to: started on loopback, and stopped again.

mod moto;
mod script;

pub(crate) use moto::{Moto, free_port};
pub(crate) use script::{Act, Script};
