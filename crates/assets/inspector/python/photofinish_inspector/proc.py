"""What the kernel counts for the whole machine, in SAAF's names. Coarse: 10 ms, all processes."""

import os

# The columns of the first line of /proc/stat.
CPU_TIMES = ("cpuUser", "cpuNice", "cpuKernel", "cpuIdle", "cpuIOWait", "cpuIrq", "cpuSoftIrq", "cpuSteal")


class Machine:
    """The machine's counters at the beginning of a call."""

    def __init__(self):
        self.tick_ms = 1000 // os.sysconf("SC_CLK_TCK")
        self.before = self.read()[0]

    def read(self):
        times, boot = dict.fromkeys(CPU_TIMES, 0), None
        for line in lines("/proc/stat"):
            words = line.split()
            if words[0] == "cpu":
                times = {name: int(value) * self.tick_ms for name, value in zip(CPU_TIMES, words[1:])}
            elif words[0] == "btime":
                boot = int(words[1])
        return times, boot

    def since(self):
        now, boot = self.read()
        deltas = {name + "Delta": now[name] - self.before[name] for name in CPU_TIMES}
        return {
            **now,
            **deltas,
            "cpuCores": os.cpu_count(),
            "bootTime": boot,
            "vmID": None if boot is None else str(boot),
            "linuxVersion": os.uname().release,
        }


def memory():
    """The machine's memory in kilobytes, as text, as SAAF has it."""
    found = {}
    for line in lines("/proc/meminfo"):
        key, _, value = line.partition(":")
        if key in ("MemTotal", "MemFree"):
            found["totalMemory" if key == "MemTotal" else "freeMemory"] = value.split()[0]
        if len(found) == 2:
            break
    return found


def lines(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []
