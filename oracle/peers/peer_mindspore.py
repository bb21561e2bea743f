"""MindSpore on the CPU."""
import mindspore
import numpy as np
from limits import no_empty

mindspore.set_device("CPU")


class subject:
    info = {"name": "MindSpore", "version": mindspore.__version__, "homepage": "https://www.mindspore.cn",
            "issues": "https://gitee.com/mindspore/mindspore/issues",
            "supports": {"dtypes": ["f16", "f32", "f64"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, **options):
        no_empty(input, grid)
        return mindspore.ops.grid_sample(mindspore.Tensor(np.ascontiguousarray(input)),
                                         mindspore.Tensor(np.ascontiguousarray(grid)), **options).asnumpy()
