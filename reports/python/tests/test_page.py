"""Every example of the page, in its order: each block of code, with what it shows below."""
import contextlib
import doctest
import io
import os
import pathlib
import re
import subprocess
import sys

import pytest

PAGE = (pathlib.Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.S)
SECTIONS = re.split(r"^## ", PAGE, flags=re.M)


def shown_by(code, names):
    """What a block prints; an exception is the last line of that."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(code, "README.md", "exec"), names)
        except AssertionError as why:
            print(f"{type(why).__name__}: {why}")
    return out.getvalue()


@pytest.mark.parametrize("section", SECTIONS, ids=[section.partition("\n")[0] for section in SECTIONS])
def test_section(section):
    names = {}
    exec(BLOCK.search(SECTIONS[0])[1], names)
    for code, wanted in BLOCK.findall(section):
        assert sum(bool(line.strip()) for line in code.splitlines()) <= 10, code
        got = shown_by(code, names)
        assert doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), got


def test_commands(tmp_path):
    """What the page shows of pytest and Python is run, but for a device that is not here."""
    section = next(section for section in SECTIONS if section.startswith("Put a function on trial"))
    code = BLOCK.search(section)[1]
    (tmp_path / "my_module.py").write_text("import numpy\n\n" + code[:code.index("report =")])

    def run(command):
        words = command.replace("--like torch --device cuda", "").split()
        words = [sys.executable, *(words[1:] if words[0] == "python" else ["-m", *words])]
        return subprocess.run(words, cwd=tmp_path, input="", text=True, capture_output=True,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])})

    of_pytest, adapter, torch = re.findall(r"`((?:pytest|python) [^`]*)`", section)
    done = run(of_pytest + " --gridproof-samples 20000 -p gridproof.pytest_plugin")
    assert done.returncode == 1 and re.search(r"nearest\.ties-to-even.* FAILED|FAILED .*nearest\.ties-to-even", done.stdout), done
    done = run(adapter)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "No module" not in run(torch).stderr.replace("No module named 'torch'", "")


def test_five_things():
    assert len(SECTIONS) == 6
