"""Makes the inputs of the race: pictures.py CONTESTANT INPUTS FOLDER, in the race's environment.

`photograph`: a real photograph of 12 megapixels that may be passed on was not to be had, so the
bundled dandelions (1800x1130, scaled down from 5312x2988) are laid out with their mirror images
until they fill 4032x3024, and the grain of a sensor is added (4 levels of light, 2 of each
colour), so that the file is as large as a telephone's. 2 MP is the upper left of it.
`generated`: the imaging crate's `scene`, the same on every machine.
Both are written by Pillow at quality 90, 4:2:0, as cameras and telephones do; what later stages
get is made from them here, by Pillow and NumPy, not by the native functions.
"""

import subprocess
import sys
from pathlib import Path

import numpy
from PIL import Image

SIZES = {"2mp": (1936, 1088), "12mp": (4032, 3024)}
SEEDS = {"2mp": 22, "12mp": 23}


def photograph(inputs, width, height):
    """The dandelions and their mirror images, side by side."""
    with Image.open(inputs / "dandelions.jpg") as picture:
        pixels = numpy.asarray(picture.convert("RGB"))
    row = numpy.concatenate([pixels, pixels[:, ::-1]], axis=1)
    tile = numpy.concatenate([row, row[::-1]], axis=0)
    times = (-(-height // tile.shape[0]), -(-width // tile.shape[1]), 1)
    laid = numpy.tile(tile, times)[:height, :width].astype(numpy.int16)
    draw = numpy.random.default_rng(5)
    grain = draw.normal(0, 4, (height, width, 1)) + draw.normal(0, 2, (height, width, 3))
    noisy = laid + numpy.rint(grain).astype(numpy.int16)
    return Image.fromarray(noisy.clip(0, 255).astype(numpy.uint8))


def generated(contestant, seed, width, height, folder):
    file = folder / "scene.ppm"
    subprocess.run([contestant, "scene", str(seed), str(width), str(height), file], check=True)
    picture = Image.open(file)
    picture.load()
    file.unlink()
    return picture


def codes(grey):
    """800x600 samples of 10 bits."""
    small = grey.convert("F").resize((800, 600), Image.Resampling.LANCZOS)
    floats = numpy.asarray(small) * numpy.float32(1023 / 255)
    return numpy.rint(floats).clip(0, 1023).astype(numpy.uint16)


def stages(picture, folder, kind, size):
    """Writes what each function is given."""
    colour = folder / f"{kind}-{size}-colour.jpg"
    picture.save(colour, quality=90, subsampling="4:2:0")
    grey = Image.open(colour).convert("L")
    grey.save(folder / f"{kind}-{size}-grey.jpg", quality=95)
    if size != "12mp":
        return
    grey = Image.open(folder / f"{kind}-{size}-grey.jpg")
    small = codes(grey)
    Image.fromarray(small).save(folder / f"{kind}-small-16.png", compress_level=1)
    levels = Image.fromarray(((small.astype(numpy.uint32) * 255 + 511) // 1023)
                             .astype(numpy.uint8))
    levels.save(folder / f"{kind}-small-8.png", compress_level=1)
    turned = levels.transpose(Image.Transpose.ROTATE_270)
    turned.save(folder / f"{kind}-turned.jpg", quality=95)


def main(contestant, inputs, folder):
    for size, (width, height) in SIZES.items():
        stages(photograph(inputs, width, height), folder, "photograph", size)
        scene = generated(contestant, SEEDS[size], width, height, folder)
        stages(scene, folder, "generated", size)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
