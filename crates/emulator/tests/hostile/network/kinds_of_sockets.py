# Opens sockets that see other machines' packets, reach past the network namespace, or are doors to
# rarely used parts of the kernel.
# expect: value {"raw": "EPERM", "raw six": "EPERM", "packet": "EAFNOSUPPORT", "vsock": "EAFNOSUPPORT", "alg": "EAFNOSUPPORT", "bluetooth": "EAFNOSUPPORT", "can": "EAFNOSUPPORT", "xdp": "EAFNOSUPPORT", "tipc": "EAFNOSUPPORT", "key": "EAFNOSUPPORT", "mctp": "EAFNOSUPPORT"}
import socket

from attempts import tried


def lambda_handler(event, context):
    kinds = {
        'raw': (socket.AF_INET, socket.SOCK_RAW, 1),
        'raw six': (socket.AF_INET6, socket.SOCK_RAW, 58),
        'packet': (17, socket.SOCK_RAW, 0x0300),
        'vsock': (40, socket.SOCK_STREAM, 0),
        'alg': (38, socket.SOCK_SEQPACKET, 0),
        'bluetooth': (31, socket.SOCK_RAW, 1),
        'can': (29, socket.SOCK_RAW, 1),
        'xdp': (44, socket.SOCK_RAW, 0),
        'tipc': (30, socket.SOCK_RDM, 0),
        'key': (15, socket.SOCK_RAW, 2),
        'mctp': (45, socket.SOCK_DGRAM, 0),
    }
    return {name: tried(lambda: socket.socket(*kind).close()) for name, kind in kinds.items()}
