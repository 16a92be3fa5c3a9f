"""Pictures from seeds, of every kind that the contract takes: `generated()` gives name, kind and
bytes of each. The same seeds give the same pixels; the files also hang on the libraries' versions.
"""

import io

import cv2
import numpy as np
from PIL import Image, ImageCms

import png

SAMPLINGS = {
    "444": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "422": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "420": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "411": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
    "440": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
}


def scene(seed, width, height, colours=3, finest=1):
    """Noise of many sizes on a slope, 0 to 255: its spectrum falls as a photograph's does."""
    random = np.random.default_rng(seed)
    levels = np.zeros((height, width, colours), np.float32)
    size = max(width, height)
    share = 90.0
    while size >= finest:
        shape = (max(height // size, 1) + 2, max(width // size, 1) + 2)
        cells = random.uniform(-1, 1, (*shape, colours)).astype(np.float32)
        # Light changes more than colour.
        cells = 0.35 * cells + 0.65 * cells.mean(axis=2, keepdims=True)
        layer = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
        levels += share * layer.reshape(height, width, colours)
        size //= 2
        share = max(share * 0.62, 3.0)
    slope = np.linspace(-40, 40, width, dtype=np.float32)[None, :, None]
    return np.clip(np.rint(128 + levels + slope), 0, 255).astype(np.uint8)


def jpeg(pixels, **how):
    """By Pillow."""
    out = io.BytesIO()
    grey = pixels.shape[2] == 1
    Image.fromarray(pixels[:, :, 0] if grey else pixels).save(out, format="JPEG", **how)
    return out.getvalue()


def cv_jpeg(pixels, quality, sampling="444", restart=0, progressive=0, optimised=0):
    """By OpenCV, which can write samplings that Pillow cannot."""
    how = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_RST_INTERVAL, restart,
           cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLINGS[sampling],
           cv2.IMWRITE_JPEG_PROGRESSIVE, progressive, cv2.IMWRITE_JPEG_OPTIMIZE, optimised]
    return cv2.imencode(".jpg", pixels[:, :, ::-1], how)[1].tobytes()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def jpegs():
    seed = 0
    for sampling in SAMPLINGS:
        for width, height in [(64, 48), (1201, 907), (97, 131), (641, 1023), (17, 33)]:
            for progressive in (0, 1):
                seed += 1
                # Colours of few and coarsely sampled pixels are decoders' own business.
                pixels = scene(seed, width, height, finest=1 if width > 100 else 4)
                quality = [30, 55, 75, 90, 100][seed % 5]
                yield (f"{sampling}-{width}x{height}-p{progressive}", f"sampling {sampling}",
                       cv_jpeg(pixels, quality, sampling, progressive=progressive,
                               optimised=seed % 2))
    for restart in (1, 2, 7, 100):
        for sampling in ("444", "420", "422"):
            for progressive in (0, 1):
                seed += 1
                yield (f"restart-{restart}-{sampling}-p{progressive}", "restart intervals",
                       cv_jpeg(scene(seed, 331, 257), 85, sampling, restart, progressive))
    for orientation in range(1, 9):
        seed += 1
        yield (f"orientation-{orientation}", "orientation",
               jpeg(scene(seed, 1013, 759), quality=90, exif=exif(orientation)))
        seed += 1
        yield (f"orientation-{orientation}-grey", "orientation",
               jpeg(scene(seed, 203, 151, 1), quality=90, exif=exif(orientation)))
    for width, height in [(1, 1), (1, 7), (7, 1), (8, 8), (9, 8), (15, 17), (16, 16), (1600, 9),
                          (3, 1111), (2400, 1803)]:
        for progressive in (False, True):
            seed += 1
            yield (f"grey-{width}x{height}-p{int(progressive)}", "grey",
                   jpeg(scene(seed, width, height, 1, 4), quality=88, progressive=progressive))
    for width, height in [(1, 1), (1, 5), (5, 1), (2, 2), (3, 5), (8, 8), (9, 7)]:
        seed += 1
        yield (f"tiny-444-{width}x{height}", "tiny 4:4:4",
               cv_jpeg(scene(seed, width, height, finest=8), 95, "444"))
    for quality in (30, 40, 50, 60, 70, 80, 85, 90, 95, 98, 100):
        seed += 1
        yield (f"quality-{quality}", "qualities",
               jpeg(scene(seed, 1333, 887), quality=quality, optimize=True))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name, how in [
        ("icc", {"icc_profile": profile}),
        ("icc-large", {"icc_profile": profile + bytes(200_000)}),
        ("comment", {"comment": b"a comment \xff\xd8\xff\xd9 with markers in it"}),
        ("exif-and-icc", {"icc_profile": profile, "exif": exif(6)}),
        ("dots-per-inch", {"dpi": (300, 300)}),
        ("own-tables", {"qtables": [list(range(1, 65)), list(range(2, 130, 2))]}),
        ("kept-rgb", {"keep_rgb": True}),
    ]:
        seed += 1
        yield name, "metadata", jpeg(scene(seed, 1222, 931), quality=90, **how)
    for saturated in range(6):
        seed += 1
        pixels = scene(seed, 1777, 1234)
        pixels[:, :, saturated % 3] = pixels[:, :, saturated % 3] // 4
        pixels[:, :, (saturated + 1) % 3] |= 0xC0
        yield f"saturated-{saturated}", "saturated", jpeg(pixels, quality=93, subsampling=0)


def codes():
    """16-bit PNGs for depth."""
    every = np.resize(np.arange(1024, dtype=np.uint16), (48, 64))
    random = np.random.default_rng(99)
    for name, samples in [
        ("codes", every),
        ("codes-mixed", random.permutation(every.ravel()).reshape(64, 48)),
        ("codes-overshoot", every + 120),
        ("codes-16-bits", random.integers(0, 65536, (75, 41), dtype=np.uint16)),
        ("codes-1x1", np.full((1, 1), 777, np.uint16)),
        ("codes-3x5", random.integers(0, 1024, (5, 3), dtype=np.uint16)),
        ("codes-800x600", random.integers(0, 1024, (600, 800), dtype=np.uint16)),
    ]:
        yield name, samples


def pngs():
    for name, samples in codes():
        for interlaced in (False, True):
            suffix = "-interlaced" if interlaced else ""
            yield name + suffix, "16-bit PNG", png.write(samples, interlaced)
    for width, height in [(1, 1), (800, 600), (13, 29), (5, 4), (333, 222)]:
        for interlaced in (False, True):
            suffix = "-interlaced" if interlaced else ""
            pixels = scene(width, width, height, 1)[:, :, 0]
            yield f"levels-{width}x{height}{suffix}", "8-bit PNG", png.write(pixels, interlaced)


def generated():
    for name, kind, content in jpegs():
        yield f"{name}.jpg", kind, content
    for name, kind, content in pngs():
        yield f"{name}.png", kind, content
