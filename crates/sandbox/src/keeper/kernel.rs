//! The system calls that no safe library offers, each behind a safe function.
//!
//! Everything here runs in the keeper or in a process forked from it: a single
//! thread, which is what makes plain Rust after a fork sound.
#![expect(unsafe_code, reason = "fork, exec, filters and mount attributes have no safe interface")]

use std::ffi::{CString, c_char, c_int, c_long, c_uint};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::Pid;

use super::landlock::Ruleset;
use super::seccomp::Instruction;

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
    let answer =
        unsafe { libc::syscall(libc::SYS_clone3, &raw mut arguments, size_of::<CloneArguments>()) };
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

/// How a process ended and what it and the children it waited for have used.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) cpu: Duration,
    pub(super) largest_bytes: u64,
}

/// Collects a child that has ended; `None` while it runs.
pub(super) fn collect(pid: Pid) -> Option<Ended> {
    let mut status = 0;
    // SAFETY: rusage is plain data for which all zeroes is a value.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to values that outlive the call.
    let collected = unsafe {
        libc::wait4(pid.as_raw_nonzero().get(), &raw mut status, libc::WNOHANG, &raw mut used)
    };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    (collected > 0).then(|| Ended {
        code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
        signal: libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status)),
        cpu: time(used.ru_utime) + time(used.ru_stime),
        largest_bytes: used.ru_maxrss as u64 * 1024,
    })
}

/// The CPU time that all threads of a process have used, to the nanosecond.
pub(super) fn cpu_clock(pid: u32) -> Option<Duration> {
    // As the kernel makes a clock's number from a process's; 2 is the scheduler's account.
    let clock = (!(pid as libc::clockid_t) << 3) | 2;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes a time, which outlives the call.
    let answer = unsafe { libc::clock_gettime(clock, &raw mut time) };
    (answer == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
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
    let wanted = MountAttributes { set: attributes, clear: 0, propagation: 0, user_namespace: 0 };
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
        libc::ioctl(socket.as_fd().as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request)
    };
    checked(answer.into())
}

/// Leaves the session keyring that came with the login for an empty one.
pub(super) fn leave_keyring() -> Result<(), Errno> {
    const KEYCTL_JOIN_SESSION_KEYRING: c_long = 1;
    // SAFETY: with a null name the kernel makes an anonymous keyring; nothing is read.
    let answer = unsafe {
        libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, ptr::null::<c_char>())
    };
    checked(answer.min(0))
}

/// Marks every descriptor from `first` on to be closed by the next exec.
pub(super) fn close_at_exec_from(first: c_uint) -> Result<(), Errno> {
    const CLOSE_RANGE_CLOEXEC: c_uint = 4;
    close_range(first, c_uint::MAX, CLOSE_RANGE_CLOEXEC)
}

/// Closes every descriptor but those kept. Nothing that owned one of the others may
/// be used or dropped afterwards: only a process that ends in [`exit_now`] calls this.
pub(super) fn close_all_but(kept: &[BorrowedFd<'_>]) -> Result<(), Errno> {
    let mut kept: Vec<c_uint> = kept.iter().map(|fd| fd.as_raw_fd() as c_uint).collect();
    kept.sort_unstable();
    let mut first = 0;
    for kept in kept {
        if first < kept {
            close_range(first, kept - 1, 0)?;
        }
        first = kept + 1;
    }
    close_range(first, c_uint::MAX, 0)
}

fn close_range(first: c_uint, last: c_uint, flags: c_uint) -> Result<(), Errno> {
    // SAFETY: touches descriptors only; the callers answer for who owns them.
    checked(unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) })
}

const SECCOMP_SET_MODE_FILTER: c_uint = 1;
const SECCOMP_GET_ACTION_AVAIL: c_uint = 2;

/// Whether the kernel can filter system calls.
pub(super) fn can_filter() -> bool {
    let failing = 0x0005_0000_u32;
    // SAFETY: the kernel reads one number, which outlives the call.
    let answer = unsafe {
        libc::syscall(libc::SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &raw const failing)
    };
    answer == 0
}

