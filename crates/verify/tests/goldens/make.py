#!/usr/bin/env python3
"""Makes the goldens that the judge is judged by: inputs, right outputs of three libraries, and
wrong ones whose names say what is wrong. Nothing here comes from the crates that are tested.

    make.py [FOLDER]        needs Pillow, OpenCV and numpy; versions.txt says which it had

FUNCTION/PICTURE/input.*, right-LIBRARY.*, wrong-WHAT.*. Pictures are small, and those of resize
flat but for edges, since its outputs are always 800x600 of 16 bits.
"""

import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import PIL
from PIL import Image, ImageFilter

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[3] / "tests/agreement"))
import libraries  # noqa: E402
import png  # noqa: E402
from generate import exif, jpeg, scene  # noqa: E402
from libraries import LIBRARIES, SIZE, cv_write, opened, saved  # noqa: E402

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
EXTENSION = {"image/jpeg": "jpg", "image/png": "png"}
GIVES = {"greyscale": "jpg", "resize": "png", "depth": "png", "rotate": "jpg", "convert": "png"}


def grey_jpeg(pixels, quality=95):
    return cv_write(".jpg", np.ascontiguousarray(pixels), cv2.IMWRITE_JPEG_QUALITY, quality)


def keep(function, picture, content, wrong):
    """The input, what each library makes of it, and what is wrong."""
    folder = FOLDER / function / picture
    folder.mkdir(parents=True)
    ending = "jpg" if content[:2] == b"\xff\xd8" else "png"
    (folder / f"input.{ending}").write_bytes(content)
    outputs = {f"right-{library}": make[function](content) for library, make in LIBRARIES.items()}
    outputs |= {f"wrong-{what}": output for what, output in wrong.items()}
    for name, output in outputs.items():
        (folder / f"{name}.{GIVES[function]}").write_bytes(squeezed(output))


def squeezed(content):
    """A 16-bit PNG as small as Pillow can make it: the pixels are what counts."""
    if content[:1] != b"\x89" or content[24] != 16 or len(content) < 10_000:
        return content
    return saved(opened(content), format="PNG", optimize=True)


# --- greyscale ------------------------------------------------------------------------------------


