# Its zip has an entry whose name leads up and out.
# entry: {"name": "../../../escaped", "text": "x"}
# expect: refused InvalidParameterValueException: "../../../escaped" would be outside


def lambda_handler(event, context):
    return 'never'
