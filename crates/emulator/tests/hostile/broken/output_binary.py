# Prints what is no text: zeros, controls, broken UTF-8, the escape codes of terminals.
# expect: value "printed"
# log: the end
import sys


def lambda_handler(event, context):
    sys.stdout.buffer.write(bytes(range(256)) * 4 + b'\xff\xfe\xed\xa0\x80\x1b[2J\x1b]0;title\x07\r the end\n')
    sys.stdout.flush()
    return 'printed'
