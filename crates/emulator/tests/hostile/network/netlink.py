# Speaks to the kernel over netlink: only what programs need to list their own interfaces is there.
# expect: value {"route": "done", "others": ["EPERM"], "interface": "EPERM"}
import socket
import struct

from attempts import tried


def make_interface():
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
        name = struct.pack('HH8s', 12, 3, b'dummy9\0\0')
        kind = struct.pack('HHHH8s', 16, 18, 12, 1, b'dummy\0\0\0')
        body = struct.pack('BxHiII', 0, 0, 0, 0, 0) + name + kind
        route.send(struct.pack('IHHII', 16 + len(body), 16, 0x605, 1, 0) + body)
        error = struct.unpack_from('i', route.recv(4096), 16)[0]
        if error:
            raise OSError(-error, 'refused')


def lambda_handler(event, context):
    def opened(protocol):
        return tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol).close())
    return {
        'route': opened(0),
        'others': sorted({opened(protocol) for protocol in range(1, 23)}),
        'interface': tried(make_interface),
    }
