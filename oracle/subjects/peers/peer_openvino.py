"""OpenVINO on the CPU, GridSample of its operation set 9, computed in f32."""
import functools

import numpy as np
import openvino
from limits import dense, f32_only, no_empty, refusals
from openvino import opset9

core = openvino.Core()


@functools.lru_cache(maxsize=4096)
def model(shapes, options):
    parameters = [opset9.parameter(shape, np.float32) for shape in shapes]
    return openvino.Model([opset9.grid_sample(*parameters, dict(options))], parameters)


@functools.lru_cache(maxsize=1024)
def compiled(ranks, options):
    # Sizes are left to the run, as it takes long to compile.
    return core.compile_model(model(tuple((-1,) * rank for rank in ranks), options), "CPU",
                              {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})


class subject:
    info = {"name": "OpenVINO", "version": openvino.__version__.split("-")[0], "homepage": "https://docs.openvino.ai",
            "issues": "https://github.com/openvinotoolkit/openvino/issues",
            "supports": {"dtypes": ["f32"], "ranks": [4]}}

    def grid_sample(self, input, grid, **options):
        f32_only(input, grid)
        no_empty(input, grid)
        input, grid = dense(input, grid)
        options = tuple(sorted(options.items()))
        with refusals():
            # Refuses sizes that do not fit. Where they are left to the run nobody looks, and the answer
            # is the one before.
            model((input.shape, grid.shape), options)
            return compiled((input.ndim, grid.ndim), options)([input, grid])[0]
