//! The system calls that no guest needs and that attacks on a kernel begin with.
//!
//! A deny-list: an image pipeline may use whatever else its libraries like. What is
//! on it answers "not permitted", so that programs which only try go on without.

use super::kernel;
use crate::wire::{At, Fault};

/// A classic BPF instruction, laid out as the kernel reads it.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    operand: u32,
}

// Offsets in the kernel's `struct seccomp_data`; arguments are little-endian here.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST_ARGUMENT: u32 = 16;
const THIRD_ARGUMENT: u32 = 32;

const LOAD: u16 = 0x20;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_AT_LEAST: u16 = 0x35;
const JUMP_IF_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

const ALLOW: u32 = 0x7fff_0000;
const KILL_PROCESS: u32 = 0x8000_0000;
const FAIL_WITH: u32 = 0x0005_0000;

#[cfg(target_arch = "x86_64")]
const OURS: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const OURS: u32 = 0xc000_00b7;
/// Elsewhere the arguments' places are not known to be these: no filter.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const OURS: u32 = 0;
/// Where the numbers of the x32 interface begin, which would slip past the list.
const X32: u32 = 0x4000_0000;

/// All flags of `clone` and `unshare` that make a namespace.
const NAMESPACES: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | 0x80) as u32;

/// Kinds of sockets that a network namespace holds in; others, such as vsock, reach
/// past it. Of netlink there is only what programs list their own interfaces with.
const FAMILIES: [i32; 3] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6];

// Not in the library for every architecture; the number is the same on all.
const QUOTACTL_FD: libc::c_long = 443;
const MEMFD_SECRET: libc::c_long = 447;
const OPEN_TREE_ATTR: libc::c_long = 467;

const DENIED: &[libc::c_long] = &[
    // Mounts and roots.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_quotactl,
    QUOTACTL_FD,
    OPEN_TREE_ATTR,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_setns,
    // Kernel services with a history.
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_fanotify_init,
    libc::SYS_lookup_dcookie,
    // Memory that nobody else can see, not even to count it.
    MEMFD_SECRET,
    // The machine.
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// Memory that stays when no process maps it.
const UNCOUNTED: &[libc::c_long] = &[libc::SYS_memfd_create, libc::SYS_shmget];

/// Whether this kernel filters.
pub(super) fn is_available() -> bool {
    OURS != 0 && kernel::can_filter()
}

/// Filters this process and all that come from it, for good. Where memory is counted by process
/// only, none can be had that belongs to no process.
pub(super) fn filter(memory_is_counted: bool) -> Result<(), Fault> {
    kernel::install_filter(&program(memory_is_counted)).at("filter", "system calls")
}

fn program(memory_is_counted: bool) -> Vec<Instruction> {
    let mut program = vec![
        load(ARCHITECTURE),
        jump(JUMP_IF_EQUAL, OURS, 1, 0),
        answer(KILL_PROCESS),
        load(NUMBER),
    ];
    if cfg!(target_arch = "x86_64") {
        program.extend(when(JUMP_IF_AT_LEAST, X32, fail(libc::ENOSYS)));
    }
    for number in DENIED {
        program.extend(when(JUMP_IF_EQUAL, *number as u32, fail(libc::EPERM)));
    }
    let uncounted: &[libc::c_long] = if memory_is_counted { &[] } else { UNCOUNTED };
    for number in uncounted {
        program.extend(when(JUMP_IF_EQUAL, *number as u32, fail(libc::ENOSYS)));
    }
    // Its flags are in memory, out of a filter's sight; libraries fall back to clone.
    program.extend(when(JUMP_IF_EQUAL, libc::SYS_clone3 as u32, fail(libc::ENOSYS)));
    for number in [libc::SYS_clone, libc::SYS_unshare] {
        program.extend([
            jump(JUMP_IF_EQUAL, number as u32, 0, 4),
            load(FIRST_ARGUMENT),
            jump(JUMP_IF_ANY_BIT, NAMESPACES, 0, 1),
            fail(libc::EPERM),
            answer(ALLOW),
        ]);
    }
    program.extend(sockets());
    program.push(answer(ALLOW));
    program
}

fn sockets() -> Vec<Instruction> {
    let count = FAMILIES.len() as u8;
    let mut checks = vec![
        load(FIRST_ARGUMENT),
        jump(JUMP_IF_EQUAL, libc::AF_NETLINK as u32, 0, 4),
        load(THIRD_ARGUMENT),
        jump(JUMP_IF_EQUAL, libc::NETLINK_ROUTE as u32, 0, 1),
        answer(ALLOW),
        fail(libc::EPERM),
    ];
    for (place, family) in (0..).zip(FAMILIES) {
        // Over the checks that are left and the failure, to the permission.
        checks.push(jump(JUMP_IF_EQUAL, family as u32, count - place, 0));
    }
    checks.push(fail(libc::EAFNOSUPPORT));
    let beyond = checks.len() as u8;
    let mut sockets = vec![jump(JUMP_IF_EQUAL, libc::SYS_socket as u32, 0, beyond)];
    sockets.extend(checks);
    sockets
}

fn load(offset: u32) -> Instruction {
    Instruction { code: LOAD, if_true: 0, if_false: 0, operand: offset }
}

fn jump(code: u16, operand: u32, if_true: u8, if_false: u8) -> Instruction {
    Instruction { code, if_true, if_false, operand }
}

fn answer(action: u32) -> Instruction {
    Instruction { code: RETURN, if_true: 0, if_false: 0, operand: action }
}

fn fail(errno: i32) -> Instruction {
    answer(FAIL_WITH | errno as u32)
}

/// One comparison and what follows when it holds.
fn when(code: u16, operand: u32, then: Instruction) -> [Instruction; 2] {
    [jump(code, operand, 0, 1), then]
}
