import os

from PIL import Image

from . import storage

client = storage.storage.get_instance()


def handler(event):
    place, wanted = event["bucket"], event["object"]
    client.download(place["bucket"], os.path.join(place["input"], wanted["key"]), "/tmp/picture")
    size = (wanted["width"], wanted["height"])
    with Image.open("/tmp/picture") as picture:
        fine = picture.convert("F").resize(size, Image.Resampling.LANCZOS)
    samples = fine.point(lambda sample: sample * (1023 / 255) + 0.5).convert("I").convert("I;16")
    samples.save("/tmp/small.png", compress_level=1)
    key = os.path.join(place["output"], wanted["key"])
    name = client.upload(place["bucket"], key, "/tmp/small.png")
    return {"result": {"bucket": place["bucket"], "key": name}}
