"""What both adapters need: which kind of picture bytes are, and how large it is.

Written into the package by photofinish beside code that does not return what the contract asks for.
"""


def look(data):
    """Content type, width and height of a PNG or JPEG; none of anything else."""
    data = bytes(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png", int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if data[:2] == b"\xff\xd8":
        return "image/jpeg", *jpeg_size(data)
    return "application/octet-stream", 0, 0


def jpeg_size(data):
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return 0, 0
