"""The five functions as Pillow, OpenCV and numpy have them: plain code, independent of each other
and of the reference. Each takes a file's bytes and gives a file's bytes."""

import io

import cv2
import numpy as np
from PIL import Image, ImageOps

import png

SIZE = (800, 600)


def opened(content):
    return Image.open(io.BytesIO(content), formats=["JPEG", "PNG"])


def saved(image, **how):
    out = io.BytesIO()
    image.save(out, **how)
    return out.getvalue()


def cv_read(content, flags):
    image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    if image is None:
        raise ValueError("OpenCV reads no picture")
    return image


def cv_write(ending, image, *how):
    ok, out = cv2.imencode(ending, image, list(how))
    if not ok:
        raise ValueError("OpenCV writes no picture")
    return out.tobytes()


# --- Pillow ---------------------------------------------------------------------------------------


def pillow_greyscale(content):
    return saved(ImageOps.exif_transpose(opened(content)).convert("L"), format="JPEG", quality=95)


def pillow_resize(content):
    wide = opened(content).convert("F").resize(SIZE, Image.Resampling.LANCZOS)
    codes = wide.point(lambda level: level * (1023 / 255) + 0.5).convert("I").convert("I;16")
    return saved(codes, format="PNG", compress_level=1)


def pillow_depth(content):
    table = [round(min(code, 1023) * 255 / 1023) for code in range(65536)]
    image = opened(content)
    codes = memoryview(image.tobytes()).cast("H")
    levels = Image.frombytes("L", image.size, bytes(map(table.__getitem__, codes)))
    return saved(levels, format="PNG", compress_level=1)


def pillow_rotate(content):
    return saved(opened(content).transpose(Image.Transpose.ROTATE_270), format="JPEG", quality=95)


def pillow_convert(content):
    return saved(opened(content).convert("L"), format="PNG", compress_level=1)


# --- OpenCV ---------------------------------------------------------------------------------------

JPEG_95 = (cv2.IMWRITE_JPEG_QUALITY, 95)
PNG_1 = (cv2.IMWRITE_PNG_COMPRESSION, 1)


def opencv_greyscale(content):
    colour = cv_read(content, cv2.IMREAD_COLOR)
    return cv_write(".jpg", cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY), *JPEG_95)


def opencv_resize(content):
    grey = cv_read(content, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    height, width = grey.shape
    # Each direction by itself: INTER_AREA is antialiased only where it reduces.
    way = cv2.INTER_AREA if width > SIZE[0] else cv2.INTER_LINEAR
    grey = cv2.resize(grey, (SIZE[0], height), interpolation=way)
    way = cv2.INTER_AREA if height > SIZE[1] else cv2.INTER_LINEAR
    grey = cv2.resize(grey, SIZE, interpolation=way)
    codes = np.clip(np.rint(grey * (1023 / 255)), 0, 1023).astype(np.uint16)
    return cv_write(".png", codes, *PNG_1)


def opencv_depth(content):
    codes = cv_read(content, cv2.IMREAD_UNCHANGED)
    # Not `cv2.min(codes, 1023)`: of a single pixel that makes four.
    codes = cv2.min(codes, np.full_like(codes, 1023))
    return cv_write(".png", cv2.convertScaleAbs(codes, alpha=255 / 1023), *PNG_1)


def opencv_rotate(content):
    turned = cv2.rotate(cv_read(content, cv2.IMREAD_GRAYSCALE), cv2.ROTATE_90_CLOCKWISE)
    return cv_write(".jpg", turned, *JPEG_95)


def opencv_convert(content):
    return cv_write(".png", cv_read(content, cv2.IMREAD_GRAYSCALE), *PNG_1)


# --- numpy: its own arithmetic and PNGs, decoded by Pillow, JPEGs written by OpenCV ---------------

UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).T,
    8: lambda a: np.rot90(a, 1),
}


def numpy_luma(content):
    """Upright ITU-R 601 luma, rounded, of Pillow's pixels."""
    image = opened(content)
    stored = np.asarray(image)
    if stored.ndim == 3:
        stored = np.floor(stored @ np.array([0.299, 0.587, 0.114]) + 0.5).astype(np.uint8)
    return np.ascontiguousarray(UPRIGHT.get(image.getexif().get(0x0112, 1), UPRIGHT[1])(stored))


def numpy_greyscale(content):
    return cv_write(".jpg", numpy_luma(content), *JPEG_95)


def catmull_rom(distance):
    x = np.abs(distance)
    inner = (1.5 * x - 2.5) * x * x + 1
    outer = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, inner, np.where(x < 2, outer, 0))


def weights(before, after):
    """A row for each new pixel, the kernel widened by the reduction: that antialiases."""
    scale = before / after
    centres = (np.arange(after) + 0.5) * scale
    places = np.arange(before) + 0.5
    kernel = catmull_rom((places[None, :] - centres[:, None]) / max(scale, 1.0))
    return kernel / kernel.sum(axis=1, keepdims=True)


def numpy_resize(content):
    grey = np.asarray(opened(content)).astype(np.float64)
    levels = weights(grey.shape[0], SIZE[1]) @ (grey @ weights(grey.shape[1], SIZE[0]).T)
    return png.write(np.clip(np.floor(levels * (1023 / 255) + 0.5), 0, 1023).astype(np.uint16))


def numpy_codes(content):
    return np.asarray(opened(content)).astype(np.int64)


def numpy_depth(content):
    codes = np.minimum(numpy_codes(content), 1023)
    return png.write(((codes * 255 + 511) // 1023).astype(np.uint8))


def numpy_rotate(content):
    turned = np.ascontiguousarray(np.rot90(np.asarray(opened(content)), -1))
    return cv_write(".jpg", turned, *JPEG_95)


def numpy_convert(content):
    return png.write(np.asarray(opened(content)))


FUNCTIONS = ["greyscale", "resize", "depth", "rotate", "convert"]
LIBRARIES = {
    library: {function: globals()[f"{library}_{function}"] for function in FUNCTIONS}
    for library in ["pillow", "opencv", "numpy"]
}
