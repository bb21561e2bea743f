"""MindSpore on the CPU."""
import mindspore
import numpy as np
from adapter import Unsupported

mindspore.set_device("CPU")


class subject:
    info = {"name": "MindSpore", "version": mindspore.__version__, "homepage": "https://www.mindspore.cn",
            "issues": "https://gitee.com/mindspore/mindspore/issues",
            "supports": {"dtypes": ["f16", "f32", "f64"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, **options):
        if 0 in input.shape or 0 in grid.shape:
            raise Unsupported("no empty tensors")
        return mindspore.ops.grid_sample(mindspore.Tensor(np.ascontiguousarray(input)),
                                         mindspore.Tensor(np.ascontiguousarray(grid)), **options).asnumpy()
