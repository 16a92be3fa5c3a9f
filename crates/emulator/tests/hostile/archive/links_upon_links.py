# Its zip has a link that goes through the one before: by their texts both stay inside, together
# they lead out. Only the guest follows them, in a root of its own.
# entry: {"name": "a/one", "link": ".."}
# entry: {"name": "two", "link": "a/one/.."}
# expect: value ["/var", "ENOENT"]
import os

from attempts import tried


def lambda_handler(event, context):
    secret = '/var/task/two/..' + event['host']['secret']
    return [os.path.realpath('/var/task/two'), tried(open, secret)]
