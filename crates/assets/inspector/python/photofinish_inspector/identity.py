"""Who answered: what a race records. Everything is read once; a call costs a small dictionary."""

import os
import sys

FORMAT = 1
VERSION = 1.0


class Identity:
    """The sandbox, its processor and its versions."""

    def __init__(self):
        self.fixed = fixed_attributes()
        self.calls = 0

    def imported(self, nanoseconds):
        """The real module took so long to import; identity does not tell."""

    def begin(self):
        self.calls += 1

    def end(self):
        return {**self.fixed, "newcontainer": 1 if self.calls == 1 else 0}


def fixed_attributes():
    environment = os.environ.get
    stream = environment("AWS_LAMBDA_LOG_STREAM_NAME")
    processor = processor_name()
    return {
        "format": FORMAT,
        "version": VERSION,
        "lang": "python",
        "uuid": random_uuid(),
        "cpuType": processor,
        "cpuModel": processor,
        "architecture": os.uname().machine,
        "platform": environment("PHOTOFINISH_PLATFORM", "AWS Lambda"),
        "containerID": stream,
        "logStreamName": stream,
        "functionName": environment("AWS_LAMBDA_FUNCTION_NAME"),
        "functionMemory": environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        "functionRegion": environment("AWS_REGION"),
        "initializationType": environment("AWS_LAMBDA_INITIALIZATION_TYPE"),
        "pythonVersion": "{}.{}.{}".format(*sys.version_info),
    }


def random_uuid():
    """A version 4 UUID, without importing the module for it."""
    digits = bytearray(os.urandom(16))
    digits[6] = digits[6] & 0x0F | 0x40
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


# ARM's kernel gives numbers where x86's gives a name.
ARM_CORES = {"0xd08": "Cortex-A72", "0xd0c": "Neoverse-N1", "0xd40": "Neoverse-V1", "0xd49": "Neoverse-N2", "0xd4f": "Neoverse-V2"}


def processor_name():
    part = None
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                key, _, value = line.partition(":")
                key = key.strip()
                if key == "model name":
                    return value.strip()
                if key == "CPU part":
                    part = value.strip()
    except OSError:
        return None
    return ARM_CORES.get(part, part and "ARM part " + part)