/// Filters this process's system calls from now on.
pub(super) fn install_filter(program: &[Instruction]) -> Result<(), Errno> {
    #[repr(C)]
    struct Program {
        length: u16,
        first: *const Instruction,
    }
    let program = Program {
        length: u16::try_from(program.len()).map_err(|_| Errno::INVAL)?,
        first: program.as_ptr(),
    };
    // SAFETY: the structure has the kernel's layout; it and the instructions it points
    // to outlive the call, which copies them.
    checked(unsafe {
        libc::syscall(libc::SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &raw const program)
    })
}

/// The version of landlock that the kernel has.
pub(super) fn landlock_version() -> Option<i32> {
    const VERSION: c_uint = 1;
    // SAFETY: with this flag the kernel takes no structure.
    let answer = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, ptr::null::<Ruleset>(), 0_usize, VERSION)
    };
    i32::try_from(answer).ok().filter(|version| *version > 0)
}

/// A set of rules that allows nothing of what it names.
pub(super) fn landlock_ruleset(ruleset: &Ruleset, whole: bool) -> Result<OwnedFd, Errno> {
    // An older kernel refuses words that it does not know, even zeroes by their number.
    let size = if whole { size_of::<Ruleset>() } else { size_of::<u64>() };
    // SAFETY: the structure has the kernel's layout, and at least as many bytes as are named.
    let answer = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, &raw const *ruleset, size, 0 as c_uint)
    };
    let descriptor = RawFd::try_from(answer).map_err(|_| Errno::INVAL)?;
    if descriptor < 0 {
        return Err(last_errno());
    }
    // SAFETY: the kernel has just made this descriptor, owned by no one.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Allows so much of it below a folder.
pub(super) fn landlock_allow(
    ruleset: &OwnedFd,
    folder: &OwnedFd,
    allowed: u64,
) -> Result<(), Errno> {
    #[repr(C, packed)]
    struct PathBeneath {
        allowed: u64,
        folder: RawFd,
    }
    const PATH_BENEATH: c_uint = 1;
    let rule = PathBeneath { allowed, folder: folder.as_raw_fd() };
    // SAFETY: the structure has the kernel's layout, which is packed, and outlives the call.
    checked(unsafe {
        libc::syscall(
            libc::SYS_landlock_add_rule,
            ruleset.as_raw_fd(),
            PATH_BENEATH,
            &raw const rule,
            0 as c_uint,
        )
    })
}

/// Holds this process to the rules from now on.
pub(super) fn landlock_restrict(ruleset: &OwnedFd) -> Result<(), Errno> {
    // SAFETY: takes a descriptor and no flags.
    checked(unsafe {
        libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0 as c_uint)
    })
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
    // The kernel's numbers, two of which the C library keeps to itself. A parent may
    // have left any of them ignored, SIGCHLD too, without which nobody can be awaited.
    (1..=64).for_each(|number| dispose(number, libc::SIG_DFL));
    if let Signals::Ignored = signals {
        for number in FROM_OUTSIDE {
            dispose(number, libc::SIG_IGN);
        }
    }
    let none = 0_u64;
    // SAFETY: the kernel reads a set of 64 signals, which outlives the call.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &raw const none,
            ptr::null_mut::<u64>(),
            size_of::<u64>(),
        )
    };
}

/// What a terminal or a service manager sends, and a write to nobody.
const FROM_OUTSIDE: [c_int; 8] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGPIPE,
    libc::SIGTSTP,
];

fn dispose(number: c_int, handler: libc::sighandler_t) {
    // The kernel's `struct sigaction` has no more than four words on any of our
    // architectures, the first of which is the handler.
    let action: [usize; 4] = [handler, 0, 0, 0];
    // SAFETY: neither handler runs code; a signal that cannot be set is refused.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigaction,
            number,
            &raw const action,
            ptr::null_mut::<usize>(),
            size_of::<u64>(),
        )
    };
}

fn checked(answer: c_long) -> Result<(), Errno> {
    if answer == 0 { Ok(()) } else { Err(last_errno()) }
}

fn last_errno() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO)
}
