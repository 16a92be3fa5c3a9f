# Ignores or blocks every signal that can be ignored or blocked, and goes on.
# expect: error Sandbox.Timedout: Task timed out after 1.00 seconds
# with: {"Timeout": 1}
import signal


def lambda_handler(event, context):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass
