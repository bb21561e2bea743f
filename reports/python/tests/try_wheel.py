#!/usr/bin/env python3
"""Installs wheels as a user does, and tries the five things people do.

    try_wheel.py FOLDER PYTHON...   the folder has the wheels; each Python gets a fresh environment

No compiler is in their PATH. Exit status 1 when something does not work.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TRIAL = '''
import sys, time
import numpy
start = time.perf_counter()
import gridproof
gridproof.grid_sample
seconds = time.perf_counter() - start
image, grid = numpy.float32([[[[1, 2], [3, 4]]]]), numpy.float32([[[[0.1, 0]]]])

# Sample.
output = gridproof.grid_sample(image, grid)
assert output.tolist() == gridproof.reference.grid_sample(image, grid).tolist()
assert float(gridproof.exact.grid_sample(image, grid).item()) == 2.600000001490116

# Judge.
gridproof.assert_admissible(output, image, grid)
try:
    gridproof.assert_admissible(output - 0.05, image, grid)
    sys.exit("2.55 passes")
except AssertionError as wrong:
    assert "align.flipped" in str(wrong), wrong

# On trial.
def wrong(image, grid, **options):
    return gridproof.reference.grid_sample(image, numpy.nan_to_num(grid, nan=0), **options)
report = gridproof.check(gridproof.reference.grid_sample, samples=20_000)
assert report, report
report = gridproof.check(wrong, samples=20_000)
assert not report and "nan" in str(report), report

# Diagnose: a mistake, its cause, what is right.
grid = gridproof.affine_grid(numpy.float32([[[1, 0, 0], [0, 1, 0]]]), (1, 1, 4, 6), align_corners=True)
image = numpy.arange(24, dtype="f4").reshape(1, 1, 4, 6) ** 2
found = gridproof.diagnose(image, grid, expected=image)
assert "align_corners" in str(found), found
assert "coord" in str(gridproof.explain(image, grid, at=(1, 2)))

assert not {"torch", "jax"} & set(sys.modules), "torch is loaded"
print(f"import {seconds:.3f} s beyond NumPy")
'''

SUBJECT = '''
import gridproof, numpy
def right(image, grid, **options):
    return gridproof.reference.grid_sample(image, grid, **options)
def wrong(image, grid, **options):
    return gridproof.reference.grid_sample(image, numpy.nan_to_num(grid, nan=0), **options)
'''


def try_with(python, wheels, folder):
    environment = {"PATH": f"{folder}/venv/bin:{folder}/tools", "HOME": f"{folder}/home", "LANG": "C.UTF-8"}
    work = folder / "work"
    for empty in (work, folder / "home"):
        empty.mkdir()
    tools = folder / "tools"
    tools.mkdir()
    for tool in ("sh", "env", "uname"):
        (tools / tool).symlink_to(f"/usr/bin/{tool}")

    def run(*command, expected=0):
        done = subprocess.run(command, env=environment, cwd=work, capture_output=True, text=True)
        if done.returncode != expected:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    start = time.monotonic()
    subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
    pip = {**os.environ, "PATH": environment["PATH"]}
    subprocess.run([folder / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:",
                    "--find-links", wheels, "gridproof", "pytest"], check=True, env=pip)
    installed = time.monotonic() - start
    (work / "trial.py").write_text(TRIAL)
    (work / "mine.py").write_text(SUBJECT)
    said = run("python", "trial.py").strip()
    run("gridproof", "smoke", "--subject", "process:python -m gridproof.adapter mine:right")
    run("gridproof", "smoke", "--subject", "process:python -m gridproof.adapter mine:wrong", expected=1)
    templates = next((folder / "venv").glob("lib/*/site-packages/gridproof/share/gridproof/templates"))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", work / "plugin.so", templates / "plugin.c", "-lm",
                    "-I", pathlib.Path(__file__).resolve().parents[3]], check=True)
    run("gridproof", "smoke", "--subject", "./plugin.so")
    run("python", "-m", "pytest", "-q", "--gridproof", "mine:right", "--gridproof-samples", "20000")
    run("python", "-m", "pytest", "-q", "--gridproof", "mine:wrong", "--gridproof-samples", "20000", expected=1)
    version = run("python", "-c", "import platform, numpy; print(platform.python_version(), 'NumPy', numpy.__version__)")
    return f"{version.strip()}: installed in {installed:.0f} s; {said}; all in {time.monotonic() - start:.0f} s"


def main(wheels, *pythons):
    failed = False
    for python in pythons:
        with tempfile.TemporaryDirectory(prefix="gridproof-", dir=pathlib.Path.home()) as folder:
            try:
                print(f"{python}: {try_with(python, pathlib.Path(wheels).resolve(), pathlib.Path(folder))}", flush=True)
            except (RuntimeError, subprocess.CalledProcessError) as why:
                failed = True
                print(f"{python}: {why}", flush=True)
    return failed


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
