#!/usr/bin/env python3
"""Keeps clauses, code, tests and documentation together (reference/semantics/clauses.md).

Fails when a clause has no known status, no case, no comment `[name]` in the code of its stem or no
mention in a test there; when a name in brackets, or given to a field called `clause`, is no clause;
and when documentation.md names a missing clause, or has neither a clause nor a reason. So do the
claims of reports/claims: each stands once in claims.md, with a verdict, and has a test of its own.
"""
import io
import pathlib
import re
import subprocess
import sys
import tokenize

root = pathlib.Path(__file__).resolve().parent.parent
semantics = root / "reference" / "semantics"
errors = []

heading = re.compile(r"^### \[([^\]]*)\] *(.*)$")
name_in_brackets = re.compile(r"(?<![\w\])])\[([a-z][a-z0-9_]*\.[a-z0-9][a-z0-9-]*)\](?!\()")
name_in_field = re.compile(r'\bclause\b\s*(?:=|==|!=|:|\{)\s*\{?"([^"]+)"|\bRefusal\{\s*"([^"]+)"')
well_formed = re.compile(r"[a-z_]+\.[a-z0-9-]+")


def fail(path, line, message):
    errors.append(f"{path.relative_to(root)}:{line}: {message}")


def comments_and_strings(path, text):
    """(line, text) of every comment and string literal; in Markdown, every line."""
    if path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                yield token.start[0], token.string
        return
    for number, line in enumerate(text.splitlines(), 1):
        if path.suffix == ".md":
            yield number, line
        else:
            for part in re.findall(r'//.*$|"(?:[^"\\]|\\.)*"', line):
                yield number, part


def comments(path):
    return " ".join(part for _, part in comments_and_strings(path, path.read_text())
                    if part.startswith("//")) if path.exists() else ""


# The clauses of the texts.
clauses = {}
stems = re.search(r"set\(stems ([^)]*)\)", (semantics / "embed.cmake").read_text()).group(1).split()
for path in sorted(semantics.glob("*.md")):
    current = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := heading.match(line):
            name, status = match.groups()
            if not well_formed.fullmatch(name):
                fail(path, number, f"'{name}' is no name of a clause")
            if name in clauses:
                fail(path, number, f"[{name}] stands twice")
            current = clauses[name] = {"path": path, "line": number, "status": status,
                                       "text": "", "cases": 0}
        elif line.startswith("#"):
            current = None
        elif current is not None:
            current["cases"] += bool(re.match(r" *case: \S.* -> \S", line))
            current["text"] += line + "\n"
        elif path.stem in stems and line.strip().startswith(("case: ", "formula: ")):
            fail(path, number, "this line belongs to no clause")
    if path.stem not in stems and path.stem != "clauses":
        fail(path, 1, "this text is not in the list of embed.cmake")

tested = " ".join(path.read_text() for path in semantics.glob("*_test.cc"))
for name, clause in clauses.items():
    path, line = clause["path"], clause["line"]
    if clause["status"] not in ("documented", "settled", "open", "erratum"):
        fail(path, line, f"[{name}] has the status '{clause['status']}'")
    if clause["status"] == "open":
        for word in ("latitude:", "reference:"):
            if f"\n{word} " not in clause["text"]:
                fail(path, line, f"[{name}] is open and has no '{word}'")
    if clause["cases"] == 0:
        fail(path, line, f"[{name}] has no case")
    if f"[{name}]" not in comments(path.with_suffix(".h")) + comments(path.with_suffix(".cc")):
        fail(path, line, f"[{name}] has no comment in {path.stem}.h or {path.stem}.cc")
    if f"[{name}]" not in tested:
        fail(path, line, f"[{name}] has no test")

# The claims: a heading of claims.md is what a test begins with.
folder = root / "reports" / "claims"
claims = {}
for number, line in enumerate((folder / "claims.md").read_text().splitlines(), 1):
    if match := heading.match(line):
        name, verdict = match.groups()
        if not name.startswith("claim.") or not well_formed.fullmatch(name) or name in claims \
                or verdict not in ("true", "imprecise", "false"):
            fail(folder / "claims.md", number, f"[{name}] {verdict}: expected a new claim.… and its verdict")
        claims[name] = f"[{name}] {verdict}"
claims_tested = []
for path in sorted(folder.glob("*_test.cc")):
    for test in re.split(r"^TEST\(", path.read_text(), flags=re.M)[1:]:
        claimed = re.findall(r'\bClaim claim\("(.*)"\);', test)
        claims_tested += claimed
        if len(claimed) != 1:
            fail(path, 1, f"TEST({test.splitlines()[0]} is about {len(claimed)} claims")
for claim in sorted({*claims.values(), *claims_tested}):
    if claims_tested.count(claim) != 1 or claim not in claims.values():
        fail(folder / "claims.md", 1, f"'{claim}' has {claims_tested.count(claim)} tests, "
                                      f"and {list(claims.values()).count(claim)} sections")

# The names that the rest of the repository uses.
listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md", "*.h", "*.cc", "*.cu", "*.py"],
                        cwd=root, capture_output=True, text=True, check=True).stdout.split("\n")
for path in (root / line for line in sorted(filter(None, listed))):
    if not path.exists():
        continue
    text = path.read_text()
    for number, part in comments_and_strings(path, text):
        for name in name_in_brackets.findall(part):
            if name not in clauses and name not in claims:
                fail(path, number, f"[{name}] is no clause")
    code = re.sub(r"//.*", "", text) if path.suffix in (".h", ".cc", ".cu") else ""
    for match in name_in_field.finditer(code):
        name = match.group(1) or match.group(2)
        if name not in clauses:
            fail(path, code.count("\n", 0, match.start()) + 1, f"'{name}' is no clause")

# The documentation, statement by statement.
path = semantics / "documentation.md"
statements = 0
for number, line in enumerate(path.read_text().splitlines(), 1):
    if match := re.match(r"\| (\d+) \| ([^|]+) \| ([^|]+) \|$", line):
        statements += 1
        if int(match.group(1)) != statements:
            fail(path, number, f"statement {match.group(1)} stands in place {statements}")
        if not name_in_brackets.search(match.group(3)) and not match.group(3).startswith("none: "):
            fail(path, number, "the statement has neither a clause nor a reason")
if statements == 0:
    fail(path, 1, "there are no statements")

print("\n".join(errors) or f"{len(clauses)} clauses, {statements} statements of the documentation, "
                           f"{len(claims)} claims")
sys.exit(bool(errors))
