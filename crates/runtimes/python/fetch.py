"""Fetches wheels from a package index, the one that pip is set up for on this machine.

Reads a request as JSON on stdin, puts the files into a folder, and prints what they are as JSON.
Honours pip's settings (index-url, extra-index-url, find-links, no-index, cert, proxy) from its
environment variables and configuration files, proxies from the usual variables, and credentials
in an index's address. Each file's SHA-256 must be the one that the index states.
"""

import base64
import configparser
import hashlib
import html.parser
import http.client
import json
import os
import re
import shutil
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PUBLIC_INDEX = "https://pypi.org/simple"
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
WHEEL = re.compile(r"^(?P<name>[^-]+)-(?P<version>[^-]+)(-\d[^-]*)?-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<platform>[^-]+)\.whl$")
ATTEMPTS = 4
ALIASES = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}


class Unavailable(Exception):
    """Why a wheel is not to be had."""


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pip_settings():
    """pip's settings, the more particular file and then the environment winning."""
    home = os.path.expanduser("~")
    config_home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    files = ["/etc/pip.conf", os.path.join(home, ".pip", "pip.conf"), os.path.join(config_home, "pip", "pip.conf")]
    if os.environ.get("PIP_CONFIG_FILE"):
        files.append(os.environ["PIP_CONFIG_FILE"])
    parser = configparser.RawConfigParser()
    parser.read(files, encoding="utf-8")
    settings = {}
    for section in ("global", "download"):
        if parser.has_section(section):
            settings.update(parser.items(section))
    for name, value in os.environ.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


class Anchors(html.parser.HTMLParser):
    """The links of an index page in its older form."""

    def __init__(self):
        super().__init__()
        self.links = []

    def handle_starttag(self, tag, attributes):
        href = dict(attributes).get("href")
        if tag == "a" and href:
            self.links.append(href)


class Index:
    """Package indexes and how to reach them."""

    def __init__(self, settings, certificates):
        own = settings.get("index-url", PUBLIC_INDEX)
        extra = settings.get("extra-index-url", "").split()
        self.bases = [] if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else [own, *extra]
        self.timeout = float(settings.get("default-timeout") or settings.get("timeout") or 60)
        context = ssl.create_default_context(cafile=settings.get("cert") or None)
        if not context.get_ca_certs() and not os.environ.get("SSL_CERT_DIR"):
            context.load_verify_locations(cafile=certificates)
        handlers = [urllib.request.HTTPSHandler(context=context)]
        if settings.get("proxy"):
            handlers.append(urllib.request.ProxyHandler({"http": settings["proxy"], "https": settings["proxy"]}))
        self.opener = urllib.request.build_opener(*handlers)

    def open(self, url, accept="*/*"):
        parts = urllib.parse.urlsplit(url)
        headers = {"Accept": accept, "User-Agent": "photofinish"}
        if parts.username:
            pair = "{}:{}".format(urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or ""))
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
            parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        request = urllib.request.Request(urllib.parse.urlunsplit(parts), headers=headers)
        return self.opener.open(request, timeout=self.timeout)

    def files(self, name):
        """(file name, address, sha256) for all files of a project, from all indexes."""
        for base in self.bases:
            page = "{}/{}/".format(base.rstrip("/"), normalised(name))
            try:
                with self.open(page, ACCEPT) as answer:
                    kind, body = answer.headers.get_content_type(), answer.read()
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    continue
                raise
            yield from self.listed(page, kind, body)

    @staticmethod
    def listed(page, kind, body):
        if kind.endswith("json"):
            for file in json.loads(body)["files"]:
                yield file["filename"], Index.beside(page, file["url"]), file.get("hashes", {}).get("sha256")
            return
        anchors = Anchors()
        anchors.feed(body.decode("utf-8", "replace"))
        for link in anchors.links:
            address = urllib.parse.urlsplit(Index.beside(page, link))
            digest = dict(urllib.parse.parse_qsl(address.fragment)).get("sha256")
            name = urllib.parse.unquote(address.path.rpartition("/")[2])
            yield name, urllib.parse.urlunsplit(address._replace(fragment="")), digest

    @staticmethod
    def beside(page, link):
        """A link's address; it keeps the page's credentials on the page's own host."""
        address, origin = urllib.parse.urlsplit(urllib.parse.urljoin(page, link)), urllib.parse.urlsplit(page)
        if origin.username and not address.username and address.hostname == origin.hostname:
            address = address._replace(netloc=origin.netloc.rpartition("@")[0] + "@" + address.netloc)
        return urllib.parse.urlunsplit(address)


