# Its zip has a hundred thousand files.
# entry: {"name": "many/{}", "text": "", "times": 100000}
# expect: refused InvalidParameterValueException: more than 100000 entries


def lambda_handler(event, context):
    return 'never'
