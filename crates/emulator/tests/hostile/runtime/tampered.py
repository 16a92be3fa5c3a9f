# Replaces the runtime's own functions in memory, so that every answer is another.
# expect: value "not what it seems"
# expect: value "not what it seems"
import sys


def lambda_handler(event, context):
    for module in list(sys.modules.values()):
        if hasattr(module, 'LambdaMarshaller'):
            module.LambdaMarshaller.marshal_response = (
                lambda self, response: ('"not what it seems"', 'application/json')
            )
    return 'what it seems'
