"""Pillow, alone and with NumPy for what it has no function for."""

import io

import numpy
import PIL
from PIL import Image, features
from protocol import in_turn, serve

SIZE = (800, 600)
LANCZOS, BICUBIC, BOX = (
    Image.Resampling.LANCZOS,
    Image.Resampling.BICUBIC,
    Image.Resampling.BOX,
)


def opened(data, draft=None):
    """A picture of these bytes; with a draft, its luma alone, decoded no larger than need be."""
    picture = Image.open(io.BytesIO(data))
    if draft:
        picture.draft("L", draft)
    return picture


def jpeg(picture):
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=95)
    return made.getvalue()


def png(picture, level=1, **how):
    made = io.BytesIO()
    picture.save(made, "PNG", compress_level=level, **how)
    return made.getvalue()


def luma_alone(data):
    picture = Image.open(io.BytesIO(data))
    picture.draft("L", picture.size)
    return picture


def ten_bits(picture, kernel):
    """In Pillow alone: at float precision, then scaled."""
    floats = picture.convert("F").resize(SIZE, kernel)
    return floats.point(lambda value: value * (1023 / 255) + 0.5).convert("I").convert("I;16")


def ten_bits_by_numpy(picture, kernel):
    floats = numpy.asarray(picture.convert("F").resize(SIZE, kernel))
    codes = numpy.clip(floats * numpy.float32(1023 / 255) + numpy.float32(0.5), 0, 1023)
    return Image.fromarray(codes.astype(numpy.uint16))


def affine(data):
    picture = opened(data).point(lambda value: value * (255 / 1023) + 0.5)
    return png(picture.convert("L"))


# What zlib calls Z_RLE.
RLE = {"compress_type": 3}
TABLE = ((numpy.arange(65536).clip(0, 1023) * 255 + 511) // 1023).astype(numpy.uint8)


def table(data):
    return Image.fromarray(TABLE[numpy.asarray(opened(data))])


def turned(picture):
    return picture.transpose(Image.Transpose.ROTATE_270)


def twice(width_and_height):
    return tuple(2 * extent for extent in width_and_height)


WORKS = {
    "greyscale": {
        "plain": lambda data: jpeg(opened(data).convert("L")),
        "draft": lambda data: jpeg(luma_alone(data)),
    },
    "resize": {
        "plain": lambda data: png(ten_bits(opened(data), LANCZOS)),
        "bicubic, numpy": lambda data: png(ten_bits_by_numpy(opened(data), BICUBIC)),
        "draft, box, numpy": lambda data: png(ten_bits_by_numpy(opened(data, SIZE), BOX)),
        "draft, bicubic, numpy": lambda data: png(ten_bits_by_numpy(opened(data, SIZE), BICUBIC)),
        "draft of twice, bicubic, numpy": lambda data: png(
            ten_bits_by_numpy(opened(data, twice(SIZE)), BICUBIC)
        ),
    },
    "depth": {
        "affine point": affine,
        "numpy table": lambda data: png(table(data)),
        "numpy table, rle": lambda data: png(table(data), **RLE),
    },
    "rotate": {"plain": lambda data: jpeg(turned(opened(data)))},
    "convert": {
        "level 1": lambda data: png(opened(data)),
        "rle": lambda data: png(opened(data), **RLE),
        "default level": lambda data: png(opened(data), 6),
    },
    "five": {
        "plain": lambda data: png(turned(opened(data).convert("L").resize(SIZE, LANCZOS))),
        "draft": lambda data: png(turned(opened(data, SIZE).resize(SIZE, BICUBIC))),
        "draft, box": lambda data: png(turned(opened(data, SIZE).resize(SIZE, BOX))),
        "draft, box, rle": lambda data: png(
            turned(opened(data, SIZE).resize(SIZE, BOX)), **RLE
        ),
        "draft of twice": lambda data: png(
            turned(opened(data, twice(SIZE)).resize(SIZE, BICUBIC))
        ),
    },
}
WORKS["in turn"] = {
    "plain": in_turn(WORKS, ("plain", "plain", "affine point", "plain", "level 1")),
    "draft": in_turn(
        WORKS, ("draft", "draft, bicubic, numpy", "affine point", "plain", "level 1")
    ),
}

if __name__ == "__main__":
    turbo = features.version_feature("libjpeg_turbo")
    zlib = features.version_feature("zlib_ng") or features.version_codec("zlib")
    serve(f"Pillow {PIL.__version__} (libjpeg-turbo {turbo}, zlib {zlib})", WORKS)
