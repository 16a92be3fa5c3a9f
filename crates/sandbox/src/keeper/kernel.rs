//! The system calls that no safe library offers, each behind a safe function.
//!
//! Everything here runs in the keeper or in a process forked from it: a single
//! thread, which is what makes plain Rust after a fork sound.
#![expect(
    unsafe_code,
    reason = "fork, exec, filters and mount attributes have no safe interface"
)]

use std::ffi::{CString, c_char, c_int, c_long, c_uint};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use rustix::io::Errno;
use rustix::process::Pid;

/// The side of a fork that a process finds itself on.
pub(super) enum Forked {
    /// In the keeper: the new process, with its pidfd when one was asked for.
    Parent { pid: Pid, pidfd: OwnedFd },
    /// In the new process.
    Child,
}

#[repr(C)]
#[derive(Default)]
struct CloneArguments {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// Forks into new namespaces, and into a cgroup of version 2 where one is given.
pub(super) fn fork_into(
    namespaces: c_int,
    cgroup: Option<BorrowedFd<'_>>,
) -> Result<Forked, Errno> {
    const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
    let mut pidfd: RawFd = -1;
    let mut arguments = CloneArguments {
        flags: namespaces as u64 | libc::CLONE_PIDFD as u64,
        pidfd: &raw mut pidfd as u64,
        exit_signal: libc::SIGCHLD as u64,
        ..CloneArguments::default()
    };
    if let Some(cgroup) = cgroup {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = cgroup.as_raw_fd() as u64;
    }
    // SAFETY: without CLONE_VM and with no stack this is a fork: the child runs on a
    // copy of this stack. The keeper has one thread, so no lock is held by another.
    // The structure has the kernel's layout and outlives the call.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw mut arguments,
            size_of::<CloneArguments>(),
        )
    };
    match answer {
        0 => Ok(Forked::Child),
        pid if pid > 0 => Ok(Forked::Parent {
            pid: Pid::from_raw(pid as c_int).ok_or(Errno::SRCH)?,
            // SAFETY: the kernel has just put a new descriptor there, owned by no one.
            pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) },
        }),
        _ => Err(last_errno()),
    }
}

/// Forks; `None` in the child.
pub(super) fn fork() -> Result<Option<Pid>, Errno> {
    // SAFETY: the calling process has a single thread.
    match unsafe { libc::fork() } {
        0 => Ok(None),
        pid if pid > 0 => Ok(Pid::from_raw(pid)),
        _ => Err(last_errno()),
    }
}

/// A namespace that a running process can leave for a new one.
#[derive(Clone, Copy)]
pub(super) enum Unshared {
    User,
    Cgroup,
}

/// Puts this process into a new namespace.
pub(super) fn unshare(namespace: Unshared) -> Result<(), Errno> {
    let flag = match namespace {
        Unshared::User => libc::CLONE_NEWUSER,
        Unshared::Cgroup => libc::CLONE_NEWCGROUP,
    };
    // SAFETY: neither flag splits memory or descriptors off from another thread.
    checked(unsafe { libc::unshare(flag) }.into())
}

/// Ends this process at once, running nothing of what the keeper left in memory.
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: _exit has no preconditions and does not return.
    unsafe { libc::_exit(code) }
}

/// Replaces this process by a program; answers only when that fails.
pub(super) fn execute(program: &CString, arguments: &[CString], environment: &[CString]) -> Errno {
    let arguments = pointers(arguments);
    let environment = pointers(environment);
    // SAFETY: all strings end in NUL, both arrays end in a null pointer, and all of
    // them live until the call returns.
    unsafe { libc::execve(program.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    last_errno()
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    let ends = std::iter::once(ptr::null());
    strings.iter().map(|s| s.as_ptr()).chain(ends).collect()
}

/// Adds attributes to a mount, and to all mounts below it when `below` says so.
pub(super) fn restrict_mount(mount: impl AsFd, attributes: u64, below: Below) -> Result<(), Errno> {
    #[repr(C)]
    struct MountAttributes {
        set: u64,
        clear: u64,
        propagation: u64,
        user_namespace: u64,
    }
    let wanted = MountAttributes {
        set: attributes,
        clear: 0,
        propagation: 0,
        user_namespace: 0,
    };
    const AT_RECURSIVE: c_int = 0x8000;
    let flags = libc::AT_EMPTY_PATH
        | match below {
            Below::Too => AT_RECURSIVE,
            Below::Not => 0,
        };
    // SAFETY: the path is an empty C string, the structure has the kernel's layout and
    // its size is passed along.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_fd().as_raw_fd(),
            c"".as_ptr(),
            flags as c_uint,
            &raw const wanted,
            size_of::<MountAttributes>(),
        )
    };
    checked(answer)
}

