"""Every example of the page, in its order: each block of code, with what it shows below."""
import contextlib
import doctest
import importlib.util
import io
import pathlib
import re

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
    for name, module in (("check", "trial"), ("assert_admissible", "_failure")):
        if f"gridproof.{name}(" in section and not importlib.util.find_spec(f"gridproof.{module}"):
            pytest.skip(f"gridproof.{name} is not there yet")
    names = {}
    exec(BLOCK.search(SECTIONS[0])[1], names)
    for code, wanted in BLOCK.findall(section):
        assert sum(bool(line.strip()) for line in code.splitlines()) <= 10, code
        got = shown_by(code, names)
        assert doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), got


def test_five_things():
    assert len(SECTIONS) == 6
