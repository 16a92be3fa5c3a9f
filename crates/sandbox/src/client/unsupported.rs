//! Where there is no Linux there is no keeper; the types are there so that the rest
//! compiles.

use std::convert::Infallible;
use std::path::Path;

use tokio::net::TcpListener;
use tokio::net::unix::pipe::Receiver;

use crate::error::Error;
use crate::spec::{Exit, GuestSpec, Usage};
use crate::tier::Tier;

/// Cannot be had on this system.
#[derive(Clone, Debug)]
pub struct Keeper(Infallible);

impl Keeper {
    /// Always answers that guests need Linux.
    pub async fn start(_program: &Path) -> Result<Keeper, Error> {
        Err(Error::Unsupported)
    }

    /// Never called.
    pub fn tier(&self) -> &Tier {
        match self.0 {}
    }

    /// Never called.
    pub fn pid(&self) -> u32 {
        match self.0 {}
    }

    /// Never called.
    pub async fn spawn(&self, _spec: &GuestSpec) -> Result<Guest, Error> {
        match self.0 {}
    }

    /// Never called.
    pub async fn shutdown(self) -> Result<(), Error> {
        match self.0 {}
    }
}

/// Cannot be had on this system.
#[derive(Debug)]
pub struct Guest {
    /// Never read.
    pub id: u64,
    /// Never read.
    pub pid: u32,
    never: Infallible,
}

impl Guest {
    /// Never called.
    pub fn take_listeners(&mut self) -> Vec<TcpListener> {
        match self.never {}
    }

    /// Never called.
    pub fn take_output(&mut self) -> Option<Receiver> {
        match self.never {}
    }

    /// Never called.
    pub async fn usage(&self) -> Result<Usage, Error> {
        match self.never {}
    }

    /// Never called.
    pub async fn reset_memory_peak(&self) -> Result<(), Error> {
        match self.never {}
    }

    /// Never called.
    pub async fn pause(&self) -> Result<(), Error> {
        match self.never {}
    }

    /// Never called.
    pub async fn resume(&self) -> Result<(), Error> {
        match self.never {}
    }

    /// Never called.
    pub async fn kill(&self) -> Result<(), Error> {
        match self.never {}
    }

    /// Never called.
    pub async fn wait(&self) -> Exit {
        match self.never {}
    }
}

/// Always answers that guests need Linux.
pub fn probe(_program: &Path) -> Result<Tier, Error> {
    Err(Error::Unsupported)
}
