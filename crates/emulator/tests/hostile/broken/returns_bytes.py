# Returns bytes that are JSON, which its runtime passes on as they are.
# expect: value {"a": 1}


def lambda_handler(event, context):
    return b'{"a": 1}'
