# Returns lists in lists, deeper than they can be written.
# expect: error Runtime.MarshalError: Unable to marshal response


def lambda_handler(event, context):
    deep = []
    for _ in range(1_000_000):
        deep = [deep]
    return deep
