"""MindSpore on the CPU."""
import mindspore
from limits import dense, no_empty, refusals

mindspore.set_device("CPU")


class subject:
    info = {"name": "MindSpore", "version": mindspore.__version__, "homepage": "https://www.mindspore.cn",
            "issues": "https://gitee.com/mindspore/mindspore/issues",
            "supports": {"dtypes": ["f16", "f32", "f64"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, **options):
        no_empty(input, grid)
        input, grid = dense(input, grid)
        with refusals():
            return mindspore.ops.grid_sample(mindspore.Tensor(input), mindspore.Tensor(grid), **options).asnumpy()
