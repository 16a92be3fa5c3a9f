# Asks for the next event before it has answered this one, and says that its init has failed.
# expect: value [[403, "InvalidStateTransition"], [403, "InvalidStateTransition"]]
import json

from attempts import runtime_api


def lambda_handler(event, context):
    told = [runtime_api('GET', 'invocation/next'), runtime_api('POST', 'init/error', b'{}')]
    return [[status, json.loads(answer)['errorType']] for status, answer in told]
