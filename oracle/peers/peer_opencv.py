"""OpenCV: its remap, and GridSample of its network importer.

remap takes positions in pixels, which this adapter computes as the documentation says; so it judges
the border rules and the interpolation. Its border modes are those of grid_sample for bilinear and
nearest under zeros, border and (depending on align_corners) both reflections.
"""
import functools

import cv2
import numpy as np
from adapter import Unsupported
from limits import f32_only, no_empty
from numpy_grid_sample import unnormalized
from onnx_model import dense, model_bytes

cv2.setNumThreads(1)
MODES = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}


@functools.lru_cache(maxsize=256)
def network(model):
    return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))


class subject:
    def __init__(self, variant):
        self.grid_sample = getattr(self, variant)
        self.info = {"name": f"OpenCV {variant}", "version": cv2.__version__, "homepage": "https://opencv.org",
                     "issues": "https://github.com/opencv/opencv/issues",
                     "dialect": "pytorch" if variant == "remap" else "onnx",
                     "supports": {"dtypes": ["f32"], "ranks": [4]}}

    def dnn(self, input, grid, **options):
        f32_only(input, grid)
        no_empty(input, grid)
        input, grid = dense(input, grid)
        net = network(model_bytes(20, input, grid, options, static=True))
        net.setInput(input, "X")
        net.setInput(grid, "G")
        return net.forward().reshape(*input.shape[:2], *grid.shape[1:-1])

    def remap(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        if input.dtype != np.float32 or grid.dtype != np.float32 or input.ndim != 4 or grid.ndim != 4:
            raise Unsupported("two-dimensional images, f32")
        if grid.shape[3] != 2 or input.shape[0] != grid.shape[0] or mode not in MODES:
            raise Unsupported("only questions that have an answer")
        if 0 in input.shape or 0 in grid.shape or max(input.shape[2:]) >= 32767 or max(grid.shape[1:3]) >= 32767:
            raise Unsupported("sizes from 1 to 32766")
        height, width = input.shape[2:]
        borders = {"zeros": cv2.BORDER_CONSTANT, "border": cv2.BORDER_REPLICATE,
                   "reflection": cv2.BORDER_REFLECT_101 if align_corners else cv2.BORDER_REFLECT}
        if padding_mode not in borders:
            raise Unsupported("only questions that have an answer")
        with np.errstate(all="ignore"):
            u = unnormalized(grid[..., 0], width, align_corners)
            v = unnormalized(grid[..., 1], height, align_corners)
        if not (np.abs(u) < 2 ** 20).all() or not (np.abs(v) < 2 ** 20).all():
            raise Unsupported("positions that are numbers below 2^20")
        output = np.empty((*input.shape[:2], *grid.shape[1:3]), np.float32)
        for n, c in np.ndindex(*input.shape[:2]):
            output[n, c] = cv2.remap(np.ascontiguousarray(input[n, c]), np.ascontiguousarray(u[n]),
                                     np.ascontiguousarray(v[n]), MODES[mode], borderMode=borders[padding_mode])
        return output
