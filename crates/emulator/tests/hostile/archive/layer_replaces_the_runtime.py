# Its layer has modules with the names of the runtime's and of Python's own: they are the function's
# to use, and harm it alone.
# layer: {"name": "python/awslambdaric/__init__.py", "text": "raise SystemExit(4)"}
# layer: {"name": "python/json/__init__.py", "text": "raise SystemExit(5)"}
# expect: value "still served"


def lambda_handler(event, context):
    return 'still served'
