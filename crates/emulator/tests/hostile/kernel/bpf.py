# Loads programs into the kernel, and watches it by its own counters.
# expect: value {"map": "EPERM", "load": "EPERM", "perf": "EPERM", "fanotify": "EPERM", "userfaultfd": "EPERM"}
from attempts import syscall


def lambda_handler(event, context):
    return {
        'map': syscall('bpf', 0, bytes(128), 128),
        'load': syscall('bpf', 5, bytes(128), 128),
        'perf': syscall('perf_event_open', bytes(128), 0, -1, -1, 0),
        'fanotify': syscall('fanotify_init', 0, 0),
        'userfaultfd': syscall('userfaultfd', 1),
    }
