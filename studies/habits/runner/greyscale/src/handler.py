import io

import boto3
from Inspector import Inspector
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def yourFunction(request, context):
    inspector = Inspector()
    inspector.inspectAll()

    picture = s3.get_object(Bucket=request["bucketname"], Key=request["filename"])["Body"].read()
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("L")
    grey = io.BytesIO()
    picture.save(grey, "JPEG", quality=95)
    s3.put_object(
        Bucket=request["targetbucket"],
        Key=request["targetname"],
        Body=grey.getvalue(),
        ContentType="image/jpeg",
    )

    inspector.addAttribute("bytes", len(grey.getvalue()))
    inspector.inspectAllDeltas()
    return inspector.finish()