/// Whether a mount's attributes go for the mounts below it as well.
#[derive(Clone, Copy)]
pub(super) enum Below {
    Too,
    Not,
}

/// Brings the loopback interface of this network namespace up.
pub(super) fn raise_loopback(socket: impl AsFd) -> Result<(), Errno> {
    // SAFETY: ifreq is plain data for which all zeroes is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[0] = b'l' as c_char;
    request.ifr_name[1] = b'o' as c_char;
    request.ifr_ifru.ifru_flags = libc::IFF_UP as i16;
    // SAFETY: SIOCSIFFLAGS reads an ifreq, which lives until the call returns.
    let answer = unsafe {
        libc::ioctl(
            socket.as_fd().as_raw_fd(),
            libc::SIOCSIFFLAGS as _,
            &raw const request,
        )
    };
    checked(answer.into())
}

/// Leaves the session keyring that came with the login for an empty one.
pub(super) fn leave_keyring() -> Result<(), Errno> {
    const KEYCTL_JOIN_SESSION_KEYRING: c_long = 1;
    // SAFETY: with a null name the kernel makes an anonymous keyring; nothing is read.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_keyctl,
            KEYCTL_JOIN_SESSION_KEYRING,
            ptr::null::<c_char>(),
        )
    };
    checked(answer.min(0))
}

/// Marks every descriptor from `first` on to be closed by the next exec.
pub(super) fn close_at_exec_from(first: c_uint) -> Result<(), Errno> {
    const CLOSE_RANGE_CLOEXEC: c_uint = 4;
    close_range(first, c_uint::MAX, CLOSE_RANGE_CLOEXEC)
}

/// Closes every descriptor but the one kept. Nothing that owned one of them may be
/// used or dropped afterwards: only a process that ends in [`exit_now`] calls this.
pub(super) fn close_all_but(kept: BorrowedFd<'_>) -> Result<(), Errno> {
    let kept = kept.as_raw_fd() as c_uint;
    if kept > 0 {
        close_range(0, kept - 1, 0)?;
    }
    close_range(kept + 1, c_uint::MAX, 0)
}

fn close_range(first: c_uint, last: c_uint, flags: c_uint) -> Result<(), Errno> {
    // SAFETY: touches descriptors only; the callers answer for who owns them.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) })
}

/// What becomes of signals that nobody handles.
#[derive(Clone, Copy)]
pub(super) enum Signals {
    /// As a program expects to find them.
    Default,
    /// Those that a terminal or a service manager sends are ignored.
    Ignored,
}

/// Sets the disposition of signals, and unblocks all of them.
pub(super) fn set_signals(signals: Signals) {
    let (numbers, action): (Vec<c_int>, _) = match signals {
        Signals::Default => ((1..=64).collect(), libc::SIG_DFL),
        Signals::Ignored => (
            vec![
                libc::SIGHUP,
                libc::SIGINT,
                libc::SIGQUIT,
                libc::SIGTERM,
                libc::SIGUSR1,
                libc::SIGUSR2,
                libc::SIGPIPE,
                libc::SIGTSTP,
            ],
            libc::SIG_IGN,
        ),
    };
    for number in numbers {
        // SAFETY: neither action runs code; a number that cannot be set is refused.
        unsafe { libc::signal(number, action) };
    }
    // SAFETY: the set is initialised by sigemptyset before it is used.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
    }
}

fn checked(answer: c_long) -> Result<(), Errno> {
    if answer == 0 {
        Ok(())
    } else {
        Err(last_errno())
    }
}

fn last_errno() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO)
}
