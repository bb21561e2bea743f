#!/usr/bin/env python3
"""commands_test.py BUILD: what commands.py has to complain about, and what not."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

build = pathlib.Path(sys.argv.pop(1)).resolve()
checker = pathlib.Path(__file__).with_name("commands.py")
QUESTION = "'grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}'"

WRONG = [
    "gridproof chekc --seed 1",
    "gridproof check --sead 1",
    "gridproof check --profile P9",
    "gridproof replay 'grid_sample input=f32[1]{1}'",
    "gridproof peers install tourch",
    "gridproof merge nowhere/report.json",
    "gridproof bench --quik",
    "build/release/gridproof spec coord.nam",
    "check --base-line old/report.json",
    "--base-line FILE",
    "cmake --workflow --preset nihgtly",
    "cmake --build --preset release --target nihgtly",
    "cmake --preset release -DGRIDPROOF_LIBTROCH=",
    "cmake --install build/nowhere --prefix DIR",
    "cmake --workflow",
    "ctest -R nowhere",
    "python3 oracle/nowhere.py",
    "python3 oracle/subjects/peers/adapters_test.py tourch",
    "bash .ci/nowhere",
    ".ci/format.sh --fixed",
    "git diff reports/nowhere",
    "build/release/nowhere_test",
    "build/release/contract_test --gtest_filter='Nowhere.*'",
    "bash .ci/setup && cmake --preset nowhere",
]
RIGHT = [
    "gridproof check --seed 1 --max-samples 1e9",
    f"gdb --args build/release/gridproof replay {QUESTION} --subject reference",
    "gridproof spec [CLAUSE]",
    "gridproof merge FILE...",
    "gridproof peers install NAME",
    "check --baseline old/report.json",
    "cmake --workflow --preset nightly",
    "ctest -R layers",
    "bash .ci/setup && cmake --preset release -DGRIDPROOF_LIBTORCH=",
]


def complaints(page):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "page.md"
        path.write_text(page)
        done = subprocess.run([sys.executable, checker, build, "--page", path], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


class Commands(unittest.TestCase):
    def test_what_is_wrong_is_found(self):
        status, said = complaints("\n".join(f"Text and `{command}`." for command in WRONG))
        self.assertEqual(status, 1, said)
        for number, command in enumerate(WRONG, 1):
            self.assertIn(f"page.md:{number}: {command}: ", said)

    def test_what_is_right_passes(self):
        status, said = complaints("\n".join(f"Text and `{command}`." for command in RIGHT))
        self.assertEqual((status, said), (0, f"{len(RIGHT)} commands in 1 Markdown files work\n"))

    def test_blocks_and_lines_that_are_broken_are_read(self):
        for page in ("```sh\ngridproof chekc\n```\n", "    gridproof chekc\n", "`gridproof\nchekc`\n", "```\n$ gridproof chekc\n```\n",
                     "- in a list:\n\n  ```sh\n  gridproof chekc\n  ```\n"):
            status, said = complaints(page)
            self.assertEqual(status, 1, page + said)
            self.assertIn("there is no command 'chekc' of gridproof", said)

    def test_what_is_shown_is_said(self):
        shown = f"```\n$ gridproof explain {QUESTION}\n%s\n```\n"
        status, said = complaints(shown % "...")
        self.assertEqual(status, 0, said)
        status, said = complaints(shown % "It is Tuesday.")
        self.assertEqual(status, 1)
        self.assertIn("it does not say 'It is Tuesday.'", said)


if __name__ == "__main__":
    unittest.main()
