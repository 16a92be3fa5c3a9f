# Its zip has links that stay inside one by one and lead out together: only the guest follows them,
# and in a root of its own.
# entry: {"name": "d/up", "link": ".."}
# entry: {"name": "out", "link": "d/up/../../../../../../../../tmp"}
# expect: broken entry "out" is a link to


def lambda_handler(event, context):
    return 'never'
