# Calls itself without end.
# expect: error RecursionError: maximum recursion depth exceeded


def lambda_handler(event, context):
    return lambda_handler(event, context)
