"""ONNX Runtime on the CPU. Versions 16 and 22 of the operator are separate kernels."""
import functools

import onnxruntime
from adapter import Unsupported
from limits import dense, refusals
from onnx_model import model_bytes


@functools.lru_cache(maxsize=4096)
def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented as why:
        raise Unsupported(str(why).splitlines()[0]) from why  # no kernel for such types


class subject:
    def __init__(self, version):
        self.version = int(version)
        self.info = {"name": f"ONNX Runtime, GridSample {version}", "version": onnxruntime.__version__,
                     "homepage": "https://onnxruntime.ai", "issues": "https://github.com/microsoft/onnxruntime/issues",
                     "dialect": "onnx-16" if self.version == 16 else "onnx",
                     "supports": {"dtypes": ["f32", "f64"], "ranks": [4] if self.version == 16 else [4, 5]}}

    def grid_sample(self, input, grid, **options):
        if input.ndim == 5 and options.get("mode") == "bicubic":
            raise Unsupported("cubic is for 4-D")
        input, grid = dense(input, grid)
        model = model_bytes(self.version, input, grid, options)
        with refusals():
            return session(model).run(None, {"X": input, "G": grid})[0]
