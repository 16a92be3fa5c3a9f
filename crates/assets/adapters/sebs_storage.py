"""The storage that SeBS gives its functions, by its methods' names, over the contract's places.

Whatever name a function gives its output, it is written where the contract wants it; SeBS would put
random letters into the name. Written into the package by photofinish.
"""
import io
import os

import boto3

from photofinish_places import look


class storage:
    instance = None

    def __init__(self):
        self.client = boto3.client("s3")
        self.written = None

    @staticmethod
    def get_instance():
        if storage.instance is None:
            storage.instance = storage()
        return storage.instance

    def begin(self, bucket, key):
        self.bucket, self.key, self.written = bucket, key, None

    def download(self, bucket, file, filepath):
        with open(filepath, "wb") as local:
            local.write(self.download_stream(bucket, file))

    def download_stream(self, bucket, file):
        return memoryview(self.client.get_object(Bucket=bucket, Key=file)["Body"].read())

    def download_directory(self, bucket, prefix, path):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for found in (found for page in pages for found in page.get("Contents", [])):
            local = os.path.join(path, found["Key"])
            os.makedirs(os.path.dirname(local), exist_ok=True)
            self.download(bucket, found["Key"], local)

    def upload(self, bucket, file, filepath):
        with open(filepath, "rb") as local:
            return self.upload_stream(bucket, file, local)

    def upload_stream(self, bucket, file, data):
        if isinstance(data, io.BytesIO):
            self.written = data.getvalue()
        else:
            self.written = data.read() if hasattr(data, "read") else bytes(data)
        self.client.put_object(
            Bucket=self.bucket,
            Key=self.key,
            Body=self.written,
            ContentType=look(self.written)[0],
        )
        return self.key
