"""Starts AWS's runtime interface client the way Lambda's own Python runtime does.

The module path is Lambda's: the function, then its layers, then what the runtime ships.
"""

import os
import sys


def module_path(task_root):
    version = "{}.{}".format(*sys.version_info)
    first = [
        task_root,
        "/opt/python/lib/python{}/site-packages".format(version),
        "/opt/python",
        os.environ.get("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ]
    return first + [entry for entry in sys.path if entry not in first]


def main():
    handler = sys.argv[1] if len(sys.argv) > 1 else os.environ["_HANDLER"]
    sys.path[:] = module_path(os.environ.get("LAMBDA_TASK_ROOT", "/var/task"))
    from awslambdaric.__main__ import main as serve

    serve([sys.argv[0], handler])


if __name__ == "__main__":
    main()
