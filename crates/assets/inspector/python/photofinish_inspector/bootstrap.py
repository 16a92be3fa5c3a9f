"""Finds the real handler and calls it.

The name of this file matters: the runtime's client leaves the frames of files of this name out
of the beginning of a stack trace, so a function's errors look as they do without an inspector.
For the same reason the real module is imported only when the client asks for `handler`: that
happens while it handles errors of initialisation, and its own words are used for them.
"""

import os
import time


def __getattr__(name):
    if name != "handler":
        raise AttributeError("module 'photofinish_inspector' has no attribute {!r}".format(name))
    watch = watch_for(os.environ.get("PHOTOFINISH_INSPECTOR") or "identity")
    started = time.perf_counter_ns()
    try:
        real = find_handler(os.environ["PHOTOFINISH_HANDLER"])
    except AttributeError as error:
        # The client would take it for a missing handler: it goes on under the same name, but as
        # a class that is not an AttributeError.
        disguised = type("AttributeError", (Exception,), {"__module__": "builtins"})
        raise disguised(str(error)).with_traceback(error.__traceback__) from None
    watch.imported(time.perf_counter_ns() - started)
    handler = wrapped(real, watch)
    globals()["handler"] = handler
    return handler


def watch_for(mode):
    if mode == "identity":
        from photofinish_inspector.identity import Identity

        return Identity()
    if mode == "stages":
        from photofinish_inspector.stages import Stages

        return Stages()
    raise ValueError("PHOTOFINISH_INSPECTOR is {!r}; it must be identity or stages".format(mode))


def find_handler(name):
    """As the runtime's client finds it, with the errors that it raises."""
    try:
        from awslambdaric.bootstrap import _get_handler
    except ImportError:
        # A runtime with another client: the handler is found all the same, with Python's errors.
        from importlib import import_module

        module, _, function = name.rpartition(".")
        return getattr(import_module(module.replace("/", ".")), function)
    return _get_handler(name)


def wrapped(real, watch):
    def handler(event, context):
        watch.begin()
        value = real(event, context)
        attributes = watch.end()
        attributes["requestId"] = getattr(context, "aws_request_id", None)
        # The client sends bytes as they are, and anything else as JSON, envelope and all.
        return value if isinstance(value, bytes) else {"photofinish": attributes, "value": value}

    return handler
