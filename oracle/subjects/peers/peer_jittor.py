"""Jittor, which compiles an operator for every shape it meets."""
import jittor
from limits import dense, f32_only, no_empty, refusals


class subject:
    info = {"name": "Jittor", "version": jittor.__version__, "homepage": "https://cg.cs.tsinghua.edu.cn/jittor",
            "issues": "https://github.com/Jittor/jittor/issues",
            "supports": {"dtypes": ["f32"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, **options):
        no_empty(input, grid)
        f32_only(input, grid)
        input, grid = dense(input, grid)
        with refusals():
            return jittor.nn.grid_sample(jittor.array(input), jittor.array(grid), **options).numpy()
