#!/usr/bin/env python3
"""Fetches the source packages of sources.txt and unpacks them, with Debian's patches: fetch.py FOLDER.

Each ends as FOLDER/<name>. What is there already stays; what has another SHA-256 than sources.txt says
is not unpacked.
"""
import hashlib
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request


def fetch(path, sha256, folder):
    file = folder / path.rpartition("/")[2]
    if not file.exists():
        try:
            with urllib.request.urlopen("https://deb.debian.org/" + urllib.parse.quote(path), timeout=60) as answer:
                contents = answer.read()
        except urllib.error.HTTPError as error:
            sys.exit(f"https://deb.debian.org/{path}: {error}. Debian removes what it has updated: "
                     "let sources.txt name the new version.")
        file.write_bytes(contents)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != sha256:
        file.unlink()
        sys.exit(f"{path} has the SHA-256 {found}: expected {sha256}")
    return file


def main(folder):
    archives = folder / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    lines = pathlib.Path(__file__).with_name("sources.txt").read_text().splitlines()
    for sha256, path in (line.split() for line in lines if not line.startswith("#")):
        pool, _, package = path.rpartition("/")
        unpacked = folder / package.partition("_")[0]
        if unpacked.exists():
            continue
        description = fetch(path, sha256, archives)
        if description.suffix != ".dsc":
            unpacked.mkdir()
            subprocess.run(["tar", "-xf", description, "-C", unpacked], check=True)
            entries = list(unpacked.iterdir())
            if len(entries) == 1:  # all of it in one folder
                for file in entries[0].iterdir():
                    file.rename(unpacked / file.name)
                entries[0].rmdir()
            continue
        listed = re.search(r"^Checksums-Sha256:\n((?: .*\n)+)", description.read_text(), re.M)
        for line in listed[1].splitlines():
            its_sha256, _, name = line.split()
            fetch(f"{pool}/{name}", its_sha256, archives)
        subprocess.run(["dpkg-source", "--no-check", "-x", description, unpacked], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
