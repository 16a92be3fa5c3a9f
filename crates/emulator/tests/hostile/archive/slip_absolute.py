# Its zip has an entry with an absolute name.
# entry: {"name": "/tmp/escaped", "text": "x"}
# expect: refused InvalidParameterValueException: "/tmp/escaped" would be outside


def lambda_handler(event, context):
    return 'never'
