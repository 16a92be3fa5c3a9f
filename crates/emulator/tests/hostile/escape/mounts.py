# Mounts, unmounts and changes mounts, by the old calls and by the new ones.
# expect: value {"mount": "EPERM", "umount2": "EPERM", "remount": "EPERM", "pivot_root": "EPERM", "open_tree": "EPERM", "move_mount": "EPERM", "fsopen": "EPERM", "fsconfig": "EPERM", "fsmount": "EPERM", "fspick": "EPERM", "mount_setattr": "EPERM", "open_tree_attr": "EPERM"}
from attempts import syscall


def lambda_handler(event, context):
    remount, bind = 32, 4096
    return {
        'mount': syscall('mount', b'none', b'/tmp', b'tmpfs', 0, 0),
        'umount2': syscall('umount2', b'/var/task', 2),
        'remount': syscall('mount', 0, b'/var/task', 0, remount | bind, 0),
        'pivot_root': syscall('pivot_root', b'/tmp', b'/tmp'),
        'open_tree': syscall('open_tree', -100, b'/', 1),
        'move_mount': syscall('move_mount', -100, b'/tmp', -100, b'/var/task', 0),
        'fsopen': syscall('fsopen', b'tmpfs', 0),
        'fsconfig': syscall('fsconfig', 0, 6, 0, 0, 0),
        'fsmount': syscall('fsmount', 0, 0, 0),
        'fspick': syscall('fspick', -100, b'/', 0),
        'mount_setattr': syscall('mount_setattr', -100, b'/', 0, 0, 0),
        'open_tree_attr': syscall('open_tree_attr', -100, b'/', 1, 0, 0),
    }
