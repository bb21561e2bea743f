"""PaddlePaddle on the CPU. Its own default of align_corners is True, so it is always given."""
import numpy as np
import paddle
from limits import no_empty

paddle.set_device("cpu")


class subject:
    info = {"name": "PaddlePaddle", "version": paddle.__version__, "homepage": "https://www.paddlepaddle.org.cn",
            "issues": "https://github.com/PaddlePaddle/Paddle/issues",
            "supports": {"dtypes": ["f32", "f64"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        no_empty(input, grid)
        return paddle.nn.functional.grid_sample(
            paddle.to_tensor(np.ascontiguousarray(input)), paddle.to_tensor(np.ascontiguousarray(grid)),
            mode=mode, padding_mode=padding_mode, align_corners=align_corners).numpy()
