"""Makes the pairs beside it, a PNG and its JPEG, with Pillow 13.0.0 (libjpeg-turbo), Python 3.11.

    python make_encode.py ../../../../assets/applications/image-pipeline/inputs/coffee.jpg

The photograph is a cut of coffee.jpg (Rachel Michetti, CC0).
"""
import random
import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
CUT = Image.open(sys.argv[1]).convert("L").crop((200, 120, 341, 187))
RANDOM = random.Random(562)


def pair(name, picture, quality):
    picture.save(HERE / f"{name}-q{quality}.png", optimize=True)
    picture.save(HERE / f"{name}-q{quality}.jpg", quality=quality)


def made(width, height, level):
    return Image.frombytes("L", (width, height), bytes(level(x, y) for y in range(height) for x in range(width)))


# Wider than eight blocks, and no multiple of a block.
for quality in [95, 100, 88, 50, 20, 1]:
    pair("photograph", CUT, quality)
noise = made(77, 19, lambda x, y: RANDOM.randrange(256))
pair("noise", noise, 95)
pair("noise", noise, 100)
# The largest coefficients that there are, of both signs, and runs of zeros of every length.
pair("extremes", made(64, 64, lambda x, y: 255 * ((x * (y // 8 + 1) // 8 + y * (x // 8 + 1) // 8) & 1)), 100)
pair("checks", made(24, 8, lambda x, y: 255 * ((x + y + x // 8) & 1)), 95)
pair("waves", made(72, 16, lambda x, y: 128 + (3 if (x * (1 + x // 16) + y * (1 + y // 8)) % 16 < 8 else -3)), 95)
pair("pixel", made(1, 1, lambda x, y: 200), 95)
pair("row", made(9, 1, lambda x, y: 28 * x), 95)
pair("column", made(1, 17, lambda x, y: 15 * y), 95)
pair("flat", made(16, 8, lambda x, y: 255), 95)
