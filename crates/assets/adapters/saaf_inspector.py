"""Stands where SAAF's Inspector would, if the code does not bring it: it keeps what it is given and
measures nothing, so that what is timed is the function. Written into the package by photofinish.
"""


class Inspector:
    def __init__(self):
        self._attributes = {}

    def addAttribute(self, key, value):
        self._attributes[key] = value

    def getAttribute(self, key):
        return self._attributes.get(key)

    def addTimeStamp(self, key, timeSinceLastKey=None):
        pass

    def finish(self):
        return dict(self._attributes)

    def __getattr__(self, name):
        if name.startswith("inspect"):
            return lambda *_, **__: None
        raise AttributeError(name)
