//! A guest's first process, from the fork to the end of the guest.
//!
//! It waits for the keeper to say what the guest is to be, so that the keeper can make
//! it, with its namespaces and cgroups, before anybody asks.
//!
//! It is process 1 of the guest's pid namespace: it sets the guest up, forks the
//! command, collects what the command's descendants leave, and ends with the
//! command, whereupon the kernel kills everything else in the namespace. The command
//! is not process 1 itself because the kernel withholds default signal actions from
//! that one: `abort()` or a `kill` of itself would not end it.

use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Write, stderr, stdin, stdout};
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rustix::fs::{Access, Mode, OFlags, access, openat};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    DumpableBehavior, Pid, Resource, Rlimit, Signal, WaitOptions, WaitStatus, getrlimit,
    set_dumpable_behavior, set_parent_process_death_signal, setrlimit, setsid,
};

use super::identity::{self, Standing};
use super::kernel::{self, Signals, Unshared};
use super::{landlock, network, root, seccomp};
use crate::spec::{GuestSpec, Interpreter, Limits};
use crate::wire::{self, At, Fault, InitReport, Order};

/// Unlike 0 it also keeps the kernel from handing a crashed guest's memory to a program of the
/// host's, where its core pattern begins with a pipe.
const NO_CORE: u64 = 1;

/// What the keeper leaves its child to work with.
pub(super) struct Start<'a> {
    pub(super) standing: Standing,
    /// The guest's user id on the host.
    pub(super) outside: u32,
    /// The host's `/proc`.
    pub(super) proc: &'a OwnedFd,
    /// To the keeper, and from it.
    pub(super) report: OwnedFd,
    /// Files that a process joins its cgroups through.
    pub(super) doors: Vec<File>,
    /// All memory counts, wherever it is; a governor sees that of processes only.
    pub(super) memory_is_counted: bool,
    /// The kernel filters system calls.
    pub(super) seccomp: bool,
    /// The version of landlock to put up a fence with.
    pub(super) landlock: Option<i32>,
}

/// Runs a guest; the process ends here.
pub(super) fn run(start: Start<'_>) -> ! {
    // A panic must not unwind into the keeper's code, of which this is a copy.
    let code = catch_unwind(AssertUnwindSafe(|| {
        begin(&start).unwrap_or_else(|fault| {
            report(&start.report, &InitReport::Failed(fault), &[]);
            1
        })
    }));
    kernel::exit_now(code.unwrap_or(101))
}

fn begin(start: &Start<'_>) -> Result<i32, Fault> {
    make_room(start)?;
    let Some((order, output)) = wait_for_order(start)? else {
        return Ok(0);
    };
    let listeners = set_up(start, &order.spec, &output)?;
    if order.trial {
        report(&start.report, &InitReport::Started, &listeners);
        return Ok(0);
    }
    live(start, &order.spec, &listeners)
}

fn report(socket: &OwnedFd, message: &InitReport, descriptors: &[OwnedFd]) {
    let descriptors: Vec<_> = descriptors.iter().map(OwnedFd::as_fd).collect();
    if wire::send(socket, message, &descriptors, SendFlags::empty()).is_err() {
        // No keeper, no guest.
        kernel::exit_now(1);
    }
}

/// What can be done before it is known what the guest is to be, which is what takes
/// longest: namespaces and cgroups.
fn make_room(start: &Start<'_>) -> Result<(), Fault> {
    die_with_the_keeper()?;
    start.standing.take_namespace(start.proc)?;
    for mut door in &start.doors {
        door.write_all(b"0").at("join the cgroup of", "the guest")?;
    }
    setsid().at("start a session", "")?;
    kernel::unshare(Unshared::Cgroup).at("make a namespace of", "cgroups")?;
    // Some kernels have no keyrings to leave.
    let _ = kernel::leave_keyring();
    // While it waits it must hold nothing of the keeper's and of other guests.
    let (input, output, errors) = (stdin(), stdout(), stderr());
    kernel::close_all_but(&[
        input.as_fd(),
        output.as_fd(),
        errors.as_fd(),
        start.report.as_fd(),
        start.proc.as_fd(),
    ])
    .at("close", "the keeper's descriptors")
}

