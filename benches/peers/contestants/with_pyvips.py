"""libvips, by pyvips."""

import os

os.environ["VIPS_CONCURRENCY"] = "1"

import pyvips
from protocol import in_turn, serve

pyvips.cache_set_max(0)
WIDTH, HEIGHT = 800, 600
WEIGHTS = [[0.299, 0.587, 0.114]]


def opened(data, **how):
    return pyvips.Image.new_from_buffer(data, "", access="sequential", **how)


def jpeg(picture):
    return picture.jpegsave_buffer(Q=95, keep="none")


def png(picture, filters="none", bits=8):
    return picture.pngsave_buffer(
        compression=1, filter=filters, bitdepth=bits, keep="none", interlace=False
    )


def weighted(data):
    luma = opened(data).recomb(WEIGHTS).rint().cast("uchar")
    return jpeg(luma.copy(interpretation="b-w"))


def resized(kernel, shrink=1, filters="none"):
    """At float precision; `shrink` decodes the JPEG at a fraction of its size."""

    def run(data):
        picture = opened(data, shrink=shrink).cast("float")
        small = picture.resize(
            WIDTH / picture.width, vscale=HEIGHT / picture.height, kernel=kernel
        )
        codes = (small * (1023 / 255)).rint().cast("ushort")
        return png(codes.copy(interpretation="grey16"), filters, 16)

    return run


def mapped(filters):
    def run(data):
        levels = (opened(data) * (255 / 1023)).rint().cast("uchar")
        return png(levels.copy(interpretation="b-w"), filters)

    return run


def turned(picture):
    return picture.copy_memory().rot90()


def five(kernel, shrink=1, filters="none"):
    def run(data):
        picture = opened(data, shrink=shrink)
        small = picture.resize(
            WIDTH / picture.width, vscale=HEIGHT / picture.height, kernel=kernel
        )
        grey = small.recomb(WEIGHTS).rint().cast("uchar").copy(interpretation="b-w")
        return png(turned(grey), filters)

    return run


def five_by_thumbnail(data):
    small = pyvips.Image.thumbnail_buffer(data, WIDTH, height=HEIGHT, size="force")
    grey = small.recomb(WEIGHTS).rint().cast("uchar").copy(interpretation="b-w")
    return png(turned(grey))



WORKS = {
    "greyscale": {
        "weights": weighted,
        "colourspace": lambda data: jpeg(opened(data).colourspace("b-w")),
    },
    "resize": {
        "lanczos": resized("lanczos3"),
        "linear": resized("linear"),
        "shrink 2, linear": resized("linear", 2),
        "shrink 4, linear": resized("linear", 4),
        "shrink 4, linear, up": resized("linear", 4, "up"),
    },
    "depth": {"level 1": mapped("none"), "level 1, up": mapped("up")},
    "rotate": {"plain": lambda data: jpeg(turned(opened(data)))},
    "convert": {
        "level 1": lambda data: png(opened(data)),
        "level 1, up": lambda data: png(opened(data), "up"),
        "level 1, paeth": lambda data: png(opened(data), "paeth"),
    },
    "five": {
        "plain": five("lanczos3"),
        "thumbnail": five_by_thumbnail,
        "shrink 2, linear": five("linear", 2),
        "shrink 4, linear": five("linear", 4),
        "shrink 4, linear, up": five("linear", 4, "up"),
    },
}
WORKS["in turn"] = {
    "plain": in_turn(WORKS, ("weights", "lanczos", "level 1", "plain", "level 1")),
    "shrink": in_turn(WORKS, ("weights", "shrink 4, linear", "level 1", "plain", "level 1")),
}

if __name__ == "__main__":
    libvips = ".".join(str(pyvips.version(part)) for part in range(3))
    serve(f"pyvips {pyvips.__version__} (libvips {libvips})", WORKS)
