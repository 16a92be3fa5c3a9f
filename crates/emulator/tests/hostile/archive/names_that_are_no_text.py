# Its zip has names with newlines, the escape codes of terminals and very many folders.
# entry: {"name": "a\nb\u001b[2J", "text": "x"}
# entry: {"name": "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/x", "text": "x"}
# expect: value "unharmed"


def lambda_handler(event, context):
    return 'unharmed'
