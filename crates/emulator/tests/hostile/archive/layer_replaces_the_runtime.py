# Its layer has modules with the names of the runtime's: they take the runtime's place in its own
# sandbox, and harm nobody else's.
# layer: {"name": "python/awslambdaric/__init__.py", "text": "raise SystemExit(4)"}
# expect: error Runtime.ExitError: Runtime exited with error: exit status 4


def lambda_handler(event, context):
    return 'never'
