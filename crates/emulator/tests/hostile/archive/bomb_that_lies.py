# Its zip says that an entry is small, and unpacks to more than Lambda allows.
# entry: {"name": "zeros", "zeros": 270000000, "stated": 1000}
# expect: broken zeros


def lambda_handler(event, context):
    return 'never'
