# Returns a text with half a surrogate pair, which has no UTF-8: its runtime ends over that.
# expect: error Runtime.ExitError: Runtime exited with error: exit status 1


def lambda_handler(event, context):
    return 'half \ud800'
