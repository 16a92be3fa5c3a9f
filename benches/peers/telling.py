"""The words and tables of the race of platforms."""


def heading(machine):
    loads = ", ".join(str(load) for load in machine["load"])
    lines = [f"{machine['processor']}, {machine['cores']} cores, {machine['system']}",
             f"load average at the start {loads}"]
    if machine["load"][0] > 0.5:
        lines.append("other programs are running: the figures are less certain than they could be")
    return "\n".join(lines)


def _milliseconds(seconds):
    value = seconds * 1000
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _side(name, told):
    low, high = map(_milliseconds, told["quartiles"])
    return (f"    {name:<34} {_milliseconds(told['median']):>8} ms  ({low} to {high}, "
            f"n = {told['n']})")


def _ratio(compared):
    low, high = compared["interval"]
    told = f"    ratio {compared['ratio']:.2f} [{low:.2f}, {high:.2f}]"
    if "goal" in compared:
        told += f"; at most {compared['goal']} is the goal: {compared['answer']}"
    return told


def _compared(title, ours, theirs, compared):
    return [f"  {title}", _side(ours, compared["ours"]), _side(theirs, compared["theirs"]),
            _ratio(compared)]


def calls_told(raced):
    """Warm or cold calls."""
    if "rested" in raced:
        us, them = "photofinish: signed, sandboxed", "RIE: neither"
        lines = ["\nwarm no-op", *_compared("one after another", us, them, raced["compared"]),
                 "    the same against itself:" + _ratio(raced["control"])[9:],
                 f"    CPU a call, all processes: {raced['cpu_ms']['ours']:.3f} ms against "
                 f"{raced['cpu_ms']['theirs']:.3f} ms",
                 *_compared("each after a rest of 50 ms", us, them, raced["rested"])]
        return "\n".join(lines)
    us, them = "photofinish: signed, sandboxed", "chroot, python, awslambdaric"
    return "\n".join(["\ncold start of a no-op, to its first response",
                      *_compared("wall clock", us, them, raced["compared"]),
                      *_compared("CPU, all processes", us, them, raced["cpu"])])


def crowd_told(made):
    """Many functions and clients."""
    lines = [f"\n{made['functions']} functions, {made['clients']} clients"]
    for name, words in (("spread", "over all functions"), ("favoured", "over a few")):
        rush = made[name]
        lines.append(f"  {rush['calls']} calls {words}: {rush['seconds']:.1f} s, "
                     f"{rush['calls'] / rush['seconds']:.0f} a second, errors {len(rush['errors'])}")
        lines += [f"    {error}" for error in rush["errors"][:5]]
        if rush["times"]:
            lines.append(_side("each", rush["times"]))
    lines += [
        f"  most processes at once below the keeper {made['most_guests']}, "
        f"stopped ones at the end {made['warm_at_the_end']}",
        f"  before: {_state(made['before'])}", f"  after:  {_state(made['after'])}",
        f"  most memory of the platform {made['peak_kb'] / 1000:.1f} MB, of its keeper "
        f"{made['keeper_peak_kb'] / 1000:.1f} MB",
        f"  no error, nothing left, below 100 MB: {made['answer']}",
    ]
    return "\n".join(lines)


def _state(state):
    return ", ".join(f"{name} {count}" for name, count in state.items())


def objects_told(durability, raced):
    """Objects in and out."""
    lines = [f"\nobjects, {durability} on both sides"]
    for one in raced:
        title = f"{one['what']} {one['size']}"
        lines += _compared(title, "photofinish", "bare hyper server", one["compared"])
        cpu = one["cpu"]
        lines.append(f"    CPU {_milliseconds(cpu['ours']['median'])} ms against "
                     f"{_milliseconds(cpu['theirs']['median'])} ms")
    return "\n".join(lines)
