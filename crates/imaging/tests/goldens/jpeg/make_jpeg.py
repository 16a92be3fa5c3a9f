"""Makes the JPEGs beside it and what other people's code decodes them to: Pillow 13.0.0 and
OpenCV 5.0 (both with libjpeg-turbo), Python 3.11.

    python make_jpeg.py ../../../../assets/applications/image-pipeline/inputs/coffee.jpg

The picture is a cut of coffee.jpg (Rachel Michetti, CC0). Of each NAME.jpg, NAME-rgb.png has the
red, green and blue levels beside each other as a grey picture three times as wide, and
NAME-luma.png has the luma plane.
"""
import io
import sys
from pathlib import Path

import cv2
import numpy
from PIL import Image, ImageCms

HERE = Path(__file__).parent
CUT = Image.open(sys.argv[1]).convert("RGB").crop((200, 120, 267, 165))


def expected(name):
    """What Pillow makes of a file."""
    path = HERE / f"{name}.jpg"
    pixels = numpy.asarray(Image.open(path).convert("RGB"))
    height, width, _ = pixels.shape
    wide = Image.fromarray(pixels.reshape(height, 3 * width))
    wide.save(HERE / f"{name}-rgb.png", optimize=True)
    luma = Image.open(path)
    luma.draft("L", luma.size)
    luma.convert("L").save(HERE / f"{name}-luma.png", optimize=True)


def opencv(name, sampling, **more):
    parameters = [cv2.IMWRITE_JPEG_QUALITY, 85, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    for key, value in more.items():
        parameters += [getattr(cv2, f"IMWRITE_JPEG_{key.upper()}"), value]
    cv2.imwrite(str(HERE / f"{name}.jpg"), numpy.asarray(CUT)[..., ::-1], parameters)
    expected(name)


def pillow(name, picture=CUT, **options):
    picture.save(HERE / f"{name}.jpg", quality=85, **options)
    expected(name)


def segments(file):
    """The segments before the first scan's data, and that data up to the end marker."""
    at, found = 2, {}
    while True:
        marker, length = file[at + 1], int.from_bytes(file[at + 2 : at + 4])
        found.setdefault(marker, b"")
        found[marker] += file[at : at + 2 + length]
        at += 2 + length
        if marker == 0xDA:
            return found, file[at:-2]


def apart(name):
    """Each component in a scan of its own."""
    scans = b""
    for number, plane in enumerate(CUT.convert("YCbCr").split(), start=1):
        file = io.BytesIO()
        plane.save(file, "JPEG", quality=85)
        parts, data = segments(file.getvalue())
        scans += bytes([0xFF, 0xDA, 0, 8, 1, number, 0, 0, 63, 0]) + data
    width, height = CUT.size
    frame = b"\xff\xc0\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x03"
    frame += b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    file = b"\xff\xd8" + parts[0xE0] + parts[0xDB] + frame + parts[0xC4] + scans + b"\xff\xd9"
    (HERE / f"{name}.jpg").write_bytes(file)
    expected(name)


opencv("wide-411", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411)
opencv("high-440", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440)
opencv("high-440-progressive", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440, progressive=1)
opencv("restarts-422", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422, rst_interval=2)
pillow("rgb", keep_rgb=True)
pillow("profile-420", subsampling=2, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
pillow("progressive-420", subsampling=2, progressive=True)
pillow("pixel-444", CUT.crop((0, 0, 1, 1)), subsampling=0)
pillow("sliver-420", CUT.crop((0, 0, 3, 21)), subsampling=2)
apart("apart-444")
