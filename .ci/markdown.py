#!/usr/bin/env python3
"""Fails when a Markdown file links to, or names in backticks, a file or folder of the repository that is not there."""
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root,
                       capture_output=True, text=True, check=True).stdout.splitlines()
# Not what lies on the disk: a folder that git has left behind, say.
present = {str(path) for name in files for path in (pathlib.PurePath(name), *pathlib.PurePath(name).parents)}
pages = [name for name in files if name.endswith(".md")]
link = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
named = re.compile(r"`((?:reference|optimized|oracle|fuzz|reports|\.ci|\.github)/[\w./-]*[\w/])`")
errors = []
for name in pages:
    path = root / name
    text = path.read_text()
    for number, line in enumerate(text.splitlines(), 1):
        for target in link.findall(line):
            if os.path.normpath(os.path.join(os.path.dirname(name), target)) not in present:
                errors.append(f"{name}:{number}: the link leads to {target}, which is not there")
        for target in named.findall(line):
            if os.path.normpath(target) not in present:
                errors.append(f"{name}:{number}: `{target}` is not there")
words = len((root / "README.md").read_text().split())
if words > 1000:
    errors.append(f"README.md has {words} words: more than 1,000 are no front door")
print("\n".join(errors) if errors else f"{len(pages)} Markdown files: what they name is there; README.md has {words} words")
sys.exit(1 if errors else 0)
