# Has a handler without parameters.
# expect: error TypeError: takes 0 positional arguments but 2 were given


def lambda_handler():
    return 'never'
