# Its zip has a link whose text goes in and then out.
# entry: {"name": "d/up", "link": ".."}
# entry: {"name": "out", "link": "d/up/../../../../../../../../tmp"}
# expect: broken entry "out" is a link to


def lambda_handler(event, context):
    return 'never'
