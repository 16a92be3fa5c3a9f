# Its zip has modules with the names of the runtime's own: they take the runtime's place in its own
# sandbox, and harm nobody else's.
# entry: {"name": "awslambdaric/__init__.py", "text": "raise SystemExit(4)"}
# entry: {"name": "bootstrap.py", "text": "raise SystemExit(5)"}
# expect: error Runtime.ExitError: Runtime exited with error: exit status 4


def lambda_handler(event, context):
    return 'never'
