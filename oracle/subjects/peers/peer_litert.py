"""LiteRT (TensorFlow Lite), from the ONNX model by onnx2tf, which takes seconds for every shape."""
import contextlib
import functools
import hashlib
import io
import os
import pathlib
import sys
import tempfile

import numpy as np
import onnx2tf
from adapter import Unsupported
from limits import Refused, dense, f32_only, no_empty, refusals
from ai_edge_litert.interpreter import Interpreter
from onnx_model import model_bytes

VERSION = "1.29.24"
MODELS = pathlib.Path(sys.prefix) / "models"  # those that were made, for the next process


def converted(model):
    """The model as LiteRT reads it. In this process, as TensorFlow alone takes seconds to import."""
    with tempfile.TemporaryDirectory(prefix="gridproof-litert-") as folder:
        path = pathlib.Path(folder)
        (path / "m.onnx").write_bytes(model)
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                onnx2tf.convert(input_onnx_file_path=str(path / "m.onnx"), output_folder_path=str(path / "out"),
                                batch_size=1, keep_shape_absolutely_input_names=["X", "G"], non_verbose=True)
        except (Exception, SystemExit) as why:
            raise Refused(f"onnx2tf fails: {said.getvalue().strip()[-200:]} {why}") from why
        models = list(path.glob("out/*_float32.tflite"))
        if not models:
            raise Refused("onnx2tf makes no model: " + said.getvalue().strip()[-200:])
        return models[0].read_bytes()


@functools.lru_cache(maxsize=256)
def interpreter(model):
    file = MODELS / f"{hashlib.sha256(VERSION.encode() + model).hexdigest()}.tflite"
    if file.exists():
        content = file.read_bytes()
    else:
        content = converted(model)
        with contextlib.suppress(PermissionError):  # a sandbox keeps nothing
            MODELS.mkdir(exist_ok=True)
            partial = file.with_suffix(f".{os.getpid()}")  # another process may want the same
            partial.write_bytes(content)
            partial.replace(file)
    ready = Interpreter(model_content=content, num_threads=1)
    ready.allocate_tensors()
    return ready


class subject:
    info = {"name": "LiteRT through onnx2tf", "version": VERSION, "homepage": "https://github.com/PINTO0309/onnx2tf",
            "issues": "https://github.com/PINTO0309/onnx2tf/issues", "dialect": "onnx",
            "supports": {"dtypes": ["f32"]}}

    def grid_sample(self, input, grid, **options):
        f32_only(input, grid)
        if input.shape[:1] != (1,) or grid.shape[:1] != (1,):
            raise Unsupported("one batch entry")
        no_empty(input, grid)
        input, grid = dense(input, grid)
        model = model_bytes(20, input, grid, options, static=True)
        with refusals():
            ready = interpreter(model)
            for detail in ready.get_input_details():
                ready.set_tensor(detail["index"], input if "X" in detail["name"] else grid)
            ready.invoke()
            answer = ready.get_tensor(ready.get_output_details()[0]["index"])  # a copy
        expected = (*input.shape[:2], *grid.shape[1:-1])
        if len(set(expected[1:])) == 1 != expected[1]:
            raise Unsupported("sizes from which it is not clear whether the converter moved the channels last")
        return answer if answer.shape == expected else np.moveaxis(answer, -1, 1)
