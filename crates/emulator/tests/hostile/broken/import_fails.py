# Imports what is not there.
# expect: error Runtime.ImportModuleError: No module named 'not_there'
import not_there


def lambda_handler(event, context):
    return not_there
