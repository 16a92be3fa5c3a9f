# Returns a list that contains itself.
# expect: error Runtime.MarshalError: Unable to marshal response: Circular reference detected


def lambda_handler(event, context):
    loop = []
    loop.append(loop)
    return loop
