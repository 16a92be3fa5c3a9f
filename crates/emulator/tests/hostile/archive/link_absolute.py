# Its zip has a link to a file of the host.
# entry: {"name": "link", "link": "/etc/passwd"}
# expect: broken entry "link" is a link to "/etc/passwd", which is absolute


def lambda_handler(event, context):
    return 'never'
