"""Objects: put, got, listed, copied, in parts, on conditions, with checksums."""

import base64
import datetime
import hashlib
import io
import os
import urllib.error
import urllib.request
import zlib

import boto3.s3.transfer
import botocore.config
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum

from acting import client, objects, refused, story

BODY = bytes(range(256)) * 4096  # 1 MB
MB = 1 << 20


def bucket(named):
    objects.create_bucket(Bucket=named)
    objects.get_waiter("bucket_exists").wait(Bucket=named)


def empty(named):
    for page in objects.get_paginator("list_objects_v2").paginate(Bucket=named):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if keys:
            objects.delete_objects(Bucket=named, Delete={"Objects": keys, "Quiet": True})
    objects.delete_bucket(Bucket=named)


@story
def buckets_come_and_go():
    bucket("of-buckets")
    objects.create_bucket(Bucket="of-buckets")  # One's own again: fine in us-east-1.
    assert "of-buckets" in [found["Name"] for found in objects.list_buckets()["Buckets"]]
    assert objects.head_bucket(Bucket="of-buckets")["BucketRegion"] == "us-east-1"
    assert objects.get_bucket_location(Bucket="of-buckets")["LocationConstraint"] is None
    objects.put_object(Bucket="of-buckets", Key="a", Body=b"a")
    refused("BucketNotEmpty", objects.delete_bucket, Bucket="of-buckets")
    empty("of-buckets")
    refused("NoSuchBucket", objects.delete_bucket, Bucket="of-buckets")
    refused("404", objects.head_bucket, Bucket="of-buckets")
    refused("NotImplemented", objects.get_bucket_policy, Bucket="of-buckets")


@story
def given_back_as_they_were_given():
    bucket("of-objects")
    key = "a/b ü+%20&.bin"
    put = objects.put_object(
        Bucket="of-objects", Key=key, Body=BODY, ContentType="image/x-any", CacheControl="no-store",
        ContentDisposition="inline", ContentEncoding="identity", ContentLanguage="de",
        Metadata={"author": "nobody", "two-words": "x y"})
    assert put["ETag"] == f'"{hashlib.md5(BODY).hexdigest()}"', put
    got = objects.get_object(Bucket="of-objects", Key=key)
    assert got["Body"].read() == BODY and got["AcceptRanges"] == "bytes"
    head = objects.head_object(Bucket="of-objects", Key=key)
    for field, value in {"ContentType": "image/x-any", "CacheControl": "no-store", "ETag": put["ETag"],
                         "ContentDisposition": "inline", "ContentEncoding": "identity",
                         "ContentLanguage": "de", "ContentLength": len(BODY),
                         "Metadata": {"author": "nobody", "two-words": "x y"}}.items():
        assert got[field] == value and head[field] == value, (field, got[field], head[field])
    overridden = objects.get_object(Bucket="of-objects", Key=key, ResponseContentType="text/plain")
    assert overridden["ContentType"] == "text/plain"
    for asked, first, last in [("bytes=10-19", 10, 19), ("bytes=-5", len(BODY) - 5, len(BODY) - 1),
                               ("bytes=1048570-", 1048570, len(BODY) - 1)]:
        part = objects.get_object(Bucket="of-objects", Key=key, Range=asked)
        assert part["Body"].read() == BODY[first:last + 1], asked
        assert part["ContentRange"] == f"bytes {first}-{last}/{len(BODY)}", part["ContentRange"]
        assert part["ResponseMetadata"]["HTTPStatusCode"] == 206, asked
    head = objects.head_object(Bucket="of-objects", Key=key, Range="bytes=0-9")
    assert head["ContentLength"] == 10, head["ContentLength"]
    refused("InvalidRange", objects.get_object, Bucket="of-objects", Key=key, Range="bytes=2000000-")
    refused("NoSuchKey", objects.get_object, Bucket="of-objects", Key="nothing")
    refused("404", objects.head_object, Bucket="of-objects", Key="nothing")
    refused("NoSuchBucket", objects.get_object, Bucket="nowhere-at-all", Key="nothing")
    refused("NoSuchBucket", objects.put_object, Bucket="nowhere-at-all", Key="a", Body=b"a")
    refused("MetadataTooLarge", objects.put_object, Bucket="of-objects", Key="a", Body=b"a",
            Metadata={"a": "x" * 2100})
    nothing = objects.put_object(Bucket="of-objects", Key="empty", Body=b"")
    assert objects.get_object(Bucket="of-objects", Key="empty")["Body"].read() == b"", nothing
    objects.delete_object(Bucket="of-objects", Key="empty")
    objects.delete_object(Bucket="of-objects", Key="empty")  # Twice is as good.
    empty("of-objects")


