# Looks through /proc for the host, and writes to it where that would change the kernel's ways.
# expect: value {"others": 0, "kcore": true, "keys": "", "kallsyms": true, "cgroup": ["/"], "overcommit": "EROFS", "core_pattern": "EROFS", "hostname": "EROFS", "ids": "EROFS"}
import os

from attempts import tried


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def read(path):
    with open(path, 'rb') as file:
        return file.read(4096)


def lambda_handler(event, context):
    pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
    cgroups = {line.split(b':', 2)[2].decode() for line in read('/proc/self/cgroup').splitlines()}
    return {
        'others': len([pid for pid in pids if pid != os.getpid()]),
        'kcore': tried(read, '/proc/kcore') != 'done' or read('/proc/kcore') == b'',
        'keys': read('/proc/keys').decode() if os.path.exists('/proc/keys') else '',
        'kallsyms': not os.path.exists('/proc/kallsyms') or read('/proc/kallsyms') == b'',
        'cgroup': sorted(cgroups),
        'overcommit': tried(write, '/proc/sys/vm/overcommit_memory', '1'),
        'core_pattern': tried(write, '/proc/sys/kernel/core_pattern', '|/tmp/x'),
        'hostname': tried(write, '/proc/sys/kernel/hostname', 'x'),
        'ids': tried(write, '/proc/self/uid_map', '0 0 1'),
    }
