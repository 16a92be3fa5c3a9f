"""The traffic with S3, as botocore's events tell it.

A download ends when the body has been read, not when the headers came: the stream under a body
is wrapped, and the time in its reads counts. Of calls that overlap, the union counts, so that a
stage is never longer than the call.
"""

import sys
import threading
import time
from importlib.machinery import PathFinder

DOWNLOADS = {"GetObject"}
UPLOADS = {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}
STAGES = ("download", "upload", "other")
STARTED = "photofinish_started"


def stage_of(operation):
    if operation in DOWNLOADS:
        return "download"
    return "upload" if operation in UPLOADS else "other"


class Span:
    """The time in which at least one of a kind was under way."""

    def __init__(self):
        self.open = self.since = self.total = 0

    def enter(self, now):
        if self.open == 0:
            self.since = now
        self.open += 1

    def leave(self, now):
        # One that began before this call of the function began is none of its own.
        if self.open > 0:
            self.open -= 1
            if self.open == 0:
                self.total += now - self.since

    def until(self, now):
        return self.total + (now - self.since if self.open else 0)


class Traffic:
    """Times and counts of one call of a function."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        with self.lock:
            self.spans = {stage: Span() for stage in STAGES}
            self.any = Span()
            self.requests = self.bytes_in = self.bytes_out = 0

    def enter(self, stage):
        with self.lock:
            now = time.perf_counter_ns()
            self.spans[stage].enter(now)
            self.any.enter(now)

    def leave(self, stage):
        with self.lock:
            now = time.perf_counter_ns()
            self.spans[stage].leave(now)
            self.any.leave(now)

    def read(self, size):
        with self.lock:
            self.bytes_in += size

    def sent(self, size):
        with self.lock:
            self.requests += 1
            self.bytes_out += size

    def until(self, now):
        """Nanoseconds of each stage, and of all together."""
        with self.lock:
            return {stage: span.until(now) for stage, span in self.spans.items()}, self.any.until(now)


class TimedStream:
    """The stream under a body, with the time of its reads."""

    def __init__(self, stream, traffic):
        self._stream = stream
        self._traffic = traffic

    def read(self, *arguments, **options):
        return self._timed(self._stream.read, *arguments, **options)

    def readinto(self, buffer):
        return self._timed(self._stream.readinto, buffer)

    def _timed(self, method, *arguments, **options):
        self._traffic.enter("download")
        try:
            got = method(*arguments, **options)
        finally:
            self._traffic.leave("download")
        self._traffic.read(got if isinstance(got, int) else len(got))
        return got

    def __getattr__(self, name):
        return getattr(self._stream, name)


class Hooks:
    """Handlers for botocore's public events, one set for each session."""

    def __init__(self, traffic):
        self.traffic = traffic

    def register(self, session):
        session.register("before-call.s3", self.before_call)
        session.register("before-send.s3", self.before_send)
        session.register("after-call.s3", self.after_call)
        session.register("after-call-error.s3", self.after_error)

    def before_call(self, model, context, **_):
        context[STARTED] = stage_of(model.name)
        self.traffic.enter(context[STARTED])

    def before_send(self, request, **_):
        headers = request.headers
        size = headers.get("X-Amz-Decoded-Content-Length") or headers.get("Content-Length") or 0
        self.traffic.sent(int(size))

    def after_call(self, parsed, context, **_):
        self.after_error(context)
        body = parsed.get("Body")
        # The body may be of a class that checks a checksum as it is read: it stays as it is,
        # and only what it reads from is timed.
        if hasattr(body, "_raw_stream"):
            body._raw_stream = TimedStream(body._raw_stream, self.traffic)

    def after_error(self, context, **_):
        stage = context.pop(STARTED, None)
        if stage is not None:
            self.traffic.leave(stage)


def watch_botocore(traffic):
    """Hooks into every session that botocore makes, when it is imported, if ever."""
    hooks = Hooks(traffic)
    module = sys.modules.get("botocore.session")
    if module is not None:
        hook_sessions(module, hooks)
    else:
        sys.meta_path.insert(0, Finder(hooks))


def hook_sessions(module, hooks):
    original = module.Session.__init__

    def __init__(self, *arguments, **options):
        original(self, *arguments, **options)
        hooks.register(self)

    module.Session.__init__ = __init__


class Finder:
    """Waits for one module, and then is gone."""

    def __init__(self, hooks):
        self.hooks = hooks

    def find_spec(self, name, path=None, target=None):
        if name != "botocore.session":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                hook_sessions(module, self.hooks)

            spec.loader.exec_module = exec_module
        return spec
