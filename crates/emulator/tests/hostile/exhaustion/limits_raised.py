# Asks for more than it was given: limits, priority, real-time turns, the kernel's mercy.
# expect: value {"limits": ["refused", "refused", "refused", "refused"], "nice": "EACCES", "turns": "EPERM", "mercy": "EROFS", "core": [1, 1]}
import os
import resource

from attempts import tried


def raised(limit):
    try:
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except ValueError:
        return 'refused'
    return 'done'


def mercy():
    with open('/proc/self/oom_score_adj', 'w') as file:
        file.write('-1000')


def lambda_handler(event, context):
    limits = [resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NOFILE]
    return {
        'limits': [raised(limit) for limit in limits],
        'nice': tried(os.setpriority, os.PRIO_PROCESS, 0, -20),
        'turns': tried(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(50)),
        'mercy': tried(mercy),
        'core': resource.getrlimit(resource.RLIMIT_CORE),
    }
