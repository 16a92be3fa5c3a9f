# Its zip has a link and a file of the same name, one of which would be written through the other.
# entry: {"name": "same", "link": "lambda_function.py"}
# entry: {"name": "same", "text": "written through"}
# expect: broken same


def lambda_handler(event, context):
    return 'never'
