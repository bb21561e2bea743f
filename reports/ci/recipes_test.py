#!/usr/bin/env python3
"""What the recipes of this folder, and our own workflows, take from elsewhere, and what they may do."""
import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORKFLOWS = sorted([*HERE.glob("github-*.yml"), *ROOT.glob(".github/workflows/*.yml")])


class Recipes(unittest.TestCase):
    def test_actions_are_pinned_by_their_commit(self):
        for path in [*WORKFLOWS, HERE / "action.yml"]:
            for action in re.findall(r"^\s*(?:- )?uses: *(.*)$", path.read_text(), re.MULTILINE):
                self.assertRegex(action, r"^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", path.name)

    def test_one_version_of_an_action(self):
        pins = {}
        for path in WORKFLOWS:
            for action, pin in re.findall(r"uses: *([\w./-]+)@(.*)$", path.read_text(), re.MULTILINE):
                self.assertEqual(pins.setdefault(action, pin), pin)

    def test_no_checkout_keeps_credentials(self):
        for path in WORKFLOWS:
            text = path.read_text()
            self.assertEqual(text.count("actions/checkout@"), text.count("persist-credentials: false"), path.name)

    def test_gridproof_is_a_commit(self):
        for path in WORKFLOWS:
            text = path.read_text()
            self.assertEqual(text.count("repository: OWNER/gridproof\n"), text.count("ref: COMMIT\n"), path.name)

    def test_gridproof_is_a_version_and_nothing_is_compiled(self):
        for path in (HERE / "gitlab-ci.yml", HERE / "github-workflow.yml"):
            installs = re.findall(r"pip\"? install (.*?)\"?$", path.read_text(), re.MULTILINE)
            self.assertEqual(installs, ["--only-binary :all: gridproof==VERSION"], path.name)

    def test_files_that_a_cache_depends_on_are_there(self):
        for path in WORKFLOWS:
            for files in re.findall(r"key:.*hashFiles\((.*?)\)", path.read_text()):
                for file in re.findall(r"'(?:gridproof/)?(.*?)'", files):
                    self.assertTrue((ROOT / file).is_file(), f"{path.name}: {file}")

    def test_no_permission_but_those_that_a_job_needs(self):
        for path in WORKFLOWS:
            text = path.read_text()
            self.assertIn("\npermissions: {}\njobs:\n", text, path.name)
            granted = set(re.findall(r"^      ([a-z-]+): (read|write)\b", text, re.MULTILINE))
            allowed = {("contents", "read")}
            for action, permission in (("upload-sarif@", "security-events"), ("gh-action-pypi-publish@", "id-token")):
                if action in text:
                    allowed.add((permission, "write"))
            self.assertEqual(granted, allowed, path.name)

    def test_no_words_of_others_in_a_command(self):
        # An expression in a command is pasted into it before the shell reads it.
        for path in [*WORKFLOWS, HERE / "action.yml"]:
            for expression in re.findall(r"\$\{\{ *(.*?) *\}\}", path.read_text()):
                self.assertNotRegex(expression, r"github\.(event|head_ref)", path.name)


if __name__ == "__main__":
    unittest.main()
