"""Copies the Python that runs this, and the shared libraries it loads, into a root file system.

Python goes to /var/lang; libraries from its own prefix stay beside it, those of the host go to
the folder in which the loader looks by default. Tests, other packages and caches stay out.
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
# Wheels load these, whether Python itself does or not.
ALWAYS = ("libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1")


def loaded_by(paths):
    """(name as asked for, path) of every shared library that these files load, and the loader."""
    found = {}
    for path in paths:
        listing = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
        for name, place in re.findall(r"^\s*(\S+) => (/\S+)", listing, re.MULTILINE):
            found[name] = place
        for place in re.findall(r"^\s*(/\S+ld-linux\S*) \(", listing, re.MULTILINE):
            found[os.path.basename(place)] = place
    return found


def folders_of_host():
    return ["/lib/" + TRIPLET, "/usr/lib/" + TRIPLET, "/lib64", "/usr/lib64", "/lib", "/usr/lib"]


def main():
    root = sys.argv[1]
    lang, system = os.path.join(root, "var/lang"), os.path.join(root, "usr/lib", TRIPLET)
    for folder in (lang + "/bin", lang + "/lib", system, *(os.path.join(root, name) for name in ("etc/ssl/certs", "proc", "dev", "tmp", "usr/lib64", "usr/bin"))):
        os.makedirs(folder, exist_ok=True)
    for name in ("lib", "lib64", "bin"):
        os.symlink("usr/" + name, os.path.join(root, name))
    executable = os.path.realpath(sys.executable)
    shutil.copy2(executable, lang + "/bin/python3.14")
    os.symlink("python3.14", lang + "/bin/python3")
    for kind in ("stdlib", "platstdlib"):
        shutil.copytree(sysconfig.get_path(kind), lang + "/lib/python3.14", ignore=LEFT_OUT, dirs_exist_ok=True, symlinks=True)
    extensions = os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload")
    modules = [os.path.join(extensions, name) for name in os.listdir(extensions)] if os.path.isdir(extensions) else []
    libraries = loaded_by([executable, *modules])
    for name in ALWAYS:
        for folder in folders_of_host():
            if name not in libraries and os.path.exists(os.path.join(folder, name)):
                libraries[name] = os.path.join(folder, name)
    own = os.path.realpath(sys.base_prefix) + os.sep
    for name, place in libraries.items():
        beside = own != "/usr/" and os.path.realpath(place).startswith(own)
        shutil.copy(os.path.realpath(place), os.path.join(lang + "/lib" if beside else system, name))
    for name in libraries:
        if name.startswith("ld-linux"):
            at = os.path.join(root, "usr/lib64" if "x86-64" in name else "usr/lib", name)
            os.symlink(os.path.join("../lib/" + TRIPLET if "x86-64" in name else TRIPLET, name), at)
    bundle = ssl.get_default_verify_paths().cafile
    if bundle:
        shutil.copy(bundle, os.path.join(root, "etc/ssl/certs/ca-certificates.crt"))


if __name__ == "__main__":
    main()
