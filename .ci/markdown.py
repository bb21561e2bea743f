#!/usr/bin/env python3
"""Fails when a Markdown file links to, or names in backticks, a file or folder of the repository that is not there,
or a word of the glossary has no example that is checked."""
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
# A word is explained by something that a test looks at: a command, a clause, a file or a case.
glossary = "reference/contract/glossary.md"
example = re.compile(r"`gridproof |`grid_sample |\[[a-z_]+\.[a-z0-9-]+\]|`(?:reference|oracle|fuzz|reports)/|the same line")
rows = [line.split("|") for line in (root / glossary).read_text().splitlines() if line.startswith("| ")][2:]
errors += [f"{glossary}: '{row[1].strip()}' has no example that is checked" for row in rows if not example.search(row[3])]
if [row[1].lower() for row in rows] != sorted(row[1].lower() for row in rows):
    errors.append(f"{glossary}: the words are not in their order")
words = len((root / "README.md").read_text().split())
if words > 1000:
    errors.append(f"README.md has {words} words: more than 1,000 are no front door")
print("\n".join(errors) if errors else f"{len(pages)} Markdown files: what they name is there; README.md has {words} words")
sys.exit(1 if errors else 0)
