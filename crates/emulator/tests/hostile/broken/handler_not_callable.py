# Has a handler that cannot be called.
# expect: error TypeError: 'str' object is not callable
lambda_handler = 'a text'
