"""Jittor, which compiles an operator for every shape it meets."""
import jittor
import numpy as np
from adapter import Unsupported


class subject:
    info = {"name": "Jittor", "version": jittor.__version__, "homepage": "https://cg.cs.tsinghua.edu.cn/jittor",
            "issues": "https://github.com/Jittor/jittor/issues",
            "supports": {"dtypes": ["f32"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        if 0 in input.shape or 0 in grid.shape:
            raise Unsupported("no empty tensors")
        if input.dtype != np.float32 or grid.dtype != np.float32:
            raise Unsupported("f32 here")
        return jittor.nn.grid_sample(jittor.array(np.ascontiguousarray(input)), jittor.array(np.ascontiguousarray(grid)),
                                     mode, padding_mode, align_corners).numpy()
