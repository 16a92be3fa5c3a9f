"""Makes the golden files beside it with other people's code: Pillow 13.0.0 (libjpeg-turbo), Python 3.11.

    python make.py ../../../assets/applications/image-pipeline/inputs/coffee.jpg

The picture is a cut of coffee.jpg (Rachel Michetti, CC0).
"""
import io
import struct
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageOps

HERE = Path(__file__).parent
CUT = Image.open(sys.argv[1]).convert("RGB").crop((200, 120, 293, 189))


def colour(name, **options):
    """A JPEG of the cut, and what Pillow takes for its luma."""
    path = HERE / f"{name}.jpg"
    CUT.save(path, quality=90, **options)
    upright = ImageOps.exif_transpose(Image.open(path))
    upright.convert("L").save(HERE / f"{name}.png", optimize=True)


def orientations():
    """Eight ways to hold the camera; upright they are all the same picture."""
    small = CUT.resize((31, 22))
    small.convert("L").save(HERE / "upright.png", optimize=True)
    for tag in range(1, 9):
        # What ImageOps.exif_transpose undoes.
        turn = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }.get(tag)
        stored = small.transpose(turn) if turn is not None else small
        exif = Image.Exif()
        exif[0x0112] = tag
        path = HERE / f"orientation-{tag}.jpg"
        stored.save(path, quality=98, subsampling=0, exif=exif)
        back = ImageOps.exif_transpose(Image.open(path))
        assert back.size == small.size, tag


def resized():
    """The grey cut in floating point at another size: level v is stored as (v + 64) * 128."""
    grey = CUT.convert("L")
    grey.save(HERE / "grey.jpg", quality=95)
    decoded = Image.open(HERE / "grey.jpg")
    decoded.save(HERE / "grey.png", optimize=True)
    for name in ["LANCZOS", "BICUBIC", "BILINEAR", "BOX"]:
        for size in [(41, 31), (62, 46), (120, 100)]:
            scaled = decoded.convert("F").resize(size, getattr(Image.Resampling, name))
            stored = scaled.point(lambda level: level * 128 + (64 * 128 + 0.5))
            path = HERE / f"{name.lower()}-{size[0]}x{size[1]}.png"
            stored.convert("I").convert("I;16").save(path, optimize=True)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def codes():
    """All 1,024 codes, plainly and in the seven passes of Adam7, and their 8-bit levels."""
    side = 32
    picture = [[(x * 37 + y * 32 * 37) % 1024 for x in range(side)] for y in range(side)]
    header = lambda interlace: struct.pack(">IIBBBBB", side, side, 16, 0, 0, 0, interlace)
    row = lambda samples: b"\0" + b"".join(struct.pack(">H", sample) for sample in samples)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    plain = b"".join(row(samples) for samples in picture)
    woven = b"".join(
        row(picture[y][left::across])
        for left, top, across, down in passes
        for y in range(top, side, down)
    )
    for name, interlace, data in [("codes", 0, plain), ("codes-interlaced", 1, woven)]:
        file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header(interlace)) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")
        (HERE / f"{name}.png").write_bytes(file)
        read = Image.open(io.BytesIO(file))
        assert [read.getpixel((x, y)) for y in range(side) for x in range(side)] == sum(picture, []), name
    levels = bytes(int(sample * 255 / 1023 + 0.5) for samples in picture for sample in samples)
    eight = Image.frombytes("L", (side, side), levels)
    eight.save(HERE / "codes-8.png", optimize=True)
    eight.transpose(Image.Transpose.ROTATE_270).save(HERE / "codes-8-clockwise.png", optimize=True)


for factor, name in enumerate(["444", "422", "420"]):
    colour(f"baseline-{name}", subsampling=factor)
    colour(f"progressive-{name}", subsampling=factor, progressive=True)
colour("restarts-420", subsampling=2, restart_marker_blocks=3)
colour("optimised-420", subsampling=2, optimize=True)
orientations()
resized()
codes()
CUT.convert("CMYK").save(HERE / "cmyk.jpg")
