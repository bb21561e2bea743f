#!/usr/bin/env python3
"""The table of the README, from reports/matrix/matrix.json. Without an argument the README must have
it already; with --write it gets it, and cases too long to keep are taken out of matrix.json. The CMake
target `matrix` measures everybody again and writes."""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
README = HERE.parent.parent / "README.md"
BEGIN, END = "<!-- from reports/matrix -->\n", "<!-- end -->\n"
WRONG = {"deviates", "refused-wrongly", "lost"}


def table(matrix: dict) -> str:
    lines = ["| implementation | clauses broken | findings |", "| --- | ---: | ---: |"]
    rows = []
    for subject in matrix["subjects"]:
        cells = subject["clauses"].items()
        broken = sum(cell["worst"] in WRONG for name, cell in cells if name)
        asked = sum(1 for name, _ in cells if name)
        counts = ("does not start", "") if subject["obstacle"] else (f"{broken} of {asked}", len(subject["findings"]))
        name = subject["subject"] if subject["obstacle"] else subject["name"]
        rows.append((subject["obstacle"] is not None, broken, len(subject["findings"]), name, counts))
    for *_, name, (clauses, findings) in sorted(rows, key=lambda row: row[:4]):
        lines.append(f"| {name} | {clauses} | {findings} |")
    return "\n".join(lines) + "\n"


def without_long_cases(matrix: dict) -> dict:
    """Some cases have megabytes; `cases.txt`, which is not kept, has them all."""
    for subject in matrix["subjects"]:
        for finding in subject["findings"]:
            if finding["case"] and len(finding["case"]) > 2000:
                finding["case"] = finding["input"]["values"] = finding["grid"]["values"] = None
                if finding["backward"]:
                    finding["backward"]["grad_output"]["values"] = None
    return matrix


def main() -> int:
    matrix = json.loads((HERE / "matrix.json").read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        print(f"README.md: expected one table between '{BEGIN.strip()}' and '{END.strip()}'")
        return 1
    before, rest = text.split(BEGIN)
    wanted = before + BEGIN + table(matrix) + END + rest.split(END)[1]
    if sys.argv[1:] == ["--write"]:
        README.write_text(wanted, encoding="utf-8")
        text = json.dumps(without_long_cases(matrix), indent=1, ensure_ascii=False) + "\n"
        (HERE / "matrix.json").write_text(text, encoding="utf-8")
    elif text != wanted:
        print("README.md: its table is not that of reports/matrix/matrix.json; run reports/matrix/readme.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