/// `None` when the keeper ended first.
fn wait_for_order(start: &Start<'_>) -> Result<Option<(Order, OwnedFd)>, Fault> {
    let order = wire::receive::<Order>(&start.report, RecvFlags::empty())
        .at("wait for", "the keeper's order")?;
    Ok(order.and_then(|(order, handed)| Some((order, handed.into_iter().next()?))))
}

fn set_up(start: &Start<'_>, spec: &GuestSpec, output: &OwnedFd) -> Result<Vec<OwnedFd>, Fault> {
    let listeners = network::listen(&spec.listen)?;
    rustix::system::sethostname(spec.hostname.as_bytes())
        .at("set the host name", &spec.hostname)?;
    root::enter(spec)?;
    connect_output(output)?;
    limit(&spec.limits)?;
    // Should memory run out, the kernel takes a guest before anyone else.
    let _ = identity::put(start.proc, "self/oom_score_adj", "500");
    start.standing.become_guest(start.proc, start.outside)?;
    // Taking an id has cleared it.
    die_with_the_keeper()?;
    // Hides this process from the guest, which has the same user id. The command
    // gets its own memory by exec, and is not hidden from itself.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).at("hide", "the first process")?;
    Ok(listeners)
}

fn die_with_the_keeper() -> Result<(), Fault> {
    set_parent_process_death_signal(Some(Signal::KILL)).at("tie the guest to", "the keeper")
}

fn connect_output(output: &OwnedFd) -> Result<(), Fault> {
    let null = openat(rustix::fs::CWD, "/dev/null", OFlags::RDONLY, Mode::empty())
        .at("open", "/dev/null")?;
    rustix::stdio::dup2_stdin(null).at("connect", "standard input")?;
    rustix::stdio::dup2_stdout(output).at("connect", "standard output")?;
    rustix::stdio::dup2_stderr(output).at("connect", "standard error")
}

fn limit(limits: &Limits) -> Result<(), Fault> {
    let wanted = [
        (Resource::Nofile, u64::from(limits.files)),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Core, NO_CORE),
        // Counted in the guest's own user namespace; one more for this process.
        (Resource::Nproc, u64::from(limits.processes) + 1),
    ];
    for (resource, most) in wanted {
        let now = getrlimit(resource);
        let most = now.maximum.map_or(most, |maximum| maximum.min(most));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).at("limit", &format!("{resource:?}"))?;
    }
    Ok(())
}

/// Forks the command and stays until it has ended.
fn live(start: &Start<'_>, spec: &GuestSpec, listeners: &[OwnedFd]) -> Result<i32, Fault> {
    let command = fork_command(start, spec)?;
    report(&start.report, &InitReport::Started, listeners);
    // None of the output's writers, so that the reader sees the end when the guest's
    // own processes are gone.
    kernel::close_all_but(&[start.report.as_fd()]).at("close", "what the guest has")?;
    let status = collect_until(command);
    report(
        &start.report,
        &InitReport::Exited { code: status.exit_status(), signal: status.terminating_signal() },
        &[],
    );
    Ok(0)
}

fn collect_until(command: Pid) -> WaitStatus {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == command => return status,
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => kernel::exit_now(1),
        }
    }
}

