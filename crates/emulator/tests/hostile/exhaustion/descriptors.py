# Opens files until it has no more descriptors, then asks for a higher limit.
# expect: value {"error": "EMFILE", "limit": [1024, 1024], "more": "refused"}
import os
import resource

from attempts import name_of


def lambda_handler(event, context):
    kept, told = [], {'limit': resource.getrlimit(resource.RLIMIT_NOFILE)}
    try:
        while True:
            kept.append(os.open('/dev/null', os.O_RDONLY))
    except OSError as error:
        told['error'] = name_of(error.errno)
    for file in kept:
        os.close(file)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1_000_000, 1_000_000))
    except ValueError:
        told['more'] = 'refused'
    return told
