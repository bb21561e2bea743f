"""LiteRT (TensorFlow Lite), from the ONNX model by onnx2tf, which takes seconds for every shape."""
import functools
import pathlib
import subprocess
import tempfile

import numpy as np
from adapter import Unsupported
from limits import no_empty
from ai_edge_litert.interpreter import Interpreter
from onnx_model import dense, model_bytes


@functools.lru_cache(maxsize=256)
def interpreter(model):
    with tempfile.TemporaryDirectory(prefix="gridproof-litert-") as folder:
        path = pathlib.Path(folder)
        (path / "m.onnx").write_bytes(model)
        done = subprocess.run(["onnx2tf", "-i", "m.onnx", "-o", "out", "-b", "1", "-kat", "X", "G", "-n"],
                              cwd=folder, capture_output=True, text=True)
        models = list(path.glob("out/*_float32.tflite"))
        if done.returncode != 0 or not models:
            raise Unsupported("onnx2tf fails: " + (done.stdout + done.stderr).strip()[-200:])
        ready = Interpreter(model_content=models[0].read_bytes(), num_threads=1)
    ready.allocate_tensors()
    return ready


class subject:
    info = {"name": "LiteRT through onnx2tf", "version": "1.29.24", "homepage": "https://github.com/PINTO0309/onnx2tf",
            "issues": "https://github.com/PINTO0309/onnx2tf/issues", "dialect": "onnx",
            "supports": {"dtypes": ["f32"]}}

    def grid_sample(self, input, grid, **options):
        if input.dtype != np.float32 or grid.dtype != np.float32 or input.shape[:1] != (1,) or grid.shape[:1] != (1,):
            raise Unsupported("f32, one batch entry")
        no_empty(input, grid)
        input, grid = dense(input, grid)
        ready = interpreter(model_bytes(20, input, grid, options, static=True))
        for detail in ready.get_input_details():
            which = input if "X" in detail["name"] else grid
            ready.set_tensor(detail["index"], which)
        ready.invoke()
        answer = ready.get_tensor(ready.get_output_details()[0]["index"])
        channels_last = answer.shape != (*input.shape[:2], *grid.shape[1:-1])
        return np.moveaxis(answer, -1, 1) if channels_last else answer