/// Forks, and returns when the command's program has replaced the copy of this one.
fn fork_command(start: &Start<'_>, spec: &GuestSpec) -> Result<Pid, Fault> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).at("make a", "pipe")?;
    let Some(command) = kernel::fork().at("fork", "the command")? else {
        drop(reader);
        let fault = catch_unwind(AssertUnwindSafe(|| become_command(start, spec)))
            .unwrap_or_else(|_| Fault::new("start", "the command", Errno::CANCELED));
        let text = serde_json::to_vec(&fault).unwrap_or_default();
        let _ = File::from(writer).write_all(&text);
        kernel::exit_now(127)
    };
    drop(writer);
    let mut text = Vec::new();
    File::from(reader).read_to_end(&mut text).at("wait for", "the command")?;
    if text.is_empty() {
        return Ok(command);
    }
    Err(serde_json::from_slice(&text)
        .unwrap_or_else(|_| Fault::new("start", "the command", Errno::IO)))
}

/// Replaces this process by the command; answers only when that fails.
fn become_command(start: &Start<'_>, spec: &GuestSpec) -> Fault {
    match try_become_command(start, spec) {
        Ok(never) => match never {},
        Err(fault) => fault,
    }
}

fn try_become_command(
    start: &Start<'_>,
    spec: &GuestSpec,
) -> Result<std::convert::Infallible, Fault> {
    setsid().at("start a session", "")?;
    rustix::process::umask(Mode::from_raw_mode(0o022));
    rustix::process::chdir(spec.directory.as_str()).at("enter the directory", &spec.directory)?;
    let line = match &spec.interpreter {
        None => Line { programs: programs(spec), arguments: spec.command.clone() },
        Some(interpreter) => interpreted(interpreter, spec)?,
    };
    let arguments = strings(line.arguments.into_iter())?;
    let environment = strings(spec.environment.iter().map(|(n, v)| format!("{n}={v}")))?;
    let programs = strings(line.programs.into_iter())?;
    kernel::set_signals(Signals::Default);
    kernel::close_at_exec_from(3).at("close", "other descriptors")?;
    if let Some(version) = start.landlock {
        landlock::fence(version)?;
    }
    if start.seccomp {
        seccomp::filter(start.memory_is_counted)?;
    }
    let mut errno = Errno::NOENT;
    for program in &programs {
        match kernel::execute(program, &arguments, &environment) {
            Errno::NOENT | Errno::NOTDIR => {}
            other => errno = other,
        }
    }
    let name = spec.command.first().cloned().unwrap_or_default();
    Err(Fault::new("run", name, errno))
}

/// What is executed.
struct Line {
    /// The first of them that is there.
    programs: Vec<String>,
    arguments: Vec<String>,
}

/// The interpreter with the command behind it. It is told a path that is there: only
/// the kernel would say in our words that it is not, and only we look through `PATH`.
fn interpreted(interpreter: &Interpreter, spec: &GuestSpec) -> Result<Line, Fault> {
    let found =
        programs(spec).into_iter().find(|path| access(path.as_str(), Access::EXEC_OK).is_ok());
    let (Some(found), [_, rest @ ..]) = (found, &*spec.command) else {
        let name = spec.command.first().cloned().unwrap_or_default();
        return Err(Fault::new("run", name, Errno::NOENT));
    };
    let place = Interpreter::PLACE.to_owned();
    let mut arguments = vec![place.clone()];
    arguments.extend(interpreter.arguments.iter().cloned());
    arguments.push(found);
    arguments.extend(rest.iter().cloned());
    Ok(Line { programs: vec![place], arguments })
}

/// Where the command's program may be.
fn programs(spec: &GuestSpec) -> Vec<String> {
    let Some(name) = spec.command.first() else {
        return Vec::new();
    };
    if name.contains('/') {
        return vec![name.clone()];
    }
    let path = spec.environment.iter().find(|(name, _)| name == "PATH");
    let path = path.map_or("/usr/local/bin:/usr/bin:/bin", |(_, path)| path);
    path.split(':').map(|directory| format!("{directory}/{name}")).collect()
}

fn strings(texts: impl Iterator<Item = String>) -> Result<Vec<CString>, Fault> {
    texts
        .map(|text| {
            let shown = text.clone();
            CString::new(text)
                .map_err(|_| Fault::new("pass on a text with a zero byte", shown, Errno::INVAL))
        })
        .collect()
}
