# Raises an error whose text cannot be made.
# expect: error Runtime.ExitError: Runtime exited
class Strange(Exception):
    def __str__(self):
        raise ValueError('no text')


def lambda_handler(event, context):
    raise Strange
