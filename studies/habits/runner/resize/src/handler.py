import io

import boto3
from Inspector import Inspector
from PIL import Image

s3 = boto3.client("s3")


def yourFunction(request, context):
    inspector = Inspector()
    inspector.inspectAll()

    picture = s3.get_object(Bucket=request["bucketname"], Key=request["filename"])["Body"].read()
    size = (request["width"], request["height"])
    fine = Image.open(io.BytesIO(picture)).convert("F").resize(size, Image.Resampling.LANCZOS)
    samples = fine.point(lambda sample: sample * (1023 / 255) + 0.5).convert("I").convert("I;16")
    small = io.BytesIO()
    samples.save(small, "PNG", compress_level=1)
    s3.put_object(
        Bucket=request["targetbucket"],
        Key=request["targetname"],
        Body=small.getvalue(),
        ContentType="image/png",
    )

    for name, value in (("content_type", "image/png"), ("width", size[0]), ("height", size[1])):
        inspector.addAttribute(name, value)
    inspector.inspectAllDeltas()
    return inspector.finish()
