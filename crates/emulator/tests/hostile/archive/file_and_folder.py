# Its zip has a file and a folder of the same name.
# entry: {"name": "same", "text": "a file"}
# entry: {"name": "same/below", "text": "in a folder"}
# expect: broken same/below


def lambda_handler(event, context):
    return 'never'
