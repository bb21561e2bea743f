"""The reference evaluator of the package onnx, in Python. It knows the names of version 20 on."""
import functools

import onnx
from limits import dense, refusals
from onnx.reference import ReferenceEvaluator
from onnx_model import model_bytes


@functools.lru_cache(maxsize=4096)
def evaluator(model):
    return ReferenceEvaluator(onnx.load_model_from_string(model))


class subject:
    info = {"name": "ONNX reference evaluator", "version": onnx.__version__, "homepage": "https://onnx.ai",
            "issues": "https://github.com/onnx/onnx/issues", "dialect": "onnx",
            "supports": {"dtypes": ["f16", "f32", "f64"]}}

    def grid_sample(self, input, grid, **options):
        input, grid = dense(input, grid)
        model = model_bytes(22, input, grid, options)
        with refusals():
            return evaluator(model).run(None, {"X": input, "G": grid})[0]
