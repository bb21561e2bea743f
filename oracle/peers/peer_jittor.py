"""Jittor, which compiles an operator for every shape it meets."""
import jittor
import numpy as np
from limits import f32_only, no_empty


class subject:
    info = {"name": "Jittor", "version": jittor.__version__, "homepage": "https://cg.cs.tsinghua.edu.cn/jittor",
            "issues": "https://github.com/Jittor/jittor/issues",
            "supports": {"dtypes": ["f32"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        no_empty(input, grid)
        f32_only(input, grid)
        return jittor.nn.grid_sample(jittor.array(np.ascontiguousarray(input)), jittor.array(np.ascontiguousarray(grid)),
                                     mode, padding_mode, align_corners).numpy()