@story
def what_is_not_kept_is_not_taken():
    bucket("of-refusals")
    named = {"Bucket": "of-refusals", "Key": "a"}
    objects.put_object(**named, Body=b"a", ACL="private", StorageClass="STANDARD",
                       ServerSideEncryption="AES256")
    for more in ({"Tagging": "a=b"}, {"ACL": "public-read"}, {"StorageClass": "GLACIER"},
                 {"ServerSideEncryption": "aws:kms"}, {"WebsiteRedirectLocation": "/b"}):
        refused("NotImplemented", objects.put_object, **named, Body=b"b", **more)
    refused("InvalidArgument", objects.get_object, **named, VersionId="7")
    refused("InvalidArgument", objects.delete_object, **named, VersionId="7")
    told = objects.delete_objects(Bucket="of-refusals", Delete={
        "Objects": [{"Key": "a", "VersionId": "7"}]})
    assert told["Errors"][0]["Code"] == "InvalidArgument" and "Deleted" not in told, told
    refused("NotImplemented", objects.get_object, **named, PartNumber=2)
    refused("NotImplemented", objects.put_bucket_versioning, Bucket="of-refusals",
            VersioningConfiguration={"Status": "Enabled"})
    assert objects.get_object(**named)["Body"].read() == b"a"
    empty("of-refusals")


@story
def listed_by_prefix_delimiter_and_page():
    bucket("of-lists")
    keys = ["a", "b/1", "b/2", "b/c/3", "d ü&<", "e/1", "f"]
    for key in keys:
        objects.put_object(Bucket="of-lists", Key=key, Body=key.encode())
    for size in (1, 2, 1000):
        pages = list(objects.get_paginator("list_objects_v2").paginate(
            Bucket="of-lists", PaginationConfig={"PageSize": size}))
        assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys, size
        pages = list(objects.get_paginator("list_objects_v2").paginate(
            Bucket="of-lists", Delimiter="/", PaginationConfig={"PageSize": size}))
        assert [e["Key"] for page in pages for e in page.get("Contents", [])] == ["a", keys[4], "f"]
        assert [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])] == ["b/", "e/"]
    page = objects.list_objects_v2(Bucket="of-lists", Prefix="b/", Delimiter="/")
    assert [entry["Key"] for entry in page["Contents"]] == ["b/1", "b/2"] and page["KeyCount"] == 3
    after = objects.list_objects_v2(Bucket="of-lists", StartAfter="d")
    assert [entry["Key"] for entry in after["Contents"]] == keys[4:], after
    old = objects.list_objects(Bucket="of-lists", MaxKeys=3, Marker="a")
    assert [entry["Key"] for entry in old["Contents"]] == keys[1:4] and old["IsTruncated"], old
    none = objects.list_objects_v2(Bucket="of-lists", MaxKeys=0)
    assert none["KeyCount"] == 0 and not none["IsTruncated"], none
    told = objects.delete_objects(Bucket="of-lists", Delete={"Objects": [{"Key": k} for k in keys]})
    assert sorted(entry["Key"] for entry in told["Deleted"]) == sorted(keys), told
    objects.delete_bucket(Bucket="of-lists")
    refused("NoSuchBucket", objects.list_objects_v2, Bucket="of-lists")


@story
def emptied_by_versions_of_which_each_key_has_one():
    bucket("of-versions")
    for key in ("a", "b/1", "b/2"):
        objects.put_object(Bucket="of-versions", Key=key, Body=key.encode())
    pages = objects.get_paginator("list_object_versions").paginate(
        Bucket="of-versions", PaginationConfig={"PageSize": 2})
    found = [one for page in pages for one in page["Versions"]]
    assert [one["Key"] for one in found] == ["a", "b/1", "b/2"], found
    assert all(one["IsLatest"] and one["VersionId"] == "null" for one in found), found
    for one in found:
        objects.delete_object(Bucket="of-versions", Key=one["Key"], VersionId=one["VersionId"])
    objects.delete_bucket(Bucket="of-versions")


