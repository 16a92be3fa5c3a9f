import io
import os

from PIL import Image, ImageOps

from . import storage

client = storage.storage.get_instance()


def handler(event):
    place, key = event["bucket"], event["object"]["key"]
    picture = client.download_stream(place["bucket"], os.path.join(place["input"], key))
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("L")
    grey = io.BytesIO()
    picture.save(grey, "JPEG", quality=95)
    grey.seek(0)
    name = client.upload_stream(place["bucket"], os.path.join(place["output"], key), grey)
    return {"result": {"bucket": place["bucket"], "key": name}}
