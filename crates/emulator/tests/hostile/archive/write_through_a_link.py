# Its zip has a link to a folder and then files that go through that link.
# entry: {"name": "door", "link": "."}
# entry: {"name": "door/../../escaped", "text": "x"}
# expect: refused InvalidParameterValueException: would be outside


def lambda_handler(event, context):
    return 'never'
