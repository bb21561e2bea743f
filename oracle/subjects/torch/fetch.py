#!/usr/bin/env python3
"""Puts LibTorch, headers and the libraries that a CPU program needs, into the cache.

    fetch.py VERSION      prints the folder, which has include/ and lib/

The folder is ${GRIDPROOF_CACHE:-~/.cache/gridproof}/libtorch-VERSION. The wheels come from the
package index through pip, are checked against the sums below, and are gone again afterwards; nothing
out of them is run here. The folder appears whole or not at all, and several fetches of it at a time
do no harm. One that is there is trusted only if its files are those of the wheels, by the sum below.
Nothing else in the cache is touched. Exit status 2, with one sentence, when it is not available. Tested
by fetch_test.py.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

# Version of torch: {requirement: (wheel, its sha256)}. The NVIDIA libraries are there because
# libtorch_cpu.so is linked to them; they need neither a GPU nor a driver.
WHEELS = {
    "2.15.0": {
        "torch==2.15.0": (
            "torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl",
            "48c2d861134c0b5697c7602cb5ffa68f62a2989fdcd1717e593356f67996ca1e",
        ),
        "nvidia-cuda-runtime==13.2.75": (
            "nvidia_cuda_runtime-13.2.75-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            "72bf454902da594e0b833cadeddc8b7100ce1c7cf7ed9023943931be1aa913b7",
        ),
        "nvidia-cuda-cupti==13.2.75": (
            "nvidia_cuda_cupti-13.2.75-py3-none-manylinux_2_25_x86_64.whl",
            "f75aca6bef89c625a4076a820302bb06764daa1d21595286f6bee5e237d3a187",
        ),
    },
    "2.8.0": {
        "torch==2.8.0": (
            "torch-2.8.0-cp311-cp311-manylinux_2_28_x86_64.whl",
            "c12fa219f51a933d5f80eeb3a7a5d0cbe9168c0a14bbb4055f1979431660879b",
        ),
        "nvidia-cuda-runtime-cu12==12.8.90": (
            "nvidia_cuda_runtime_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            "adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90",
        ),
        "nvidia-cuda-cupti-cu12==12.8.90": (
            "nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            "ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182",
        ),
    },
}
# Version of torch: the sha256 of the list of its files, as tree_sum makes it.
TREES = {
    "2.15.0": "99fff26f44d589cf45b9731581d2a78f610ca86256f36e2efaf3e1f3b5baf750",
    "2.8.0": "e57bbd8c43ad4f9ed44c6a42374a2c1c9aa8848b640d75ce428ca8c24dc181a5",
}
PLATFORMS = ["manylinux_2_28_x86_64", "manylinux_2_25_x86_64", "manylinux2014_x86_64"]

# What libtorch_cpu.so asks the loader for and the system does not have; all into one folder, where
# its run path ($ORIGIN) finds it.
MARK = ".fetch.py"
LIBRARIES = ["libtorch_cpu.so", "libc10.so", "libgomp", "libcudart.so", "libcupti.so"]


class Failure(Exception):
    """One sentence."""


def place(member):
    """Where a file of a wheel goes below the folder, or None when it is not needed."""
    path = PurePosixPath(member)
    if member.startswith("torch/include/") and not member.endswith("/") and ".." not in path.parts:
        return path.relative_to("torch")
    if path.parent.name == "lib" and any(path.name.startswith(name) for name in LIBRARIES):
        return PurePosixPath("lib", path.name)
    return None


def reason(said):
    """What pip failed of: a connection, which its last line does not mention, or that line."""
    broken = re.findall(r"after connection broken by '(.*)': ", said)
    lines = [line for line in said.splitlines() if line.strip()]
    return (broken or lines or ["it does not say why"])[-1].rstrip(".")


def download(version, folder):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download"]
    command += ["--quiet", "--progress-bar=off", "--no-cache-dir", "--no-deps", f"--dest={folder}"]
    command += ["--only-binary=:all:", "--python-version=3.11"]
    command += [f"--platform={platform}" for platform in PLATFORMS]
    result = subprocess.run(
        command + list(WHEELS[version]), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        raise Failure(f"pip could not download it: {reason(result.stderr)}")


def check(wheel, expected):
    if not wheel.is_file():
        raise Failure(f"pip downloaded a different wheel than {wheel.name}")
    digest = hashlib.sha256()
    with wheel.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        raise Failure(f"{wheel.name} has the sha256 {digest.hexdigest()}, not {expected}")


def extract(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            target = place(member)
            if target is None:
                continue
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, (folder / target).open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def tree_sum(folder):
    """The sha256 of what sha256sum prints of all files, in the order of their names; a link counts as
    what it says. Folders without files do not count."""
    names = sorted(
        (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()),
        key=lambda path: path.relative_to(folder).as_posix(),
    )

    def line(path):
        if path.is_symlink() or not path.is_file():
            return f"no file  {path.relative_to(folder).as_posix()}\n"
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{digest}  {path.relative_to(folder).as_posix()}\n"

    with ThreadPoolExecutor() as pool:
        return hashlib.sha256("".join(pool.map(line, names)).encode()).hexdigest()


def verify(version, folder):
    if folder.is_symlink() or not folder.is_dir():
        raise Failure(f"{folder} is in the way: expected a folder")
    if tree_sum(folder) != TREES[version]:
        raise Failure(f"the files in {folder} are not those of the wheels: move it away to fetch them again")


def remove_leftover(folder):
    """What a fetch left that was killed, which is known by its mark."""
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not (folder / MARK).is_file():
        raise Failure(f"{folder} is in the way: it was not made by a fetch")
    shutil.rmtree(folder)


def fetch(version):
    """The folder with LibTorch `version`, which is made if it is not there."""
    if version not in WHEELS:
        known = ", ".join(sorted(WHEELS))
        raise Failure(f"the versions known here are {known} (and \"system\" for Debian's)")
    cache = Path(os.environ.get("GRIDPROOF_CACHE") or Path.home() / ".cache" / "gridproof")
    folder = cache / f"libtorch-{version}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"libtorch-{version}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes second finds the folder
        if os.path.lexists(folder):
            verify(version, folder)
            return folder
        temporary = cache / f"libtorch-{version}.part"
        remove_leftover(temporary)
        print(f"LibTorch {version}: downloading (once; up to 900 MB)", file=sys.stderr, flush=True)
        temporary.mkdir()
        (temporary / MARK).touch()
        try:
            wheels, made = temporary / "wheels", temporary / "libtorch"
            download(version, wheels)
            for wheel, sum_ in WHEELS[version].values():
                check(wheels / wheel, sum_)
                extract(wheels / wheel, made)
                (wheels / wheel).unlink()
            verify(version, made)
            made.rename(folder)
        finally:
            shutil.rmtree(temporary)
    return folder


def main(arguments):
    if len(arguments) != 1:
        print("usage: fetch.py VERSION", file=sys.stderr)
        return 2
    try:
        print(fetch(arguments[0]))
        return 0
    except Failure as failure:
        print(f"LibTorch {arguments[0]} is not available: {failure}.", file=sys.stderr)
    except OSError as error:
        print(f"LibTorch {arguments[0]} is not available: {error}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
