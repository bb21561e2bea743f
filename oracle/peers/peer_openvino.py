"""OpenVINO on the CPU, GridSample of its operation set 9, computed in f32."""
import functools

import numpy as np
import openvino
from limits import dense, f32_only, no_empty, refusals
from openvino import opset9

core = openvino.Core()


@functools.lru_cache(maxsize=1024)
def compiled(ranks, options):
    # Sizes are left to the run.
    parameters = [opset9.parameter([-1] * rank, np.float32) for rank in ranks]
    node = opset9.grid_sample(*parameters, dict(options))
    return core.compile_model(openvino.Model([node], parameters), "CPU",
                              {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})


class subject:
    info = {"name": "OpenVINO", "version": openvino.__version__.split("-")[0], "homepage": "https://docs.openvino.ai",
            "issues": "https://github.com/openvinotoolkit/openvino/issues",
            "supports": {"dtypes": ["f32"], "ranks": [4]}}

    def grid_sample(self, input, grid, **options):
        f32_only(input, grid)
        no_empty(input, grid)
        input, grid = dense(input, grid)
        with refusals():
            return compiled((input.ndim, grid.ndim), tuple(sorted(options.items())))([input, grid])[0]
