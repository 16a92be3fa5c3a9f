# Its zip has an entry whose name leads out where backslashes divide names.
# entry: {"name": "a\\..\\..\\escaped", "text": "x"}
# expect: refused InvalidParameterValueException: would be outside


def lambda_handler(event, context):
    return 'never'
