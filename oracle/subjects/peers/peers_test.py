#!/usr/bin/env python3
"""What peers.py does without any peer installed, and the scripts that it writes."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import own_files  # noqa: E402
import peers  # noqa: E402
import scripts  # noqa: E402


def run(*arguments, cache):
    return subprocess.run([sys.executable, HERE / "peers.py", *arguments], capture_output=True, text=True,
                          env={**os.environ, "GRIDPROOF_CACHE": cache}, check=False)


def canonical(requirement):
    """As package indexes write names."""
    name, _, version = requirement.partition("==")
    return f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}"


def locked(path):
    """{requirement: hashes}"""
    lines = path.read_text().replace("\\\n", " ").splitlines()
    return {canonical(line.split()[0]): line.split()[1:] for line in lines}


class Peers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_each_has_an_adapter_a_script_and_pinned_requirements(self):
        for name, peer in peers.PEERS.items():
            text = (HERE / f"{peer.adapter}.py").read_text()
            self.assertIn("def grid_sample(", text + "def grid_sample(" * ("getattr" in text))
            self.assertIn(name, scripts.SCRIPTS)
            for requirement in peer.requirements:
                self.assertRegex(requirement, r"^[A-Za-z0-9_-]+==[0-9][0-9a-z.]*$")
            self.assertLessEqual({canonical(r) for r in peer.requirements}, set(locked(peers.lock_of(name))))

    def test_every_package_is_locked_by_its_hashes(self):
        for path in (HERE / "locks").iterdir():
            with self.subTest(path.name):
                for requirement, hashes in locked(path).items():
                    self.assertRegex(requirement, r"^[a-z0-9.-]+==[0-9][0-9a-z.+]*$")
                    self.assertTrue(hashes, requirement)
                    for hash_ in hashes:
                        self.assertRegex(hash_, r"^--hash=sha256:[0-9a-f]{64}$")

    def test_an_install_takes_nothing_by_another_hash(self):
        with tempfile.TemporaryDirectory() as name:
            folder, index = pathlib.Path(name), pathlib.Path(name) / "index"
            index.mkdir()
            with zipfile.ZipFile(index / "scipy-1.17.1-py3-none-any.whl", "w") as wheel:
                wheel.writestr("scipy-1.17.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: scipy\nVersion: 1.17.1\n")
                wheel.writestr("scipy-1.17.1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
                wheel.writestr("scipy-1.17.1.dist-info/RECORD", "")
            done = subprocess.run(
                [sys.executable, HERE / "peers.py", "install", "scipy"], capture_output=True, text=True, check=False,
                env={**os.environ, "GRIDPROOF_CACHE": name, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)})
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(run("installed", cache=name).stdout, "")
            self.assertEqual(list(folder.glob("peers/scipy/lib/*/site-packages/scipy*")), [])

    def test_two_installs_wait_for_each_other(self):
        os.environ["GRIDPROOF_CACHE"] = self.folder.name
        self.addCleanup(os.environ.pop, "GRIDPROOF_CACHE")
        inside, most = [], []

        def install():
            with peers.alone("scipy"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.05)
                inside.pop()

        threads = [threading.Thread(target=install) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(most, [1] * 4)

    def test_the_list_says_what_is_installed(self):
        done = run("list", cache=self.folder.name)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(done.stdout.splitlines()), 1 + len(peers.PEERS))
        self.assertNotIn(" yes ", done.stdout)
        self.assertEqual(run("installed", cache=self.folder.name).stdout, "")

    def test_a_reader_who_stops_is_no_error(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([sys.executable, HERE / "peers.py", "list"], stdout=writer, stderr=subprocess.PIPE, check=False)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (141, b""))

    def test_one_that_is_not_installed_says_how(self):
        done = run("serve", "onnxruntime", cache=self.folder.name)
        self.assertEqual(json.loads(done.stdout), {
            "type": "error", "message": "it is not installed: gridproof peers install onnxruntime"})
        self.assertEqual(done.returncode, 2)

    def test_unknown_names_are_refused(self):
        self.assertIn("there is no peer 'tourch'", json.loads(run("serve", "tourch", cache=self.folder.name).stdout)["message"])
        done = run("install", "tourch", cache=self.folder.name)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1))
        self.assertTrue(done.stderr.startswith("gridproof: there is no peer 'tourch': expected --light, --all"))
        self.assertIn("no peer was named", run("install", cache=self.folder.name).stderr)
        for arguments, said in [((), "no command of peers"), (("instal",), "'instal' is not a command of peers"),
                                (("list", "all"), "'list all' is not a command of peers")]:
            done = run(*arguments, cache=self.folder.name)
            self.assertEqual((done.returncode, done.stderr.count("\n"), done.stdout), (2, 1, ""))
            self.assertTrue(done.stderr.startswith(f"gridproof: {said}: expected list, or install"), done.stderr)
        done = run("--help", cache=self.folder.name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Example:\n  gridproof peers install onnxruntime", done.stdout)


class Scripts(unittest.TestCase):
    FINDING = {"title": "x deviates", "sentence": "It gives nan\nwhere 1 is right.", "cause": "", "options": {"mode": "nearest"},
               "input": {"dtype": "f32", "shape": [1, 2, 1, 2], "values": ["1", "0x1.8p+1", "nan", "-inf"]},
               "grid": {"dtype": "f32", "shape": [1, 1, 2, 2], "values": ["0.5", "0", "-0.25", "0"]},
               "sample": 1, "channel": 1, "admissible": "1"}

    def script(self, name, **changes):
        return scripts.script_of({"subject": name, "name": "X 1"}, {**self.FINDING, **changes}, ["x==1"])

    def test_each_is_python(self):
        for name in scripts.SCRIPTS:
            compile(self.script(f"peer:{name}"), name, "exec")

    def test_gradients_have_their_own(self):
        backward = {"grad_output": self.FINDING["grid"], "wanted": ["grid"], "gradient": "grid", "element": 3}
        for name in scripts.GRADIENTS:
            text = self.script(f"peer:{name}", backward=backward)
            compile(text, name, "exec")
            self.assertIn("grad_output = np.array([0.5, 0.0, -0.25, 0.0], np.float32).reshape([1, 1, 2, 2])", text)
            self.assertIn("wanted = ['grid']", text)
            self.assertIn("gradients['grid'].flatten()[3])\nprint('gradient of the grid: expected', '1')", text)
        self.assertIsNone(self.script("peer:scipy", backward=backward))
        self.assertIsNone(self.script("peer:jax", backward={**backward, "grad_output": {"dtype": "bf16", "values": []}}))

    def test_torch_takes_the_values_of_bf16_from_f32(self):
        text = self.script("torch-2.8.0", grid={**self.FINDING["grid"], "dtype": "bf16"})
        self.assertIn("grid = np.array([0.5, 0.0, -0.25, 0.0], np.float32).reshape([1, 1, 2, 2])", text)
        self.assertIn("x = torch.from_numpy(x)\ng = torch.from_numpy(grid).bfloat16()\n", text)

    def test_the_values_are_exact(self):
        text = self.script("torch-2.8.0")
        self.assertIn('np.array([1.0, 3.0, float("nan"), float("-inf")], np.float32).reshape([1, 2, 1, 2])', text)
        self.assertIn("mode, padding_mode, align_corners = 'nearest', 'zeros', False", text)
        self.assertIn("# pip install numpy torch==2.8.0", text)
        self.assertIn("np.asarray(y)[0, 1, 0, 1]", text)
        self.assertIn("# where 1 is right.", text)

    def test_there_is_none_for_what_numpy_lacks_or_is_too_large(self):
        self.assertIsNone(self.script("mine"))
        self.assertIsNone(self.script("peer:scipy", input={**self.FINDING["input"], "dtype": "bf16"}))
        self.assertIsNone(self.script("peer:scipy", grid={**self.FINDING["grid"], "values": None}))

    def test_they_are_written_beside_the_matrix(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "matrix.json"
            path.write_text(json.dumps({"subjects": [
                {"subject": "peer:scipy", "name": "SciPy 1", "findings": [self.FINDING, self.FINDING]},
                {"subject": "mine", "name": "mine", "findings": [self.FINDING]}]}))
            self.assertEqual(scripts.write(path, lambda name: ["scipy==1"]), 2)
            self.assertEqual(sorted(p.name for p in path.parent.glob("scripts/*.py")), ["scipy-1.py", "scipy-2.py"])

    def matrix(self, folder, findings, **changes):
        path = pathlib.Path(folder) / "matrix.json"
        path.write_text(json.dumps({"subjects": [
            {"subject": "peer:scipy", "name": "SciPy 1", "findings": [{**self.FINDING, **changes}] * findings}]}))
        return path

    def write(self, path):
        return scripts.write(path, lambda name: ["scipy==1"])

    def test_only_its_own_are_replaced_or_removed(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name) / "scripts"
            folder.mkdir()
            (folder / "deploy.py").write_text("mine")
            (folder / "own_3.py").symlink_to(folder / "deploy.py")
            self.assertEqual(self.write(self.matrix(name, 3)), 3)
            (folder / "scipy-3.py").write_text("with my notes")
            self.assertEqual(self.write(self.matrix(name, 1)), 1)
            self.assertEqual(sorted(p.name for p in folder.iterdir()), [
                ".gridproof-files", "deploy.py", "own_3.py", "scipy-1.py", "scipy-3.py"])
            self.assertEqual((folder / "deploy.py").read_text(), "mine")
            with self.assertRaisesRegex(own_files.InTheWay, "scipy-3.py' is in the way"):
                self.write(self.matrix(name, 3))
            self.assertEqual((folder / "scipy-3.py").read_text(), "with my notes")

    def test_no_link_leads_out_of_the_folder(self):
        for link_to in ("scripts", "scripts/scipy-1.py"):
            with self.subTest(link_to), tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as other:
                (pathlib.Path(other) / "scipy-1.py").write_text("mine")
                link = pathlib.Path(name) / link_to
                link.parent.mkdir(exist_ok=True)
                link.symlink_to(other if link_to == "scripts" else f"{other}/scipy-1.py")
                with self.assertRaises(own_files.InTheWay):
                    self.write(self.matrix(name, 1))
                self.assertTrue(link.is_symlink())
                self.assertEqual([p.read_text() for p in pathlib.Path(other).iterdir()], ["mine"])

    def test_the_program_says_it_in_a_sentence(self):
        with tempfile.TemporaryDirectory() as name:
            path = self.matrix(name, 1)
            (pathlib.Path(name) / "scripts").write_text("mine")
            done = run("scripts", str(path), cache=name)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1))
            self.assertTrue(done.stderr.startswith("gridproof: '"), done.stderr)
            for broken in ("", "[]", '{"subjects": [{}]}', '{"subjects": 1}', "[" * 100000):
                path.write_text(broken)
                done = run("scripts", str(path), cache=name)
                self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)

    def test_words_of_others_are_never_code(self):
        hostile = ["-*- coding: utf-7 -*-", "a\nimport os", "a\rimport os", "a\x0cb\x00c", "a\u2028import os",
                   "\ud800", "\u202eevil", "# coding=rot13", "'" * 3, "\\", "{0}", "%s"]
        plain = compile(self.script("peer:scipy"), "x", "exec").co_code
        for text in hostile:
            changes = {key: text for key in ("title", "sentence", "cause", "admissible")}
            code = scripts.script_of({"subject": "peer:scipy", "name": text}, {**self.FINDING, **changes}, ["x==1"])
            self.assertEqual(compile(code.encode(), "x", "exec").co_code, plain, text)
            self.assertNotIn("\u202e", code)
        text = self.script("peer:scipy", options={"mode": "'+evil+'", "padding_mode": "\n", "align_corners": "evil()"})
        self.assertIn("""mode, padding_mode, align_corners = "'+evil+'", '\\n', True\n""", text)
        with self.assertRaises(ValueError):
            self.script("peer:scipy", input={**self.FINDING["input"], "shape": ["evil()"]})

    def test_an_alias_is_no_library(self):
        for name in ("scipy", "../scipy", "torch", "torch-2.8.0-mine", "peer:../../scipy", "torch-compile"):
            self.assertIsNone(self.script(name), name)


if __name__ == "__main__":
    unittest.main()
