# Ends while it is imported.
# expect: error Runtime.ExitError: Runtime exited with error: exit status 7
import os

os._exit(7)
