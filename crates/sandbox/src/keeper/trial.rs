//! Finds out what the machine gives by setting one guest up, and what is missing
//! when that fails.

use std::fs;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::guests::{House, News, Purpose};
use crate::spec::{GuestSpec, Limits};
use crate::tier::{Identity, Lack, Namespace, Tier};
use crate::wire::Fault;

/// What this house gives its guests.
pub(super) fn tier(house: &mut House) -> Result<Tier, Lack> {
    if let Err(first) = try_guest(house) {
        // Root can do without the innermost namespace: ids and capabilities are
        // given up all the same.
        house.standing.user_namespace = false;
        if house.standing.identity == Identity::Own || try_guest(house).is_err() {
            return Err(lack(&first));
        }
    }
    let mut namespaces = vec![
        Namespace::Pid,
        Namespace::Mount,
        Namespace::Network,
        Namespace::Ipc,
        Namespace::Uts,
        Namespace::Cgroup,
    ];
    if house.standing.user_namespace {
        namespaces.insert(0, Namespace::User);
    }
    Ok(Tier {
        kernel: kernel_release(),
        namespaces,
        identity: house.standing.identity,
        cpu: house.cpu_control(),
        memory: house.memory_control(),
        processes: house.processes_control(),
        seccomp: house.seccomp,
        landlock: house.landlock.is_some(),
    })
}

fn try_guest(house: &mut House) -> Result<(), Fault> {
    let spec = GuestSpec {
        // Any directory would do; this one is everywhere.
        root: "/usr".into(),
        binds: Vec::new(),
        tmp_bytes: 1 << 20,
        command: Vec::new(),
        interpreter: None,
        environment: Vec::new(),
        directory: "/".to_owned(),
        hostname: "trial".to_owned(),
        listen: vec![9001],
        limits: Limits {
            memory_bytes: 64 << 20,
            cpu: None,
            processes: 16,
            files: 64,
            file_bytes: 1 << 20,
        },
    };
    let id = house.begin(spec, None, Purpose::Trial)?;
    let news = wait_for_news(house, id);
    wait_for_end(house, id);
    match news {
        Some(News::Started { .. }) => Ok(()),
        Some(News::Failed(fault)) => Err(fault),
        None => Err(Fault::new("set up", "a guest on trial", Errno::CANCELED)),
    }
}

fn wait_for_news(house: &mut House, id: u64) -> Option<News> {
    let guest = house.guests.get_mut(&id)?;
    wait_until_readable(guest.reports());
    guest.hear()
}

pub(super) fn wait_for_end(house: &mut House, id: u64) {
    if let Some(guest) = house.guests.get(&id) {
        wait_until_readable(guest.pidfd());
    }
    house.end(id);
}

fn wait_until_readable(descriptor: std::os::fd::BorrowedFd<'_>) {
    let mut watched = [PollFd::from_borrowed_fd(descriptor, PollFlags::IN)];
    while poll(&mut watched, None) == Err(Errno::INTR) {}
}

fn kernel_release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// What to tell someone whose machine refused the guest on trial.
fn lack(fault: &Fault) -> Lack {
    let errno = Errno::from_raw_os_error(fault.errno);
    let cause = format!("{} {}: {}", fault.step, fault.place, std::io::Error::from(errno));
    let (what, mend) = if errno == Errno::NOSYS {
        (format!("Linux {} is too old", kernel_release()), "use Linux 5.12 or later".to_owned())
    } else {
        forbidden()
    };
    Lack { what, cause, mend }
}

fn forbidden() -> (String, String) {
    let sysctls = [
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("user.max_user_namespaces", "0", "15000"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ];
    for (name, bad, good) in sysctls {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        if fs::read_to_string(path).is_ok_and(|value| value.trim() == bad) {
            return (
                format!("user namespaces are forbidden here by {name}={bad}"),
                format!("run `sudo sysctl -w {name}={good}`, or run photofinish as root"),
            );
        }
    }
    (
        "namespaces are forbidden here".to_owned(),
        "if this is a container, start it with `--privileged`, or run photofinish on the host"
            .to_owned(),
    )
}
