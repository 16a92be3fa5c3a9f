"""OpenCV, with NumPy for what it has no function for."""

import os

os.environ["OPENCV_LOG_LEVEL"] = "ERROR"

import cv2
import numpy
from protocol import in_turn, serve

cv2.setNumThreads(1)
SIZE = (800, 600)
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 95]
LEVEL_1 = [cv2.IMWRITE_PNG_COMPRESSION, 1]
# Settings that OpenCV's documentation offers for speed.
RLE = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
HUFFMAN = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY]
UP = [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
HALF, QUARTER = cv2.IMREAD_REDUCED_GRAYSCALE_2, cv2.IMREAD_REDUCED_GRAYSCALE_4


def opened(data, how=cv2.IMREAD_GRAYSCALE):
    return cv2.imdecode(numpy.frombuffer(data, numpy.uint8), how)


def encoded(ending, picture, settings):
    done, made = cv2.imencode(ending, picture, settings)
    assert done
    return made.tobytes()


def jpeg(picture):
    return encoded(".jpg", picture, QUALITY)


def png(picture, settings=LEVEL_1):
    return encoded(".png", picture, settings)


def by_colour(data):
    return jpeg(cv2.cvtColor(opened(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY))


def area_of_floats(picture):
    """At float precision."""
    small = cv2.resize(picture.astype(numpy.float32), SIZE, interpolation=cv2.INTER_AREA)
    return numpy.rint(small * numpy.float32(1023 / 255)).astype(numpy.uint16)


def area_of_words(picture):
    """Scaled to 10 bits before they are averaged, so that one rounding more is made."""
    words = picture.astype(numpy.uint16) << 6
    small = cv2.resize(words, SIZE, interpolation=cv2.INTER_AREA)
    return cv2.multiply(small, 1023 / (255 * 64), dtype=cv2.CV_16U)


def resized(how, scaled, settings=LEVEL_1):
    return lambda data: png(scaled(opened(data, how)), settings)


TABLE = ((numpy.arange(65536).clip(0, 1023) * 255 + 511) // 1023).astype(numpy.uint8)


def mapped(settings):
    return lambda data: png(
        cv2.convertScaleAbs(opened(data, cv2.IMREAD_UNCHANGED), alpha=255 / 1023), settings
    )


def five(how, settings=LEVEL_1):
    def run(data):
        small = cv2.resize(opened(data, how), SIZE, interpolation=cv2.INTER_AREA)
        return png(cv2.rotate(small, cv2.ROTATE_90_CLOCKWISE), settings)

    return run


PLAIN = cv2.IMREAD_GRAYSCALE
WORKS = {
    "greyscale": {
        "plain": lambda data: jpeg(opened(data)),
        "by colour": by_colour,
    },
    "resize": {
        "plain": resized(PLAIN, area_of_floats),
        "words": resized(PLAIN, area_of_words),
        "reduced 2": resized(HALF, area_of_floats),
        "reduced 2, words, rle": resized(HALF, area_of_words, RLE),
        "reduced 4": resized(QUARTER, area_of_floats),
        "reduced 4, words": resized(QUARTER, area_of_words),
        "reduced 4, words, rle": resized(QUARTER, area_of_words, RLE),
    },
    "depth": {
        "level 1": mapped(LEVEL_1),
        "rle": mapped(RLE),
        "huffman, up": mapped(HUFFMAN + UP),
        "table, level 1": lambda data: png(TABLE[opened(data, cv2.IMREAD_UNCHANGED)]),
    },
    "rotate": {
        "plain": lambda data: jpeg(
            cv2.rotate(opened(data, cv2.IMREAD_UNCHANGED), cv2.ROTATE_90_CLOCKWISE)
        ),
    },
    "convert": {
        "level 1": lambda data: png(opened(data, cv2.IMREAD_UNCHANGED)),
        "rle": lambda data: png(opened(data, cv2.IMREAD_UNCHANGED), RLE),
        "huffman, up": lambda data: png(opened(data, cv2.IMREAD_UNCHANGED), HUFFMAN + UP),
        "defaults": lambda data: png(opened(data, cv2.IMREAD_UNCHANGED), []),
    },
    "five": {
        "plain": five(PLAIN),
        "reduced 2": five(HALF),
        "reduced 2, rle": five(HALF, RLE),
        "reduced 4": five(QUARTER),
        "reduced 4, rle": five(QUARTER, RLE),
    },
}
WORKS["in turn"] = {
    "plain": in_turn(WORKS, ("plain", "plain", "level 1", "plain", "level 1")),
    "reduced, rle": in_turn(WORKS, ("plain", "reduced 4, words, rle", "rle", "plain", "rle")),
}

if __name__ == "__main__":
    serve(f"OpenCV {cv2.__version__}", WORKS)
