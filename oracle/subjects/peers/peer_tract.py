"""tract, from the ONNX model."""
import functools
import pathlib
import tempfile

import tract
from limits import dense, f32_only, refusals
from onnx_model import model_bytes

folder = tempfile.TemporaryDirectory(prefix="gridproof-tract-")


@functools.lru_cache(maxsize=1024)
def runnable(model):
    path = pathlib.Path(folder.name) / "model.onnx"
    path.write_bytes(model)
    return tract.onnx().load(str(path)).into_model().into_runnable()


class subject:
    info = {"name": "tract", "version": "0.23.9", "homepage": "https://github.com/sonos/tract",
            "issues": "https://github.com/sonos/tract/issues", "dialect": "onnx", "supports": {"dtypes": ["f32"]}}

    def grid_sample(self, input, grid, **options):
        f32_only(input, grid)
        input, grid = dense(input, grid)
        model = model_bytes(20, input, grid, options, static=True)
        with refusals():
            return runnable(model).run([input, grid])[0].to_numpy()
