# Looks for /sys, for control groups to leave, and for the sockets of the host's services.
# expect: value ["ENOENT", "ENOENT", "ENOENT", "ENOENT", "ENOENT"]
import os

from attempts import tried


def lambda_handler(event, context):
    places = ['/sys', '/sys/fs/cgroup', '/run/docker.sock', '/run/systemd', '/dev/shm']
    return [tried(os.stat, place) for place in places]
