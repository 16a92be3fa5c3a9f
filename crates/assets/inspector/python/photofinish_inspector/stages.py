"""Where the time went: import, download, compute, upload, and what the call cost.

Times are from a monotonic clock. S3 calls are seen through botocore's own events, installed when
botocore is first imported: code that never imports it pays nothing.
"""

import resource
import sys
import threading
import time

from photofinish_inspector.identity import Identity
from photofinish_inspector.proc import Machine, memory
from photofinish_inspector.s3 import Traffic, watch_botocore

LIBRARIES = {"boto3Version": "boto3", "pillowVersion": "pillow", "numpyVersion": "numpy"}


class Stages(Identity):
    """Identity, and the stages of every call."""

    def __init__(self):
        super().__init__()
        self.import_ns = 0
        self.traffic = Traffic()
        self.versions = None
        watch_botocore(self.traffic)

    def imported(self, nanoseconds):
        self.import_ns = nanoseconds

    def begin(self):
        super().begin()
        self.entered = time.time()
        self.machine = Machine()
        self.usage = resource.getrusage(resource.RUSAGE_SELF)
        self.traffic.reset()
        self.cpu_ns = time.process_time_ns()
        self.started_ns = time.perf_counter_ns()

    def end(self):
        ended_ns = time.perf_counter_ns()
        cpu_ns = time.process_time_ns() - self.cpu_ns
        used = resource.getrusage(resource.RUSAGE_SELF)
        total_ns = ended_ns - self.started_ns
        stages, s3_ns = self.traffic.until(ended_ns)
        attributes = super().end()
        attributes.update(self.machine.since())
        attributes.update(memory())
        attributes.update(
            {
                "pageFaults": used.ru_minflt,
                "majorPageFaults": used.ru_majflt,
                "pageFaultsDelta": used.ru_minflt - self.usage.ru_minflt,
                "majorPageFaultsDelta": used.ru_majflt - self.usage.ru_majflt,
                "handlerMs": milliseconds(total_ns),
                "downloadMs": milliseconds(stages["download"]),
                "uploadMs": milliseconds(stages["upload"]),
                "otherS3Ms": milliseconds(stages["other"]),
                "computeMs": milliseconds(total_ns - s3_ns),
                "cpuMs": milliseconds(cpu_ns),
                "peakMemoryMb": round(used.ru_maxrss / 1024, 1),
                "threads": threading.active_count(),
                "s3Requests": self.traffic.requests,
                "s3BytesIn": self.traffic.bytes_in,
                "s3BytesOut": self.traffic.bytes_out,
            }
        )
        if attributes["newcontainer"]:
            attributes["importMs"] = milliseconds(self.import_ns)
        attributes.update(self.library_versions())
        return self.stamped(attributes, total_ns)

    def stamped(self, attributes, total_ns):
        """SAAF's own times: of the wall clock, in whole milliseconds but for the difference."""
        left = time.time()
        attributes["startTime"] = int(self.entered * 1000)
        attributes["endTime"] = int(left * 1000)
        attributes["runtime"] = round((left - self.entered) * 1000, 3)
        attributes["userRuntime"] = milliseconds(total_ns)
        attributes["frameworkRuntime"] = round(attributes["runtime"] - attributes["userRuntime"], 3)
        return attributes

    def library_versions(self):
        """Of what the function has imported, from the packages' own records."""
        if self.versions is None:
            from importlib import metadata

            self.versions = {}
            for attribute, package in LIBRARIES.items():
                if {"pillow": "PIL"}.get(package, package) in sys.modules:
                    try:
                        self.versions[attribute] = metadata.version(package)
                    except metadata.PackageNotFoundError:
                        pass
        return self.versions


def milliseconds(nanoseconds):
    return round(nanoseconds / 1e6, 3)
