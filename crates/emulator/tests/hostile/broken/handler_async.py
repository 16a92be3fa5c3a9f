# Has a handler that is a coroutine, which this runtime does not await.
# expect: error Runtime.MarshalError: Unable to marshal response: Object of type coroutine is not JSON serializable


async def lambda_handler(event, context):
    return 'never'
