//! Who a guest is: its user id inside and on the host, and no capability at all.

use std::fs;
use std::os::fd::OwnedFd;

use rustix::fs::{Gid, Mode, OFlags, Uid, openat};
use rustix::io::{Errno, write};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, capabilities,
    clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
    set_capabilities_secure_bits, set_keep_capabilities, set_no_new_privs, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

use super::kernel::{self, Unshared};
use crate::tier::Identity;
use crate::wire::{At, Fault};

/// The user and group id every guest sees itself as.
const INSIDE: u32 = 1000;
/// Host ids from here on belong to guests: above those that distributions,
/// containers and `systemd` hand out.
const FIRST_OUTSIDE: u32 = 2_000_000_000;
const OUTSIDE_IDS: u32 = 1 << 20;
/// Used where the high ids are not mapped, as in a container.
const NOBODY: u32 = 65534;

/// What a keeper can make of its guests, found out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) identity: Identity,
    /// Whether the guest is put into a user namespace of its own at the end.
    pub(super) user_namespace: bool,
    user: Uid,
    group: Gid,
    high_ids: bool,
}

impl Standing {
    /// By who the keeper is.
    pub(super) fn find() -> Standing {
        let needed = CapabilitySet::SYS_ADMIN
            | CapabilitySet::SETUID
            | CapabilitySet::SETGID
            | CapabilitySet::SETPCAP
            | CapabilitySet::NET_ADMIN;
        let held = capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
        let high_ids = is_mapped(FIRST_OUTSIDE + OUTSIDE_IDS);
        let separate = held.contains(needed) && (high_ids || is_mapped(NOBODY));
        Standing {
            identity: if separate { Identity::Separate } else { Identity::Own },
            user_namespace: true,
            user: rustix::process::geteuid(),
            group: rustix::process::getegid(),
            high_ids,
        }
    }

    /// The host's user id of a guest.
    pub(super) fn outside(&self, guest: u64) -> u32 {
        match self.identity {
            Identity::Own => self.user.as_raw(),
            Identity::Separate if self.high_ids => {
                // Keepers at work at the same time should not share ids either.
                let keeper = u64::from(std::process::id()) << 8;
                FIRST_OUTSIDE + ((keeper + guest) % u64::from(OUTSIDE_IDS)) as u32
            }
            Identity::Separate => NOBODY,
        }
    }

    /// In a new process, first thing: takes hold of the user namespace that an
    /// ordinary user's guest is forked into, so that it can be set up at all.
    pub(super) fn take_namespace(&self, proc: &OwnedFd) -> Result<(), Fault> {
        match self.identity {
            Identity::Separate => Ok(()),
            Identity::Own => map(proc, self.user.as_raw(), self.group.as_raw()),
        }
    }

    /// Gives up every right this process has but those of the guest.
    ///
    /// The last user namespace is made after everything is set up, so mounts and
    /// network belong to an outer one over which the guest has no say.
    pub(super) fn become_guest(&self, proc: &OwnedFd, outside: u32) -> Result<(), Fault> {
        if self.identity == Identity::Separate {
            take_ids(outside).at("take user id", &outside.to_string())?;
        }
        if self.user_namespace {
            kernel::unshare(Unshared::User).at("make the guest's", "user namespace")?;
            set_dumpable_behavior(DumpableBehavior::Dumpable).at("open", "/proc/self")?;
            match self.identity {
                Identity::Separate => map(proc, outside, outside)?,
                Identity::Own => map(proc, INSIDE, INSIDE)?,
            }
        }
        drop_capabilities().at("drop", "capabilities")
    }
}

fn is_mapped(id: u32) -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.lines().any(|line| {
        let mut numbers = line.split_whitespace().filter_map(|n| n.parse::<u64>().ok());
        match (numbers.next(), numbers.nth(1)) {
            (Some(first), Some(count)) => (first..first + count).contains(&u64::from(id)),
            _ => false,
        }
    })
}

/// Maps the guest's ids in the user namespace this process is alone in.
fn map(proc: &OwnedFd, user: u32, group: u32) -> Result<(), Fault> {
    // The kernel lets a process map its own group only after giving up setgroups.
    put(proc, "self/setgroups", "deny")?;
    put(proc, "self/uid_map", &format!("{INSIDE} {user} 1"))?;
    put(proc, "self/gid_map", &format!("{INSIDE} {group} 1"))
}

/// Writes to a file of the host's `/proc`, which stays open while mounts change.
pub(super) fn put(proc: &OwnedFd, path: &str, text: &str) -> Result<(), Fault> {
    let file = openat(proc, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
        .at("open for writing /proc/", path)?;
    write(&file, text.as_bytes()).at("write to /proc/", path)?;
    Ok(())
}

fn take_ids(outside: u32) -> Result<(), Errno> {
    let (user, group) = (Uid::from_raw(outside), Gid::from_raw(outside));
    set_thread_groups(&[])?;
    set_keep_capabilities(true)?;
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)?;
    let sets = capabilities(None)?;
    set_capabilities(None, CapabilitySets { effective: sets.permitted, ..sets })
}

fn drop_capabilities() -> Result<(), Errno> {
    let none = CapabilitySet::empty();
    clear_ambient_capability_set()?;
    for bit in 0..64 {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit)) {
            // The kernel knows no more of them.
            Err(Errno::INVAL) => break,
            removed => removed?,
        }
    }
    set_capabilities_secure_bits(
        CapabilitiesSecureBits::NO_ROOT
            | CapabilitiesSecureBits::NO_ROOT_LOCKED
            | CapabilitiesSecureBits::NO_SETUID_FIXUP
            | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
            | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
            | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED,
    )?;
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    set_no_new_privs(true)
}
