# Its zip is small and unpacks to more than Lambda allows.
# entry: {"name": "zeros", "zeros": 270000000}
# expect: refused InvalidParameterValueException: Unzipped size must be smaller than 262144000 bytes


def lambda_handler(event, context):
    return 'never'
