# Its zip has a link that leads out step by step.
# entry: {"name": "a/b/link", "link": "../../../x"}
# expect: broken entry "a/b/link" is a link to "../../../x"


def lambda_handler(event, context):
    return 'never'
