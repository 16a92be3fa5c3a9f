# Leaves its root in the old way: a second chroot while standing outside of it.
# expect: value ["EPERM", "EPERM", "EPERM"]
import os

from attempts import syscall, tried


def lambda_handler(event, context):
    os.makedirs('/tmp/jail', exist_ok=True)
    here = os.open('/', os.O_RDONLY)
    told = [tried(os.chroot, '/tmp/jail'), syscall('chroot', b'/tmp'), syscall('pivot_root', b'.', b'.')]
    os.fchdir(here)
    for _ in range(100):
        os.chdir('..')
    assert os.listdir('.') == os.listdir('/')
    return told
