"""Values against their shape: required members, lengths, ranges, patterns, enumerations, unions."""

import regex

# A few patterns of the models need ages for some values; those are not believed either way.
PATTERN_WITHIN = 2


def check(shape, value, at=""):
    """Everything that is wrong with a value, in words."""
    if value is None or shape is None:
        return
    kind, rules = shape.type_name, shape.metadata
    if kind == "structure":
        yield from _structure(shape, value, at)
    elif kind == "list":
        yield from _size(rules, len(value), "items", at)
        for n, one in enumerate(value):
            yield from check(shape.member, one, f"{at}[{n}]")
    elif kind == "map":
        yield from _size(rules, len(value), "entries", at)
        for key, one in value.items():
            yield from check(shape.key, key, f"{at} (key {key!r})")
            yield from check(shape.value, one, f"{at}[{key}]")
    elif kind == "string":
        yield from _string(rules, value, at)
    elif kind == "blob":
        yield from _size(rules, len(value), "bytes", at)
    elif kind in ("integer", "long", "float", "double"):
        yield from _size(rules, value, "as a number", at)


def _structure(shape, value, at):
    if not isinstance(value, dict):
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{at}.{name} is required".lstrip(".")
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield f"{at} is a union with {len(value)} members"
    for name, one in value.items():
        yield from check(shape.members.get(name), one, f"{at}.{name}".lstrip("."))


def _string(rules, value, at):
    if not isinstance(value, str):
        return
    yield from _size(rules, len(value), "characters", at)
    allowed, pattern = rules.get("enum"), rules.get("pattern")
    if allowed and value not in allowed:
        yield f"{at} is {value!r}, none of {', '.join(allowed[:8])}{'…' * (len(allowed) > 8)}"
    if pattern:
        try:
            fits = regex.fullmatch(pattern, value, timeout=PATTERN_WITHIN)
        except TimeoutError:
            return
        if fits is None:
            yield f"{at} is {value[:80]!r}, unlike {pattern}"


def _size(rules, size, what, at):
    if not isinstance(size, (int, float)):
        return
    least, most = rules.get("min"), rules.get("max")
    if least is not None and size < least:
        yield f"{at} has {size} {what}, fewer than {least}"
    if most is not None and size > most:
        yield f"{at} has {size} {what}, more than {most}"
