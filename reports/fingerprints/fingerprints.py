#!/usr/bin/env python3
"""What `gridproof probe` measures of every subject: the files of this folder, one for each.

    fingerprints.py GRIDPROOF [SUBJECT...]          measures again and compares with the files
    fingerprints.py --renew GRIDPROOF [SUBJECT...]  writes the files

GRIDPROOF is the program. Without names, all of them: what `gridproof subjects` lists, the peers that
are installed, and whoever has a file. What cannot start here is skipped. The exit status is 0 when
all is as before, 1 when something is not, 77 when nobody could be compared.
"""
import argparse
import functools
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 1800  # seconds for one subject. Some compile for every question, and keep it for the next time


def file_of(name):
    return HERE / f"{name.replace(':', '-')}.txt"


def name_of(file):
    return re.sub("^peer-", "peer:", file.stem)


class Gridproof:
    def __init__(self, program):
        self.program = program.resolve()
        self.listed = {}  # who is built in or beside the program, with "" or why it does not start
        subjects = self.run("subjects")
        subjects.check_returncode()
        for line in subjects.stdout.splitlines()[1:]:
            if not line:
                break  # the controls are not listed
            name, starts, description = line.split(maxsplit=2)
            self.listed[name] = "" if starts == "yes" else description.partition(": ")[2]

    @functools.cached_property
    def peers(self):
        return [f"peer:{name}" for name in self.run("peers", "installed").stdout.split()]

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=LIMIT, cwd=HERE)

    def all(self):
        names = list(self.listed) + self.peers
        return names + [name for name in map(name_of, sorted(HERE.glob("*.txt"))) if name not in names]

    def obstacle(self, name):
        """Why nothing can be said of a subject here, or nothing."""
        foreign = name.startswith(("torch-", "peer:"))
        if foreign and self.listed.get("avx2", "no such target"):
            # Theirs multiply and add in one step where the processor can.
            return "the files are of processors with AVX2"
        if name.startswith("peer:"):
            return "" if name in self.peers else "it is not installed"
        return self.listed.get(name, "it is not built")


def differences(text):
    """What `probe --baseline` prints, without what is as before; how many first."""
    *lines, total = text.splitlines()
    lines = [line for line in lines if line.startswith("  ") or line.endswith(":")]
    return "\n  ".join([total.partition(", ")[2]] + lines)


def renew(gridproof, name):
    done = gridproof.run("probe", "--subject", name)
    if done.returncode != 0:
        return "failed", done.stderr.strip()
    file_of(name).write_text(done.stdout)
    return "written", ""


def compare(gridproof, name):
    if not file_of(name).exists():
        return "skipped", "there is no file of it yet"
    done = gridproof.run("probe", "--subject", name, "--baseline", file_of(name).name)
    if done.returncode == 0:
        return "same", ""
    if done.returncode == 1:
        return "different", differences(done.stdout)
    return "failed", done.stderr.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("program", type=pathlib.Path, metavar="GRIDPROOF")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT")
    arguments = parser.parse_args()
    gridproof = Gridproof(arguments.program)
    met = set()
    for name in arguments.subjects or gridproof.all():
        why = gridproof.obstacle(name)
        outcome = "skipped"
        if not why:
            try:
                outcome, why = (renew if arguments.renew else compare)(gridproof, name)
            except subprocess.TimeoutExpired:
                outcome, why = "failed", f"it takes longer than {LIMIT} s"
        met.add(outcome)
        print(f"{outcome:<10} {name}{': ' if why else ''}{why}", flush=True)
    if met & {"different", "failed"}:
        sys.exit(1)
    sys.exit(77 if met == {"skipped"} else 0)


if __name__ == "__main__":
    main()