@story
def copied_with_metadata_old_or_new():
    bucket("of-copies")
    objects.put_object(Bucket="of-copies", Key="from ü", Body=BODY, ContentType="image/x-any",
                       Metadata={"a": "1"})
    source = {"Bucket": "of-copies", "Key": "from ü"}
    copied = objects.copy_object(Bucket="of-copies", Key="to", CopySource=source)
    head = objects.head_object(Bucket="of-copies", Key="to")
    assert head["Metadata"] == {"a": "1"} and head["ContentType"] == "image/x-any"
    assert head["ETag"] == copied["CopyObjectResult"]["ETag"]
    objects.copy_object(Bucket="of-copies", Key="to", CopySource=source, Metadata={"b": "2"},
                        MetadataDirective="REPLACE", ContentType="text/plain")
    head = objects.head_object(Bucket="of-copies", Key="to")
    assert head["Metadata"] == {"b": "2"} and head["ContentType"] == "text/plain"
    refused("InvalidRequest", objects.copy_object, Bucket="of-copies", Key="from ü",
            CopySource=source)
    refused("PreconditionFailed", objects.copy_object, Bucket="of-copies", Key="to",
            CopySource=source, CopySourceIfMatch='"other"')
    refused("NoSuchKey", objects.copy_object, Bucket="of-copies", Key="to",
            CopySource={"Bucket": "of-copies", "Key": "nothing"})
    empty("of-copies")


@story
def wanted_or_written_on_conditions():
    bucket("of-conditions")
    named = {"Bucket": "of-conditions", "Key": "a"}
    etag = objects.put_object(**named, Body=b"one", IfNoneMatch="*")["ETag"]
    refused("PreconditionFailed", objects.put_object, **named, Body=b"two", IfNoneMatch="*")
    refused("PreconditionFailed", objects.put_object, **named, Body=b"two", IfMatch='"other"')
    changed = objects.put_object(**named, Body=b"two", IfMatch=etag)["ETag"]
    assert objects.get_object(**named, IfMatch=changed)["Body"].read() == b"two"
    refused("PreconditionFailed", objects.get_object, **named, IfMatch=etag)
    refused("412", objects.head_object, **named, IfMatch=etag)
    refused("304", objects.get_object, **named, IfNoneMatch=changed)
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    refused("304", objects.get_object, **named, IfModifiedSince=now + hour - hour / 60 * 60)
    refused("PreconditionFailed", objects.get_object, **named, IfUnmodifiedSince=now - hour)
    assert objects.get_object(**named, IfModifiedSince=now - hour)["ETag"] == changed
    empty("of-conditions")


