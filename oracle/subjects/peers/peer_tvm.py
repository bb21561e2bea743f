"""Apache TVM: the ONNX model through Relax, compiled for the CPU."""
import functools

import onnx
import tvm
from limits import dense, no_empty, refusals
from onnx_model import model_bytes
from tvm import relax
from tvm.relax.frontend.onnx import from_onnx


@functools.lru_cache(maxsize=1024)
def function(model):
    module = from_onnx(onnx.load_model_from_string(model))
    return relax.VirtualMachine(relax.build(module, target="llvm"), tvm.cpu())["main"]


class subject:
    info = {"name": "Apache TVM", "version": tvm.__version__, "homepage": "https://tvm.apache.org",
            "issues": "https://github.com/apache/tvm/issues", "dialect": "onnx",
            "supports": {"dtypes": ["f32", "f64"]}}

    def grid_sample(self, input, grid, **options):
        no_empty(input, grid)
        input, grid = dense(input, grid)
        model = model_bytes(20, input, grid, options)
        with refusals():
            return function(model)(tvm.runtime.tensor(input), tvm.runtime.tensor(grid)).numpy()
