//! What the program and its keeper say to one another: one JSON text a packet on a
//! `SOCK_SEQPACKET` pair, open descriptors riding along.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg,
    sendmsg, socketpair, sockopt,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::meter::Meter;
use crate::spec::{Exit, GuestSpec, Usage};
use crate::tier::{Lack, Tier};

/// No packet is longer: a socket's buffer does not take more by default.
pub(crate) const LONGEST: usize = 200 * 1024;
/// No packet carries more descriptors (the kernel's own bound is 253).
const MOST_DESCRIPTORS: usize = 32;

/// Asked of the keeper.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Request {
    Spawn { ticket: u64, spec: Box<GuestSpec> },
    Kill { ticket: u64, guest: u64 },
    Usage { ticket: u64, guest: u64 },
    ResetPeak { ticket: u64, guest: u64 },
    Pause { ticket: u64, guest: u64 },
    Resume { ticket: u64, guest: u64 },
}

/// Told by the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// First of all: guests are possible, and these cgroups hold them.
    Ready {
        tier: Tier,
        cgroups: Vec<PathBuf>,
    },
    /// First and last: guests are not possible.
    Lacking(Lack),
    /// Carries the guest's output, the files of its meters and then its listening sockets.
    Spawned {
        ticket: u64,
        guest: u64,
        pid: u32,
        meters: Vec<Meter>,
    },
    Refused {
        ticket: u64,
        fault: Fault,
    },
    Usage {
        ticket: u64,
        usage: Usage,
    },
    Done {
        ticket: u64,
    },
    /// The guest asked about is not there.
    Unknown {
        ticket: u64,
    },
    /// Unasked: a guest has ended and nothing of it is left.
    Exited {
        guest: u64,
        exit: Exit,
        usage: Usage,
    },
}

/// Told by the keeper to a waiting init, with the descriptor its command writes to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) spec: GuestSpec,
    /// Only try whether everything can be set up.
    pub(crate) trial: bool,
}

/// Told by a guest's init to the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum InitReport {
    /// The command runs; carries the listening sockets.
    Started,
    Failed(Fault),
    Exited {
        code: Option<i32>,
        signal: Option<i32>,
    },
}

/// A step that failed, and what the kernel said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) step: String,
    pub(crate) place: String,
    pub(crate) errno: i32,
}

impl Fault {
    pub(crate) fn new(step: &str, place: impl Into<String>, errno: Errno) -> Fault {
        Fault { step: step.to_owned(), place: place.into(), errno: errno.raw_os_error() }
    }
}

/// Names the step of a system call that failed.
pub(crate) trait At<T> {
    fn at(self, step: &str, place: &str) -> Result<T, Fault>;
}

impl<T> At<T> for Result<T, Errno> {
    fn at(self, step: &str, place: &str) -> Result<T, Fault> {
        self.map_err(|errno| Fault::new(step, place, errno))
    }
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, step: &str, place: &str) -> Result<T, Fault> {
        self.map_err(|cause| {
            let errno = Errno::from_io_error(&cause).unwrap_or(Errno::IO);
            Fault::new(step, place, errno)
        })
    }
}

/// Two ends of a new channel.
pub(crate) fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
}

/// Sends one message; with `DONTWAIT` it may answer `Errno::AGAIN`.
pub(crate) fn send(
    socket: impl AsFd,
    message: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
    flags: SendFlags,
) -> Result<(), Errno> {
    let text = serde_json::to_vec(message).map_err(|_| Errno::INVAL)?;
    if text.len() > LONGEST || descriptors.len() > MOST_DESCRIPTORS {
        return Err(Errno::MSGSIZE);
    }
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut room);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    loop {
        let flags = flags | SendFlags::NOSIGNAL;
        match sendmsg(&socket, &[IoSlice::new(&text)], &mut control, flags) {
            Err(Errno::INTR) => {}
            sent => return sent.map(|_| ()),
        }
    }
}

/// Receives one message; `None` when the other end has closed.
pub(crate) fn receive<T: DeserializeOwned>(
    socket: impl AsFd,
    flags: RecvFlags,
) -> Result<Option<(T, Vec<OwnedFd>)>, Errno> {
    let mut text = vec![0; length_of_next(&socket, flags)?];
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut room);
    let flags = flags | RecvFlags::CMSG_CLOEXEC;
    let received = loop {
        let mut parts = [IoSliceMut::new(&mut text)];
        match recvmsg(&socket, &mut parts, &mut control, flags) {
            Err(Errno::INTR) => {}
            // The other end died with something of ours unread: closed all the same.
            Err(Errno::CONNRESET) => return Ok(None),
            received => break received?,
        }
    };
    let descriptors = control
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten()
        .collect();
    if received.bytes == 0 {
        return Ok(None);
    }
    if received.flags.contains(ReturnFlags::TRUNC) {
        return Err(Errno::MSGSIZE);
    }
    let message = serde_json::from_slice(&text[..received.bytes]).map_err(|_| Errno::PROTO)?;
    Ok(Some((message, descriptors)))
}

/// How long the next message is: most are short, and a buffer for the longest takes time to clear.
fn length_of_next(socket: impl AsFd, flags: RecvFlags) -> Result<usize, Errno> {
    let look = flags | RecvFlags::PEEK | RecvFlags::TRUNC;
    loop {
        match recv(&socket, &mut [0; 1][..], look) {
            Err(Errno::INTR) => {}
            // Closed, which is found again when the message is taken.
            Err(Errno::CONNRESET) => return Ok(1),
            looked => return Ok(looked?.1.clamp(1, LONGEST)),
        }
    }
}

/// How long a message is.
pub(crate) fn length(message: &impl Serialize) -> usize {
    serde_json::to_vec(message).map_or(0, |text| text.len())
}

/// Makes room for long specifications; the kernel may grant less.
pub(crate) fn widen(socket: impl AsFd) {
    // A refusal only means that long specifications are refused later, with a reason.
    let _ = sockopt::set_socket_send_buffer_size(&socket, 2 * LONGEST);
}
