# Looks for descriptors that were handed down by mistake.
# expect: value [["/dev/null", "pipe"], []]
import os


def lambda_handler(event, context):
    kinds, others = [], []
    for number in range(1024):
        try:
            place = os.readlink(f'/proc/self/fd/{number}')
        except OSError:
            continue
        if number == 0:
            kinds.append(place)
        elif number < 3:
            kinds += ['pipe'] if place.startswith('pipe:') and number == 1 else []
        # The runtime's own connection and what it has open.
        elif not place.startswith(('socket:', 'anon_inode:', '/var/', '/dev/urandom', 'pipe:')):
            others.append(place)
    return [kinds, others]
