"""Copies the Python that runs this, and the shared libraries it loads, into a root file system.

Python goes to /var/lang, as on Lambda. Libraries beside it stay beside it; those of the host go
to the folder in which the loader looks by default. Tests, other packages and caches stay out.
"""

import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig

TRIPLET = platform.machine() + "-linux-gnu"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "site-packages", "dist-packages", "test", "idlelib", "ensurepip")
FOLDERS = ("dev", "etc/ssl/certs", "proc", "tmp", "usr/bin", "usr/lib64", "var/lang/bin", "var/lang/lib")
# Wheels load these, whether Python itself does or not.
ALWAYS = ("libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1")


def mapped():
    """The loader and the folders of the libraries of this very process."""
    with open("/proc/self/maps") as maps:
        files = {line.split(None, 5)[5].strip() for line in maps if " /" in line and ".so" in line}
    loader = next(file for file in files if os.path.basename(file).startswith("ld-linux"))
    return loader, sorted({os.path.dirname(file) for file in files})


def loaded_by(paths, loader, folders):
    """Where the loader finds each shared library that these files load."""
    found = {os.path.basename(loader): loader}
    for path in paths:
        command = [loader, "--library-path", ":".join(folders), "--list", path]
        listing = subprocess.run(command, capture_output=True, text=True).stdout
        found.update(re.findall(r"^\s*(\S+) => (/\S+)", listing, re.MULTILINE))
    return {os.path.basename(name): place for name, place in found.items()}


def always(folders):
    """The libraries that no module of Python's own may need, where they are."""
    for name in ALWAYS:
        for folder in [*folders, "/lib/" + TRIPLET, "/usr/lib/" + TRIPLET, "/lib64", "/usr/lib64"]:
            if os.path.exists(os.path.join(folder, name)):
                yield name, os.path.join(folder, name)
                break


def copy_python(lang):
    executable = os.path.realpath(sys.executable)
    shutil.copy2(executable, lang + "/bin/python3.14")
    for source in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}:
        # Links are followed, since what they lead to may lie elsewhere on the host.
        shutil.copytree(
            source, lang + "/lib/python3.14", ignore=LEFT_OUT, ignore_dangling_symlinks=True, dirs_exist_ok=True
        )
    extensions = lang + "/lib/python3.14/lib-dynload"
    modules = sorted(os.listdir(extensions)) if os.path.isdir(extensions) else []
    return [executable, *(os.path.join(extensions, name) for name in modules)]


def main():
    root = sys.argv[1]
    lang, system = os.path.join(root, "var/lang"), os.path.join(root, "usr/lib", TRIPLET)
    for folder in (system, *(os.path.join(root, name) for name in FOLDERS)):
        os.makedirs(folder, exist_ok=True)
    for name in ("lib", "lib64", "bin"):
        os.symlink("usr/" + name, os.path.join(root, name))
    binaries = copy_python(lang)
    loader, folders = mapped()
    libraries = {**dict(always(folders)), **loaded_by(binaries, loader, folders)}
    beside = os.path.join(os.path.realpath(sys.base_prefix), "lib")
    for name, place in libraries.items():
        own = beside not in ("/lib", "/usr/lib") and os.path.dirname(os.path.realpath(place)) == beside
        shutil.copy(os.path.realpath(place), os.path.join(lang, "lib", name) if own else os.path.join(system, name))
    # Programs ask for their loader by this path.
    name = os.path.basename(loader)
    asked = os.path.join(root, "usr/lib64" if "x86-64" in name else "usr/lib", name)
    os.symlink(os.path.relpath(os.path.join(system, name), os.path.dirname(asked)), asked)
    bundle = ssl.get_default_verify_paths().cafile
    if bundle:
        shutil.copy(bundle, os.path.join(root, "etc/ssl/certs/ca-certificates.crt"))


if __name__ == "__main__":
    main()
