"""What processes use and leave behind, as Linux tells of them."""

import os
import time
from pathlib import Path

# The kernel's number of the clock that counts what a process has run (CPUCLOCK_SCHED).
PROCESS_CLOCK = 2


def descendants(pid):
    """All processes below this one."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            found += [child, *descendants(child)]
    return found


def cpu_ns(pid):
    """Nanoseconds that a process has run: all its threads, those that have ended too."""
    try:
        return time.clock_gettime_ns((~pid << 3) | PROCESS_CLOCK)
    except OSError:
        return 0  # It has ended since.


def family_cpu_ns(pid):
    """The same of a process and of all below it."""
    return sum(map(cpu_ns, [pid, *descendants(pid)]))


def status_kb(pid, field):
    """A line of `/proc/PID/status` that is in kB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def descriptors(pid):
    """How many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def mounts(pid):
    """How many mounts a process sees."""
    return len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines())


def cgroups():
    """How many cgroups there are, in every hierarchy."""
    return sum(1 for _ in Path("/sys/fs/cgroup").glob("**/cgroup.procs"))
