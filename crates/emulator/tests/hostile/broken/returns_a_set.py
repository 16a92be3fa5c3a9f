# Returns what JSON cannot hold.
# expect: error Runtime.MarshalError: Unable to marshal response: Object of type set is not JSON serializable


def lambda_handler(event, context):
    return {1, 2, 3}
