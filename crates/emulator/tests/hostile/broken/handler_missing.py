# Has no handler.
# expect: error Runtime.HandlerNotFound: Handler 'lambda_handler' missing on module 'lambda_function'


def another_name(event, context):
    return 'never'
