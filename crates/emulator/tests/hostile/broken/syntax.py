# Is no Python.
# expect: error Runtime.UserCodeSyntaxError: Syntax error in module 'lambda_function'
def lambda_handler(event, context:
    return 'never'
