# Its zip has modules with the names of the runtime's own.
# entry: {"name": "awslambdaric/__init__.py", "text": "raise SystemExit(4)"}
# entry: {"name": "bootstrap.py", "text": "raise SystemExit(5)"}
# expect: value "still served"


def lambda_handler(event, context):
    return 'still served'
