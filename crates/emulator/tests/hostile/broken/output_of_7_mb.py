# Returns more than Lambda takes.
# expect: error Function.ResponseSizeTooLarge: exceeded maximum allowed payload size (6291556 bytes)


def lambda_handler(event, context):
    return 'x' * 7_000_000