@story
def joined_from_parts():
    bucket("of-parts")
    named = {"Bucket": "of-parts", "Key": "whole"}
    five = b"5" * (5 * MB)
    upload = objects.create_multipart_upload(**named, ContentType="image/x-any", Metadata={"a": "1"})
    named["UploadId"] = upload["UploadId"]
    uploads = objects.list_multipart_uploads(Bucket="of-parts")["Uploads"]
    assert [(u["Key"], u["UploadId"]) for u in uploads] == [("whole", upload["UploadId"])], uploads
    one = objects.upload_part(**named, PartNumber=1, Body=five)["ETag"]
    objects.put_object(Bucket="of-parts", Key="source", Body=b"0123456789" * MB)
    copied = objects.upload_part_copy(**named, PartNumber=2, CopySourceRange=f"bytes=10-{5 * MB + 9}",
                                      CopySource={"Bucket": "of-parts", "Key": "source"})
    two = copied["CopyPartResult"]["ETag"]
    three = objects.upload_part(**named, PartNumber=7, Body=b"end")["ETag"]
    pages = objects.get_paginator("list_parts").paginate(**named, PaginationConfig={"PageSize": 2})
    shown = [(part["PartNumber"], part["Size"], part["ETag"]) for page in pages for part in page["Parts"]]
    assert shown == [(1, 5 * MB, one), (2, 5 * MB, two), (7, 3, three)], shown
    refused("InvalidArgument", objects.upload_part_copy, **named, PartNumber=3,
            CopySource={"Bucket": "of-parts", "Key": "source"}, CopySourceRange="bytes=5-99999999")
    parts = [{"PartNumber": 1, "ETag": one}, {"PartNumber": 2, "ETag": two},
             {"PartNumber": 7, "ETag": three}]
    refused("InvalidPartOrder", objects.complete_multipart_upload, **named,
            MultipartUpload={"Parts": parts[::-1]})
    refused("InvalidPart", objects.complete_multipart_upload, **named,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": three}]})
    refused("EntityTooSmall", objects.complete_multipart_upload, **named,
            MultipartUpload={"Parts": [parts[0], parts[2], {"PartNumber": 8, "ETag": objects.upload_part(
                **named, PartNumber=8, Body=b"more")["ETag"]}]})
    done = objects.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    digests = b"".join(bytes.fromhex(etag.strip('"')) for etag in (one, two, three))
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"', done
    got = objects.get_object(Bucket="of-parts", Key="whole")
    assert got["Body"].read() == five + (b"0123456789" * MB)[10:5 * MB + 10] + b"end"
    assert got["ContentType"] == "image/x-any" and got["Metadata"] == {"a": "1"}
    refused("NoSuchUpload", objects.list_parts, **named)
    other = objects.create_multipart_upload(Bucket="of-parts", Key="other")["UploadId"]
    objects.abort_multipart_upload(Bucket="of-parts", Key="other", UploadId=other)
    refused("NoSuchUpload", objects.upload_part, Bucket="of-parts", Key="other", UploadId=other,
            PartNumber=1, Body=b"a")
    # As people do it: the transfer manager, in parts and several at once.
    large = b"0123456789abcdef" * MB
    transfer = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB)
    objects.upload_fileobj(io.BytesIO(large), "of-parts", "large", Config=transfer)
    down = io.BytesIO()
    objects.download_fileobj("of-parts", "large", down, Config=transfer)
    assert down.getvalue() == large
    objects.copy({"Bucket": "of-parts", "Key": "large"}, "of-parts", "copied", Config=transfer)
    assert objects.head_object(Bucket="of-parts", Key="copied")["ContentLength"] == len(large)
    empty("of-parts")


@story
def summed_up_and_checked():
    bucket("of-sums")
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        put = dict(Bucket="of-sums", Key=algorithm, Body=BODY)
        if algorithm in ("CRC32C", "CRC64NVME"):
            # boto3 alone does not know how to reckon them; a wrong one is still told from a right.
            wrong = {f"Checksum{algorithm}": base64.b64encode(b"\0" * (4 if algorithm == "CRC32C" else 8)).decode()}
            refused("BadDigest", objects.put_object, **put, **wrong)
            continue
        told = objects.put_object(**put, ChecksumAlgorithm=algorithm)[f"Checksum{algorithm}"]
        got = objects.get_object(Bucket="of-sums", Key=algorithm, ChecksumMode="ENABLED")
        assert got[f"Checksum{algorithm}"] == told and got["Body"].read() == BODY, algorithm
        assert got["ChecksumType"] == "FULL_OBJECT"
    status, said = in_chunks("chunked", BODY)
    assert status == 200, said
    got = objects.get_object(Bucket="of-sums", Key="chunked", ChecksumMode="ENABLED")
    assert got["Body"].read() == BODY and "ContentEncoding" not in got, got
    assert len(got["ChecksumCRC32"]) == 8, got
    status, said = in_chunks("chunked", BODY, Wrong)
    assert status == 400 and "BadDigest" in said, said
    md5 = base64.b64encode(hashlib.md5(BODY).digest()).decode()
    objects.put_object(Bucket="of-sums", Key="md5", Body=BODY, ContentMD5=md5)
    refused("BadDigest", objects.put_object, Bucket="of-sums", Key="md5", Body=b"other",
            ContentMD5=md5)
    refused("InvalidDigest", objects.put_object, Bucket="of-sums", Key="md5", Body=b"other",
            ContentMD5="no digest")
    empty("of-sums")


