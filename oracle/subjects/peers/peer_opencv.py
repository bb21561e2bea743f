"""OpenCV: its remap, and GridSample of its network importer.

remap takes positions in pixels, which this adapter computes as the documentation says, NaN included;
so it judges the border rules and the interpolation. Its border modes are those of grid_sample for
bilinear and nearest under zeros, border and (depending on align_corners) both reflections. It fills in
the documented defaults; remap's own belong to another operator.
"""
import functools

import cv2
import numpy as np
from adapter import Unsupported
from limits import dense, f32_only, fitting, no_empty, pixels, refusals, word_of
from onnx_model import model_bytes

cv2.setNumThreads(1)
MODES = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}


def borders(align_corners):
    return {"zeros": cv2.BORDER_CONSTANT, "border": cv2.BORDER_REPLICATE,
            "reflection": cv2.BORDER_REFLECT_101 if align_corners else cv2.BORDER_REFLECT}


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
        model = model_bytes(20, input, grid, options, static=True)
        with refusals():
            net = network(model)
            net.setInput(input, "X")
            net.setInput(grid, "G")
            return np.array(net.forward())  # the network goes on using its own

    def remap(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        f32_only(input, grid)
        fitting(input, grid)
        if input.ndim != 4:
            raise Unsupported("4-D only")
        if 0 in input.shape or 0 in grid.shape or max(input.shape[2:]) >= 32767 or max(grid.shape[1:3]) >= 32767:
            raise Unsupported("sizes that are not from 1 to 32766")
        mode = word_of(MODES, "mode", mode)
        border = word_of(borders(align_corners), "padding_mode", padding_mode)
        input, grid = dense(input, grid)
        v, u = pixels(grid, input.shape[2:], align_corners)
        with refusals():
            return np.stack([[cv2.remap(channel, u[n], v[n], mode, borderMode=border) for channel in input[n]]
                             for n in range(len(input))])