def saturated():
    """Six strong colours inside the gamut, with a little noise, 101x75."""
    colours = np.array([[210, 60, 40], [40, 190, 60], [50, 60, 200], [200, 190, 50],
                        [60, 180, 190], [190, 60, 180]], np.uint8)
    fields = colours[np.add.outer(np.arange(75) // 19, np.arange(101) // 17) % 6]
    return np.clip(fields.astype(int) + scene(3, 101, 75) // 16 - 8, 0, 255).astype(np.uint8)


def weighed(pixels, *weights):
    return np.floor(pixels @ np.array(weights) + 0.5).clip(0, 255).astype(np.uint8)


def greyscale():
    content = jpeg(saturated(), quality=93, subsampling=0)
    pixels = np.asarray(opened(content))
    right = libraries.numpy_luma(content)
    last_row_black = np.vstack([right[:-1], np.zeros_like(right[:1])])
    three = saved(Image.fromarray(np.dstack([right] * 3)), format="JPEG", quality=95)
    keep("greyscale", "saturated", content, {
        "bt709-weights": grey_jpeg(weighed(pixels, 0.2126, 0.7152, 0.0722)),
        "mean-of-channels": grey_jpeg(weighed(pixels, 1 / 3, 1 / 3, 1 / 3)),
        "red-and-blue-swapped": grey_jpeg(weighed(pixels, 0.114, 0.587, 0.299)),
        "green-alone": grey_jpeg(pixels[:, :, 1]),
        "largest-channel": grey_jpeg(pixels.max(axis=2)),
        "lightness": grey_jpeg((pixels.max(axis=2) // 2 + pixels.min(axis=2) // 2)),
        "inverted": grey_jpeg(255 - right),
        "posterised-to-5-bits": grey_jpeg(right & 0xF8),
        "brighter-by-4": grey_jpeg(right + np.minimum(4, 255 - right)),
        "blurred": saved(Image.fromarray(right).filter(ImageFilter.GaussianBlur(3)),
                         format="JPEG", quality=95),
        "shifted-by-3-pixels": grey_jpeg(np.roll(right, 3, axis=1)),
        "last-rows-black": grey_jpeg(np.vstack([right[:-8], np.zeros_like(right[:8])])),
        "mirrored": grey_jpeg(np.fliplr(right)),
        "half-size": grey_jpeg(cv2.resize(right, (50, 37), interpolation=cv2.INTER_AREA)),
        "one-row-short": grey_jpeg(right[:-1]),
        "left-in-colour": saved(opened(content), format="JPEG", quality=95),
        "three-equal-components": three,
        "png-under-a-jpegs-name": png.write(right),
        "cut-in-half": grey_jpeg(right)[:1500],
        "bytes-after-the-end": grey_jpeg(last_row_black * 0 + right) + b"more",
        "quality-10": grey_jpeg(right, 10),
    })
    held = jpeg(scene(5, 88, 66), quality=90, exif=exif(6))
    ignored = saved(opened(held).convert("L"), format="JPEG", quality=95)
    twice = grey_jpeg(np.rot90(libraries.numpy_luma(held), -1))
    tag = saved(Image.fromarray(libraries.numpy_luma(held)), format="JPEG", quality=95,
                exif=exif(6))
    keep("greyscale", "orientation-6", held, {
        "orientation-ignored": ignored, "turned-twice": twice, "tag-kept": tag,
        "turned-the-other-way": grey_jpeg(np.rot90(np.asarray(opened(ignored)), 1)),
    })
    mirrored = jpeg(scene(6, 71, 53), quality=90, exif=exif(7), progressive=True)
    keep("greyscale", "orientation-7-progressive", mirrored, {
        "orientation-ignored": saved(opened(mirrored).convert("L"), format="JPEG", quality=95),
    })
    already = jpeg(scene(8, 61, 45, 1), quality=90)
    keep("greyscale", "grey-already", already, {"empty": b"", "text": b"<html>no picture</html>"})
    keep("greyscale", "one-pixel", jpeg(scene(9, 1, 1), quality=95), {
        "two-pixels": grey_jpeg(np.zeros((1, 2), np.uint8)),
    })


# --- resize ---------------------------------------------------------------------------------------


def flat_shapes(width, height, shades):
    """Flat fields with slanted edges and fine bars: few bytes, and filters differ on it."""
    canvas = np.full((height, width), shades[0], np.uint8)
    for index in range(2):
        centre = (width * (2 * index + 1) // 4, height * 2 // 3)
        axes = (width // 9 + 7 * index, height // 11 + 3 * index)
        cv2.ellipse(canvas, centre, axes, 40 * index, 0, 360, shades[1 + index], -1)
    for index in range(12):
        left = 40 + index * 9
        cv2.line(canvas, (left, 30), (left + 9, 130), shades[3], 3)
    return canvas


def resize():
    for picture, size, shades in [
        ("shapes", (1877, 1103), (60, 200, 20, 235)),
        ("shapes-tall", (811, 1999), (230, 90, 180, 10)),
    ]:
        flat = Image.fromarray(flat_shapes(*size, shades))
        content = saved(flat, format="JPEG", quality=92, optimize=True)
        image = opened(content)
        grey = np.asarray(image)
        small = np.asarray(image.resize(SIZE, Image.Resampling.LANCZOS)).astype(np.uint16)
        code = np.asarray(opened(libraries.numpy_resize(content))).astype(np.uint16)

        def near(way):
            return (cv2.resize(grey, SIZE, interpolation=way).astype(np.uint16) * 1023 + 127) // 255

        wrong = {
            "nearest": near(cv2.INTER_NEAREST),
            "linear-without-antialiasing": near(cv2.INTER_LINEAR),
        }
        if picture == "shapes":
            middle = image.crop((203, 0, 203 + 1471, 1103)).resize(SIZE, Image.Resampling.BOX)
            one = code.copy()
            one[321, 123] = 1023 - one[321, 123]
            wrong |= {
                "8-bits-not-scaled": small,
                "shifted-up-by-6-bits": code << 6,
                "mirrored": np.fliplr(code),
                "cropped-to-the-new-shape": np.asarray(middle).astype(np.uint16) * 4,
                "one-wrong-pixel": one,
                "brighter-by-2": np.minimum(code + 8, 1023),
            }
        wrong = {what: png.write(samples.astype(np.uint16)) for what, samples in wrong.items()}
        if picture == "shapes":
            wrong["8-bit-carrier"] = png.write(small.astype(np.uint8), level=9)
            wrong["jpeg-under-a-pngs-name"] = grey_jpeg(small.astype(np.uint8), 60)
        keep("resize", picture, content, wrong)


# --- depth ----------------------------------------------------------------------------------------


def depth():
    every = np.arange(1024, dtype=np.uint16).reshape(32, 32)
    random = np.random.default_rng(4).permutation(every.ravel()).reshape(16, 64)
    for picture, codes, interlaced in [
        ("every-code", every, False),
        ("every-code-interlaced", random, True),
        ("overshoot", (every.astype(int) + 90).astype(np.uint16), False),
        ("smooth", (np.add.outer(2 * np.arange(45), np.arange(71)) * 6).astype(np.uint16), True),
    ]:
        content = png.write(codes, interlaced)
        levels = (np.minimum(codes.astype(int), 1023) * 255 + 511) // 1023
        dithered = np.minimum(levels + (np.indices(levels.shape).sum(axis=0) & 1), 255)
        wrong = {
            "clipped-at-255": np.minimum(codes, 255),
            "low-byte": codes & 255,
            "high-byte": codes >> 8,
            "halved-and-clipped": np.minimum(codes >> 1, 255),
            "divided-by-8": codes >> 3,
            "divided-by-16": codes >> 4,
            "bytes-swapped": codes.astype(np.uint16).byteswap() >> 8,
            "inverted": 255 - levels,
            "gamma": np.rint(255 * (np.minimum(codes, 1023) / 1023) ** 0.9),
            "video-range": 16 + levels * 219 // 255,
            "black": levels * 0,
        }
        # What shows only where every code stands, and what only where codes stand more than once.
        if picture.startswith("every-code"):
            wrong["128-levels"] = levels & 0xFE
        if picture == "smooth":
            wrong["dithered"] = dithered
        if picture == "overshoot":
            wrong["overshoot-wraps"] = np.rint(codes * (255 / 1023)).astype(int) % 256
        wrong = {what: png.write(np.asarray(made).astype(np.uint8)) for what, made in wrong.items()}
        right = Image.fromarray(levels.astype(np.uint8))
        wrong |= {
            "16-bit-carrier": png.write(levels.astype(np.uint16)),
            "input-passed-on": content,
            "jpeg-under-a-pngs-name": grey_jpeg(levels.astype(np.uint8)),
            "colour": saved(right.convert("RGB"), format="PNG"),
            "palette": saved(right.convert("P"), format="PNG"),
            "alpha": saved(right.convert("LA"), format="PNG"),
            "transparent-level": saved(right, format="PNG", transparency=0),
            "last-byte-missing": png.write(levels.astype(np.uint8))[:-1],
        }
        keep("depth", picture, content, wrong)


# --- rotate ---------------------------------------------------------------------------------------


def rotate():
    for picture, width, height, interlaced in [
        ("wide", 64, 48, False), ("tall-odd", 45, 71, True), ("square", 40, 40, False),
    ]:
        levels = scene(21 + width, width, height, 1, 2)[:, :, 0]
        content = png.write(levels, interlaced)
        right = np.rot90(levels, -1)
        wrong = {
            "counter-clockwise": np.rot90(levels, 1),
            "not-turned": levels,
            "upside-down": np.rot90(levels, 2),
            "transposed": levels.T,
            "mirrored": np.fliplr(right),
            "inverted": 255 - right,
            "stretched-not-turned": cv2.resize(levels, (height, width)),
            "brighter-by-4": right + np.minimum(4, 255 - right),
        }
        if picture != "square":
            inside = Image.fromarray(levels).rotate(-90)
            wrong["not-expanded"] = np.asarray(inside)
        wrong = {what: grey_jpeg(made) for what, made in wrong.items()}
        wrong |= {
            "quality-50": grey_jpeg(right, 50),
            "quality-75": grey_jpeg(right, 75),
            "colour": saved(Image.fromarray(right).convert("RGB"), format="JPEG", quality=95),
            "png-under-a-jpegs-name": png.write(np.ascontiguousarray(right)),
            "turned-by-a-tag": saved(Image.fromarray(levels), format="JPEG", quality=95,
                                     exif=exif(6)),
            "end-marker-missing": grey_jpeg(right)[:-2],
        }
        keep("rotate", picture, content, wrong)


# --- convert --------------------------------------------------------------------------------------


def convert():
    for picture, width, height, how in [
        ("baseline", 48, 64, {"quality": 95}),
        ("progressive-odd", 41, 53, {"quality": 80, "progressive": True}),
    ]:
        content = jpeg(scene(41 + width, width, height, 1, 2), **how)
        right = np.asarray(opened(content))
        image = Image.fromarray(right)
        again = np.asarray(opened(grey_jpeg(right, 75)))
        wrong = {
            "another-jpeg-on-the-way": again,
            "turned": np.ascontiguousarray(np.rot90(right)),
            "upside-down": np.ascontiguousarray(np.rot90(right, 2)),
            "inverted": 255 - right,
            "two-levels": np.where(right < 128, 0, 255),
            "5-bits": right & 0xF8,
            "one-pixel-off-by-9": np.where(np.indices(right.shape).sum(axis=0) == 0,
                                           right ^ 9, right),
            "blurred": np.asarray(image.filter(ImageFilter.BoxBlur(1))),
            "one-column-short": right[:, :-1],
        }
        wrong = {what: png.write(np.ascontiguousarray(made).astype(np.uint8))
                 for what, made in wrong.items()}
        wrong |= {
            "colour": saved(image.convert("RGB"), format="PNG"),
            "palette": saved(image.convert("P"), format="PNG"),
            "16-bits": png.write(right.astype(np.uint16) * 257),
            "input-passed-on": content,
            "bytes-after-the-end": png.write(right) + b"\n",
            "animated": png.write(right, between=png.chunk(b"acTL", bytes([0, 0, 0, 1, 0, 0, 0, 0]))),
        }
        keep("convert", picture, content, wrong)


def main():
    for function in (greyscale, resize, depth, rotate, convert):
        shutil.rmtree(FOLDER / function.__name__, ignore_errors=True)
        function()
    versions = {"Pillow": PIL.__version__, "OpenCV": cv2.__version__, "numpy": np.__version__,
                "Python": sys.version.split()[0]}
    lines = "".join(f"{name} {version}\n" for name, version in versions.items())
    (FOLDER / "versions.txt").write_text(lines)


if __name__ == "__main__":
    main()
