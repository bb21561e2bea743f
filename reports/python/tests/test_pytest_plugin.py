"""pytest --gridproof: one test for each clause."""
import os
import shlex
import subprocess
import sys
import xml.etree.ElementTree

import pytest

FUNCTIONS = '''
import os
import numpy
import gridproof

def noted(function):
    def counting(input, grid, **options):
        if not calls.get(function):
            with open(os.environ.get("NOTES", os.devnull), "a") as notes:
                notes.write(f"{function.__name__}\\n")
        calls[function] = True
        return function(input, grid, **options)
    calls = {}
    counting.__name__ = function.__name__
    return counting

@noted
def right(input, grid, **options):
    return gridproof.grid_sample(input, grid, **options)

@noted
def wrong(input, grid, padding_mode="zeros", **options):
    if padding_mode == "border":
        padding_mode = "reflection"
    return gridproof.grid_sample(input, grid, padding_mode=padding_mode, **options)

def without_border(input, grid, padding_mode="zeros", **options):
    if padding_mode == "border":
        raise gridproof.Unsupported("border")
    return gridproof.grid_sample(input, grid, padding_mode=padding_mode, **options)
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sampler.py").write_text(FUNCTIONS)
    return tmp_path


@pytest.fixture
def run(folder):
    def run(*arguments, plugin="gridproof.pytest_plugin", samples="1000"):
        environment = {**os.environ, "NOTES": str(folder / "notes"), "TMPDIR": str(folder)}
        environment.pop("PYTEST_ADDOPTS", None)
        done = subprocess.run([sys.executable, "-m", "pytest", "-p", plugin, "-p", "no:cacheprovider",
                               "--gridproof-samples", samples, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
        assert not list(folder.glob("gridproof-*"))  # nothing is left
        return done
    return run


def test_a_right_function_passes(run, folder):
    done = run("--gridproof", "sampler:right", "-v", "-rs")
    assert done.returncode == 0, done.stdout
    assert "sampler:right, profile P1, 1000 samples, seed 1" in done.stdout and "gridproof 0." in done.stdout
    assert "sampler:right::padding.zeros PASSED" in done.stdout
    assert "sampler:right::everything was tested PASSED" in done.stdout
    assert "sampler:right::affine_grid.map SKIPPED" in done.stdout
    assert "no question to grid_sample is mainly about it" in done.stdout
    assert (folder / "notes").read_text() == "right\n"


def test_a_wrong_function_fails_where_it_is_wrong(run, folder):
    done = run("--gridproof", "sampler:wrong", "-v", "--junit-xml", "junit.xml", "-k", "padding")
    assert done.returncode == 1
    assert "sampler:wrong::padding.border FAILED" in done.stdout and "sampler:wrong::padding.zeros PASSED" in done.stdout
    assert "nearest.texel" not in done.stdout and "Traceback" not in done.stdout
    assert "wrong deviates from [padding.border]" in done.stdout and "\ncase: grid_sample " in done.stdout
    command = next(line for line in done.stdout.splitlines() if line.startswith("gridproof replay "))
    shown = subprocess.run([sys.executable, "-m", *shlex.split(command)], cwd=folder, capture_output=True, text=True)
    assert "sampler:wrong --like numpy" in command and "deviates [padding.border]" in shown.stdout, shown.stderr
    cases = {case.get("name"): case for case in xml.etree.ElementTree.parse(folder / "junit.xml").iter("testcase")}
    assert cases["padding.border"].get("classname") == "sampler:wrong" and cases["padding.border"].find("failure") is not None


def test_several_functions_and_the_tests_beside_them(run, folder):
    (folder / "test_mine.py").write_text("def test_mine(): pass\n")
    done = run("--gridproof", "sampler:right", "--gridproof", "sampler.py:wrong", "--gridproof", "sampler:right", "-v")
    assert "test_mine.py::test_mine PASSED" in done.stdout and "sampler.py:wrong::padding.border FAILED" in done.stdout
    assert done.stdout.count("sampler:right::padding.zeros PASSED") == 1
    assert (folder / "notes").read_text() == "right\nwrong\n"


def test_what_takes_no_part_is_skipped(run):
    done = run("--gridproof", "sampler:without_border", "-v", "-rs")
    assert "sampler:without_border::padding.border SKIPPED" in done.stdout
    assert "takes no part" in done.stdout


def test_waived_is_expected_and_what_is_not_needed_fails(run, folder):
    waiver = '[[waiver]]\nname = "{}"\nreason = "known"\nexpires = 2999-01-01\npadding_mode = ["border"]\n'
    (folder / "waivers.toml").write_text(waiver.format("borders"))
    done = run("--gridproof", "sampler:wrong", "--gridproof-waivers", "waivers.toml", "-v", "-rx")
    assert "sampler:wrong::padding.border XFAIL" in done.stdout and "borders" in done.stdout
    assert done.returncode == 0, done.stdout
    done = run("--gridproof", "sampler:right", "--gridproof-waivers", "waivers.toml", "-v")
    assert done.returncode == 1 and "sampler:right::every waiver holds FAILED" in done.stdout


@pytest.mark.parametrize("arguments, sentence", [
    (["--gridproof", "nowhere:f"], "ERROR: --gridproof: nowhere cannot be imported: ModuleNotFoundError"),
    (["--gridproof", "sampler:no"], "ERROR: --gridproof: sampler has no no"),
])
def test_what_is_not_there(run, arguments, sentence):
    done = run(*arguments)
    assert done.returncode == 4 and sentence in done.stdout + done.stderr


def test_what_cannot_be_judged_fails(run):
    done = run("--gridproof", "sampler:right", "--gridproof-profile", "P9", "-k", "padding.zeros")
    assert done.returncode == 1 and "--profile is 'P9'" in done.stdout and "Traceback" not in done.stdout


def test_workers_of_xdist_share_one_campaign(run, folder):
    pytest.importorskip("xdist")
    done = run("--gridproof", "sampler:wrong", "-n", "2")
    assert done.returncode == 1 and " failed" in done.stdout, done.stdout + done.stderr
    assert (folder / "notes").read_text() == "wrong\n"


def test_the_fixture(run, folder):
    (folder / "test_mine.py").write_text(
        "import sampler\n"
        "def test_right(gridproof_check):\n"
        "    assert gridproof_check(sampler.right).samples > 1000\n"
        "def test_wrong(gridproof_check):\n"
        "    gridproof_check(sampler.wrong, dtypes='f32')\n")
    done = run("-v", "test_mine.py")
    assert "test_right PASSED" in done.stdout and "test_wrong FAILED" in done.stdout
    assert "AssertionError: wrong does not conform" in done.stdout and "trial.py" not in done.stdout