def local_files(settings):
    """Wheels in folders that pip looks at, which carry no stated hash."""
    for folder in settings.get("find-links", "").split():
        folder = urllib.request.url2pathname(urllib.parse.urlsplit(folder).path) if folder.startswith("file:") else folder
        if os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                yield name, os.path.join(folder, name), None


def suits(file, wanted, machine, glibc):
    """How well a wheel suits CPython 3.14 on this machine: None is not at all, more is better."""
    match = WHEEL.match(file)
    if not match or normalised(match["name"]) != normalised(wanted["name"]) or match["version"] != wanted["version"]:
        return None
    pythons, abis = match["python"].split("."), match["abi"].split(".")
    if "cp314" in pythons and "cp314" in abis:
        code = 3
    elif "abi3" in abis and any(re.fullmatch(r"cp3\d+", tag) and int(tag[3:]) <= 14 for tag in pythons):
        code = 2
    elif "none" in abis and ("py3" in pythons or "py314" in pythons):
        code = 1
    else:
        return None
    best = None
    for platform in match["platform"].split("."):
        level = platform_level(platform, machine)
        if level is not None and level <= glibc and (best is None or level > best):
            best = level
    return None if best is None else (code, best)


def platform_level(platform, machine):
    """The minor version of glibc 2 that a platform tag asks for; 0 for any platform."""
    if platform == "any":
        return 0
    if not platform.endswith("_" + machine):
        return None
    system = platform[: -len(machine) - 1]
    modern = re.fullmatch(r"manylinux_2_(\d+)", system)
    return int(modern[1]) if modern else ALIASES.get(system)


def choose(wanted, candidates, machine, glibc):
    best = None
    for file, address, digest in candidates:
        rank = suits(file, wanted, machine, glibc)
        if rank is not None and (best is None or rank > best[0]):
            best = (rank, file, address, digest)
    return best and best[1:]


def fetch(wanted, request, index, settings):
    machine, glibc = request["machine"], request["glibc"]
    found = choose(wanted, local_files(settings), machine, glibc)
    found = found or choose(wanted, index.files(wanted["name"]), machine, glibc)
    if found is None:
        raise Unavailable("no wheel for CPython 3.14 on {} with glibc 2.{} or older".format(machine, glibc))
    file, address, stated = found
    path = os.path.join(request["into"], file)
    source = open(address, "rb") if os.path.isfile(address) else index.open(address)
    if stated is None and not os.path.isfile(address):
        raise Unavailable("the index states no SHA-256 for " + file)
    with source, open(path, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 16)
    with open(path, "rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    if stated is not None and digest != stated.lower():
        raise Unavailable("{} has SHA-256 {}, the index states {}".format(file, digest, stated))
    return {"name": wanted["name"], "version": wanted["version"], "file": file, "sha256": digest}


def persistently(wanted, request, index, settings):
    """Again after a fault of the network or of the server, but not after a plain no."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return fetch(wanted, request, index, settings)
        except (OSError, http.client.HTTPException) as error:
            final = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if final or attempt == ATTEMPTS:
                raise Unavailable(str(error)) from error
            time.sleep(0.2 * 2**attempt)


def main():
    request = json.load(sys.stdin)
    settings = pip_settings()
    index = Index(settings, request["certificates"])
    records = []
    for wanted in request["wheels"]:
        try:
            records.append(persistently(wanted, request, index, settings))
        except Unavailable as error:
            sys.exit("{} {}: {}".format(wanted["name"], wanted["version"], error))
    json.dump(records, sys.stdout)


if __name__ == "__main__":
    main()
