# Its layer has an entry whose name leads into another layer's folder.
# layer: {"name": "../../other/1/content/python/x.py", "text": "x"}
# expect: refused InvalidParameterValueException: would be outside


def lambda_handler(event, context):
    return 'never'
