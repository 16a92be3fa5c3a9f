"""Makes the PNGs beside it with other people's code: Pillow 13.0.0, OpenCV 5.0.0, Python 3.11.

    python make_png.py

The levels are formulas, so that the tests need no second file: at column x of row y,
eight(x, y) = (x * 7 + y * 29) % 256 and ten(x, y) = (x * 37 + y * 101) % 1024.
Interlaced files are made by hand, row by row of the seven passes, and read back by Pillow and OpenCV.
"""
import struct
import zlib
from pathlib import Path

import cv2
import numpy
from PIL import Image

HERE = Path(__file__).parent
eight = lambda x, y: (x * 7 + y * 29) % 256
ten = lambda x, y: (x * 37 + y * 101) % 1024


def levels(width, height, level, kind):
    return numpy.array([[level(x, y) for x in range(width)] for y in range(height)], dtype=kind)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(rows, size):
    """The five filters in turn, so that each of them is there."""
    before = bytes(len(rows[0]))
    out = b""
    for number, row in enumerate(rows):
        kind = number % 5
        coded = bytearray()
        for at, byte in enumerate(row):
            left = row[at - size] if at >= size else 0
            above = before[at]
            corner = before[at - size] if at >= size else 0
            guess = left + above - corner
            nearest = min((left, above, corner), key=lambda near: abs(guess - near))
            coded.append((byte - (0, left, above, (left + above) // 2, nearest)[kind]) % 256)
        out += bytes([kind]) + bytes(coded)
        before = row
    return out


def interlaced(name, width, height, bits):
    level, code = (ten, ">H") if bits == 16 else (eight, "B")
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    data = b""
    for left, top, across, down in passes:
        rows = [
            b"".join(struct.pack(code, level(x, y)) for x in range(left, width, across))
            for y in range(top, height, down)
        ]
        if rows and rows[0]:
            data += filtered(rows, bits // 8)
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 1)
    path = HERE / f"{name}.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")
    )
    expected = levels(width, height, level, numpy.uint16 if bits == 16 else numpy.uint8)
    assert (numpy.asarray(Image.open(path)) == expected).all(), name
    assert (cv2.imread(str(path), cv2.IMREAD_UNCHANGED) == expected).all(), name


for width, height in [(33, 19), (3, 2), (1, 1)]:
    interlaced(f"interlaced-8-{width}x{height}", width, height, 8)
    interlaced(f"interlaced-16-{width}x{height}", width, height, 16)
    Image.fromarray(levels(width, height, eight, numpy.uint8)).save(HERE / f"pillow-8-{width}x{height}.png")
    Image.fromarray(levels(width, height, ten, numpy.uint16)).save(HERE / f"pillow-16-{width}x{height}.png")
    cv2.imwrite(str(HERE / f"opencv-8-{width}x{height}.png"), levels(width, height, eight, numpy.uint8))
    cv2.imwrite(str(HERE / f"opencv-16-{width}x{height}.png"), levels(width, height, ten, numpy.uint16))
frames = [Image.fromarray(levels(16, 8, lambda x, y: (eight(x, y) + shift) % 256, numpy.uint8)) for shift in (0, 50)]
frames[0].save(HERE / "animated.png", save_all=True, append_images=frames[1:], duration=100)
