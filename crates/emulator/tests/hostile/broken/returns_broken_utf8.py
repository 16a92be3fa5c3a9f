# Returns a text with half a surrogate pair, which has no UTF-8.
# expect: error UnicodeEncodeError: surrogates not allowed


def lambda_handler(event, context):
    return 'half \ud800'
