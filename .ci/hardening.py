#!/usr/bin/env python3
"""Whether built programs have what makes a bug in them harder to use.

    hardening.py PROGRAM...

Read from the file by readelf: a position-independent executable, no stack that can be executed, the
tables of the loader read-only from the start (full RELRO), and calls of the stack protector and of
the checked functions of the C library (_FORTIFY_SOURCE).
"""
import re
import subprocess
import sys


def read(program, *options):
    return subprocess.run(["readelf", "-W", *options, program], check=True, capture_output=True, text=True).stdout


def lacking(program):
    header, segments, dynamic, symbols = (read(program, option) for option in ("-h", "-l", "-d", "--dyn-syms"))
    has = {
        "position-independent": re.search(r"Type: +DYN ", header) and re.search(r"Flags: .*\bPIE\b", dynamic),
        "a stack that is not executed": re.search(r"GNU_STACK .* RW +0x", segments),
        "read-only tables": "GNU_RELRO" in segments,
        "bound when it starts": re.search(r"\(FLAGS(_1)?\).*\bNOW\b", dynamic),
        "a stack protector": re.search(r"\b__stack_chk_fail\b", symbols),
        "checked functions": re.search(r"\b__(?!stack)\w+_chk\b", symbols),
    }
    return [what for what, found in has.items() if not found]


def main(programs):
    bad = {program: missing for program in programs if (missing := lacking(program))}
    for program, missing in bad.items():
        print(f"{program} lacks: {', '.join(missing)}")
    return 1 if bad or not programs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