@story
def summed_up_over_parts():
    bucket("of-part-sums")
    five, end = b"5" * (5 * MB), b"end"
    for kind in ("COMPOSITE", "FULL_OBJECT"):
        named = {"Bucket": "of-part-sums", "Key": kind}
        begun = objects.create_multipart_upload(**named, ChecksumAlgorithm="CRC32", ChecksumType=kind)
        assert (begun["ChecksumAlgorithm"], begun["ChecksumType"]) == ("CRC32", kind), begun
        named["UploadId"] = begun["UploadId"]
        parts = []
        for number, body in ((1, five), (2, end)):
            told = objects.upload_part(**named, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
            parts.append({"PartNumber": number, "ETag": told["ETag"],
                          "ChecksumCRC32": told["ChecksumCRC32"]})
        shown = [part["ChecksumCRC32"] for part in objects.list_parts(**named)["Parts"]]
        assert shown == [part["ChecksumCRC32"] for part in parts], shown
        refused("InvalidPart", objects.complete_multipart_upload, **named, MultipartUpload={
            "Parts": [{**parts[0], "ChecksumCRC32": "AAAAAA=="}, parts[1]]})
        if kind == "FULL_OBJECT":
            expected = base64.b64encode(zlib.crc32(five + end).to_bytes(4)).decode()
            refused("BadDigest", objects.complete_multipart_upload, **named,
                    MultipartUpload={"Parts": parts}, ChecksumCRC32="AAAAAA==")
        else:
            sums = b"".join(base64.b64decode(part["ChecksumCRC32"]) for part in parts)
            expected = base64.b64encode(zlib.crc32(sums).to_bytes(4)).decode() + "-2"
        done = objects.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
        assert (done["ChecksumCRC32"], done["ChecksumType"]) == (expected, kind), done
        head = objects.head_object(Bucket="of-part-sums", Key=kind, ChecksumMode="ENABLED")
        assert (head["ChecksumCRC32"], head["ChecksumType"]) == (expected, kind), head
    empty("of-part-sums")


class Wrong(Crc32Checksum):
    """A checksum that is not the body's."""

    def digest(self):
        return b"\0\0\0\0"


def in_chunks(key, body, checksum=Crc32Checksum):
    """Puts an object as newer SDKs do over TLS: in chunks, with its checksum in a trailer."""
    named = "x-amz-checksum-crc32"
    chunked = AwsChunkedWrapper(io.BytesIO(body), checksum_cls=checksum, checksum_name=named).read()
    headers = {"X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "X-Amz-Trailer": named,
               "X-Amz-Decoded-Content-Length": str(len(body)), "Content-Encoding": "aws-chunked",
               "Content-Length": str(len(chunked))}
    address = f"{os.environ['AWS_ENDPOINT_URL']}/of-sums/{key}"
    request = AWSRequest("PUT", address, headers=headers, data=chunked)
    request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    S3SigV4Auth(keys, "s3", os.environ["AWS_REGION"]).add_auth(request)
    sent = urllib.request.Request(address, chunked, dict(request.headers.items()), method="PUT")
    try:
        answer = urllib.request.urlopen(sent)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.read().decode()


@story
def lent_by_a_signed_address():
    bucket("of-loans")
    signing = client("s3", config=botocore.config.Config(signature_version="s3v4"))
    put = signing.generate_presigned_url("put_object", ExpiresIn=60, Params={
        "Bucket": "of-loans", "Key": "a b"})
    request = urllib.request.Request(put, data=b"lent", method="PUT")
    assert urllib.request.urlopen(request).status == 200
    get = signing.generate_presigned_url("get_object", Params={"Bucket": "of-loans", "Key": "a b"})
    assert urllib.request.urlopen(get).read() == b"lent"
    for spoilt in (get.replace("a%20b", "other"), get.replace("X-Amz-Expires=3600", "X-Amz-Expires=9999")):
        try:
            urllib.request.urlopen(spoilt)
        except urllib.error.HTTPError as error:
            assert error.code == 403 and b"SignatureDoesNotMatch" in error.read(), spoilt
        else:
            raise AssertionError("an address that was changed was taken")
    # As boto3 lends by itself, by version 2.
    old = objects.generate_presigned_url("get_object", Params={"Bucket": "of-loans", "Key": "a b"})
    assert "AWSAccessKeyId" in old and urllib.request.urlopen(old).read() == b"lent"
    empty("of-loans")
