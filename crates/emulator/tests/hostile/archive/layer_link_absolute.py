# Its layer has a link to the host's root.
# layer: {"name": "python/root", "link": "/"}
# expect: refused InvalidParameterValueException: "python/root" is a link to "/", which is absolute


def lambda_handler(event, context):
    return 'never'
