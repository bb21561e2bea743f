"""PaddlePaddle on the CPU. Its own default of align_corners is True, by its documentation."""
import paddle
from limits import dense, no_empty, refusals

paddle.set_device("cpu")


class subject:
    info = {"name": "PaddlePaddle", "version": paddle.__version__, "homepage": "https://www.paddlepaddle.org.cn",
            "issues": "https://github.com/PaddlePaddle/Paddle/issues",
            "supports": {"dtypes": ["f32", "f64"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, **options):
        no_empty(input, grid)
        input, grid = dense(input, grid)
        with refusals():
            return paddle.nn.functional.grid_sample(paddle.to_tensor(input), paddle.to_tensor(grid), **options).numpy()
