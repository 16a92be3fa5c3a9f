# Its zip has a link and a file of the same name, one of which would be written through the other.
# entry: {"name": "sam1", "link": "lambda_function.py", "really": "same"}
# entry: {"name": "sam2", "text": "written through", "really": "same"}
# expect: value "not written through"


def lambda_handler(event, context):
    return 'not written through'
