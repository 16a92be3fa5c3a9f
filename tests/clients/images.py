"""Container images made in a few lines: OCI layouts, and archives as `docker save` writes them."""

import gzip
import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

# Nothing that the runtime interface client needs.
LEFT_OUT = ("share", "gconv", "ensurepip", "idlelib", "tkinter", "pydoc_data", "unittest", "etc",
            "libsqlite3.so.0.8.6", "engines-3", "ossl-modules", "lib2to3", "sbin", "config-3.14-x86_64-linux-gnu")

CACHE = Path(os.environ["PHOTOFINISH_CACHE"])


class Layer:
    """One layer, as a tar that may be compressed."""

    def __init__(self, compressed=False):
        self.compressed = compressed
        self.out = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.out, mode="w")

    def file(self, name, text="", mode=0o644):
        entry = tarfile.TarInfo(name)
        data = text if isinstance(text, bytes) else text.encode()
        entry.size, entry.mode = len(data), mode
        self.tar.addfile(entry, io.BytesIO(data))
        return self

    def link(self, name, target, kind=tarfile.SYMTYPE):
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, target
        self.tar.addfile(entry)
        return self

    def folder(self, path, name, without=()):
        without = ("__pycache__", *without)

        def wanted(entry):
            return None if set(without) & set(entry.name.split("/")) else entry
        self.tar.add(path, name, filter=wanted)
        return self

    def done(self):
        """The bytes as they are kept, and the digest of what they are unpacked."""
        self.tar.close()
        plain = self.out.getvalue()
        digest = hashlib.sha256(plain).hexdigest()
        return (gzip.compress(plain, 1) if self.compressed else plain), digest


def python():
    """The newest Python that functions are run on here, as a folder of root and runtime."""
    made = CACHE.glob("python3.14/x86_64-*/root")
    return max(made, key=lambda root: root.stat().st_mtime).parent


def base():
    """An operating system with Python and the runtime interface client, nothing else of Lambda."""
    here = python()
    layer = Layer()
    for child in sorted((here / "root").iterdir()):
        if child.name not in ("proc", "sys", "dev", "tmp", "var"):
            layer.folder(child, child.name, LEFT_OUT)
    for child in sorted((here / "var_runtime").iterdir()):
        if child.name.split("-")[0] in ("awslambdaric", "simplejson", "snapshot_restore_py",
                                        "snapshot_restore_py.py") or child.name.startswith("runtime_client"):
            layer.folder(child, f"usr/lib/python3/dist-packages/{child.name}")
    return layer


class Built:
    """Layers and how they are started, to be written where an image is wanted."""

    def __init__(self, layers, architecture="amd64", **config):
        self.blobs, self.layers = {}, []
        for layer in layers:
            data, plain = layer
            self.layers.append((self._keep(data), len(data), plain))
        described = {"architecture": architecture, "os": "linux", "config": config,
                     "rootfs": {"type": "layers", "diff_ids": [f"sha256:{p}" for _, _, p in self.layers]}}
        text = json.dumps(described).encode()
        self.config = self._keep(text)
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                               "digest": f"sha256:{self.config}", "size": len(text)},
                    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar",
                                "digest": f"sha256:{d}", "size": s} for d, s, _ in self.layers]}
        self.text = json.dumps(manifest).encode()
        self.digest = self._keep(self.text)

    def _keep(self, data):
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return digest

    def layout(self, folder, *tags):
        """Writes an OCI layout, with this image under each tag."""
        blobs = folder / "blobs" / "sha256"
        blobs.mkdir(parents=True)
        for digest, data in self.blobs.items():
            (blobs / digest).write_bytes(data)
        described = {"mediaType": "application/vnd.oci.image.manifest.v1+json",
                     "digest": f"sha256:{self.digest}", "size": len(self.text),
                     "platform": {"architecture": "amd64", "os": "linux"}}
        index = {"schemaVersion": 2, "manifests": [
            {**described, "annotations": {"org.opencontainers.image.ref.name": tag}} for tag in tags]}
        (folder / "index.json").write_text(json.dumps(index))
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        return folder

    def saved(self, path):
        """Writes what `docker save` of the time before OCI layouts writes."""
        named = {f"{self.config}.json": self.blobs[self.config]}
        for digest, _, _ in self.layers:
            named[f"{digest}/layer.tar"] = self.blobs[digest]
        named["manifest.json"] = json.dumps([{
            "Config": f"{self.config}.json", "RepoTags": ["mine:latest"],
            "Layers": [f"{digest}/layer.tar" for digest, _, _ in self.layers]}]).encode()
        with tarfile.open(path, "w") as archive:
            for name, data in named.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return path
