# Starts a daemon in a session of its own, and then hangs.
# expect: error Sandbox.Timedout: Task timed out after 1.00 seconds
# with: {"Timeout": 1}
import subprocess
import sys
import time


def lambda_handler(event, context):
    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)
    time.sleep(600)
