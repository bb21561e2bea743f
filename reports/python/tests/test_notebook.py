"""The notebook runs and says what is kept in it. `python test_notebook.py` executes it and keeps what it says."""
import importlib.util
import os
import pathlib
import sys

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOK = pathlib.Path(__file__).parents[1] / "gridproof.ipynb"


def executed():
    """The notebook, run by this Python with this gridproof."""
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    return notebook


def told(notebook):
    """What each cell shows, but for pictures of matplotlib, which are others with another version."""
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = {kind: text for kind, text in output.get("data", {}).items() if "image/png" not in output["data"]}
            shown.append((output["output_type"], output.get("text"), data))
    return shown


def test_says_what_is_kept_in_it():
    for needed in ("ipykernel", "matplotlib"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not there")
    kept = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(kept)
    assert told(executed()) == told(kept)


def test_is_small():
    assert NOTEBOOK.stat().st_size < 250_000


if __name__ == "__main__":
    renewed = executed()
    for cell in renewed.cells:
        cell.metadata.pop("execution", None)  # when it was
    renewed.metadata["language_info"] = {"name": "python"}
    nbformat.write(renewed, NOTEBOOK)
