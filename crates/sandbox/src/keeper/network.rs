//! The guest's network: loopback, and the listening sockets that are handed out.

use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, socket};

use super::kernel;
use crate::wire::{At, Fault};

/// Brings loopback up in the network namespace this process is in, and listens.
///
/// The sockets belong to this namespace wherever their descriptors go, so whoever
/// accepts from them outside serves the guest, and nothing else is reachable.
pub(super) fn listen(ports: &[u16]) -> Result<Vec<OwnedFd>, Fault> {
    let any = socket(AddressFamily::INET, SocketType::DGRAM, None).at("open a socket", "")?;
    kernel::raise_loopback(any).at("bring up the loopback interface", "lo")?;
    ports
        .iter()
        .map(|port| {
            TcpListener::bind((Ipv4Addr::LOCALHOST, *port))
                .map(OwnedFd::from)
                .at("listen on port", &port.to_string())
        })
        .collect()
}
