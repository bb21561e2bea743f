"""Tests of fetch.py on small wheels of our own; nothing is downloaded."""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import fetch

FILES = {
    "torch/include/ATen/ATen.h": "header",
    "torch/include/../../../../escaped.h": "no place for this",
    "torch/lib/libtorch_cpu.so": "cpu",
    "torch/lib/libc10.so": "c10",
    "torch/lib/libc10_cuda.so": "not needed",
    "torch/lib/libgomp-a34b3233.so.1": "gomp",
    "torch/__init__.py": "not needed",
    "nvidia/cu13/lib/libcudart.so.13": "cudart",
    "nvidia/cu13/lib/libcupti.so.13": "cupti",
}
KEPT = {
    "include/ATen/ATen.h": "header",
    "lib/libtorch_cpu.so": "cpu",
    "lib/libc10.so": "c10",
    "lib/libgomp-a34b3233.so.1": "gomp",
    "lib/libcudart.so.13": "cudart",
    "lib/libcupti.so.13": "cupti",
}


class FetchTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.cache = Path(temporary.name) / "cache"
        index = Path(temporary.name) / "index"
        index.mkdir()
        name = "torch-0.0.1-cp311-cp311-manylinux_2_28_x86_64.whl"
        with zipfile.ZipFile(index / name, "w") as wheel:
            for member, text in FILES.items():
                wheel.writestr(member, text)
            wheel.writestr("torch-0.0.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: torch\nVersion: 0.0.1\n")
            wheel.writestr("torch-0.0.1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n")
        self.sum = hashlib.sha256((index / name).read_bytes()).hexdigest()
        before = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ["GRIDPROOF_CACHE"] = str(self.cache)
        os.environ["PIP_NO_INDEX"] = "1"
        os.environ["PIP_FIND_LINKS"] = str(index)
        fetch.WHEELS["0.0.1"] = {"torch==0.0.1": (name, self.sum)}
        self.addCleanup(fetch.WHEELS.pop, "0.0.1")
        # By hand, and in the notation of sha256sum.
        lines = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(KEPT.items())]
        fetch.TREES["0.0.1"] = hashlib.sha256("".join(lines).encode()).hexdigest()
        self.addCleanup(fetch.TREES.pop, "0.0.1")

    def left_over(self):
        return {path.name for path in self.cache.iterdir()} - {"libtorch-0.0.1.lock"}

    def test_takes_what_is_needed_and_nothing_else(self):
        folder = fetch.fetch("0.0.1")
        self.assertEqual(folder, self.cache / "libtorch-0.0.1")
        kept = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(kept, set(KEPT))
        self.assertEqual((folder / "lib/libtorch_cpu.so").read_text(), "cpu")
        self.assertEqual(self.left_over(), {"libtorch-0.0.1"})

    def test_does_it_once(self):
        fetch.fetch("0.0.1")
        os.environ["PIP_FIND_LINKS"] = "/nowhere"
        self.assertTrue((fetch.fetch("0.0.1") / "lib/libc10.so").exists())

    def test_a_folder_is_trusted_only_if_it_is_whole(self):
        folder = fetch.fetch("0.0.1")
        os.environ["PIP_FIND_LINKS"] = "/nowhere"
        header, library = folder / "include/ATen/ATen.h", folder / "lib/libc10.so"
        elsewhere = self.cache.parent / "elsewhere"
        elsewhere.write_text("c10")
        changes = {
            "another byte": lambda: library.write_text("c11"),
            "a file more": lambda: (folder / "lib/libevil.so").touch(),
            "a file less": header.unlink,
            "a link to the same": lambda: (library.unlink(), library.symlink_to(elsewhere)),
            "a link more": lambda: (folder / "lib/more.so").symlink_to("/nowhere"),
            "another name": lambda: header.rename(header.with_name("aten.h")),
        }
        for what, change in changes.items():
            with self.subTest(what):
                change()
                with self.assertRaisesRegex(fetch.Failure, "are not those of the wheels: move it away"):
                    fetch.fetch("0.0.1")
                for path in folder.rglob("lib/*"):
                    path.unlink()
                (folder / "include/ATen/aten.h").unlink(missing_ok=True)
                for name, text in KEPT.items():
                    (folder / name).write_text(text)
                fetch.fetch("0.0.1")
        folder.rename(self.cache / "moved")
        folder.symlink_to(self.cache / "moved")
        with self.assertRaisesRegex(fetch.Failure, "is in the way: expected a folder"):
            fetch.fetch("0.0.1")

    def test_neighbors_stay(self):
        neighbors = ["libtorch-0.0.1-backup", "libtorch-0.0.1-abc", "libtorch-0.0.1.part.old", "libtorch-0.0.10"]
        for name in neighbors:
            (self.cache / name).mkdir(parents=True)
            (self.cache / name / "mine").touch()
        fetch.fetch("0.0.1")
        self.assertEqual(self.left_over(), {"libtorch-0.0.1", *neighbors})
        for name in neighbors:
            self.assertTrue((self.cache / name / "mine").exists())

    def test_a_folder_of_somebody_else_is_in_the_way(self):
        temporary = self.cache / "libtorch-0.0.1.part"
        temporary.mkdir(parents=True)
        (temporary / "mine").touch()
        with self.assertRaisesRegex(fetch.Failure, "libtorch-0.0.1.part is in the way: it was not made by a fetch"):
            fetch.fetch("0.0.1")
        self.assertTrue((temporary / "mine").exists())
        other = self.cache / "other"
        temporary.rename(other)
        (other / fetch.MARK).touch()
        temporary.symlink_to(other)
        with self.assertRaisesRegex(fetch.Failure, "is in the way"):
            fetch.fetch("0.0.1")
        self.assertTrue((other / "mine").exists())

    def test_several_at_a_time(self):
        folders = []
        threads = [threading.Thread(target=lambda: folders.append(fetch.fetch("0.0.1"))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(folders, [self.cache / "libtorch-0.0.1"] * 4)
        self.assertEqual(self.left_over(), {"libtorch-0.0.1"})

    def test_another_sum_leaves_nothing_behind(self):
        ((requirement, (name, _)),) = fetch.WHEELS["0.0.1"].items()
        fetch.WHEELS["0.0.1"] = {requirement: (name, "0" * 64)}
        with self.assertRaisesRegex(fetch.Failure, f"has the sha256 {self.sum}, not 0000"):
            fetch.fetch("0.0.1")
        self.assertEqual(self.left_over(), set())

    def test_what_a_killed_fetch_left_is_removed(self):
        (self.cache / "libtorch-0.0.1.part" / "wheels").mkdir(parents=True)
        (self.cache / "libtorch-0.0.1.part" / fetch.MARK).touch()
        fetch.fetch("0.0.1")
        self.assertEqual(self.left_over(), {"libtorch-0.0.1"})

    def run_program(self, version, **environment):
        return subprocess.run(
            [sys.executable, fetch.__file__, version],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
        )

    def test_unknown_version(self):
        result = self.run_program("1.0.0")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(
            result.stderr,
            "LibTorch 1.0.0 is not available: the versions known here are 2.15.0, 2.8.0 "
            "(and \"system\" for Debian's).\n",
        )

    def test_no_index(self):
        result = self.run_program("2.15.0")
        self.assertEqual(result.returncode, 2)
        self.assertIn("LibTorch 2.15.0 is not available: pip could not download it: ", result.stderr)
        self.assertIn("torch==2.15.0", result.stderr)

    def test_no_connection(self):
        nobody = "http://127.0.0.1:9/simple"
        result = self.run_program(
            "2.15.0", PIP_NO_INDEX="0", PIP_INDEX_URL=nobody, PIP_RETRIES="1", PIP_FIND_LINKS=""
        )
        self.assertEqual(result.returncode, 2)
        self.assertIn("Connection refused", result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 2)  # what it does, and one sentence

    def test_no_place_to_write(self):
        self.cache.parent.joinpath("file").touch()
        result = self.run_program("2.15.0", GRIDPROOF_CACHE=str(self.cache.parent / "file" / "cache"))
        self.assertEqual(result.returncode, 2)
        self.assertIn("LibTorch 2.15.0 is not available: [Errno 20] Not a directory", result.stderr)


if __name__ == "__main__":
    unittest.main()
