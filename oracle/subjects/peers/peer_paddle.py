"""PaddlePaddle on the CPU. Its own default of align_corners is True, by its documentation."""
import paddle
from limits import both, dense, no_empty, refusals

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

    def grid_sample_backward(self, grad_output, input, grid, output_mask, **options):
        no_empty(input, grid, grad_output)
        *given, grad_output = dense(input, grid, grad_output)
        given = [paddle.to_tensor(x, stop_gradient=not is_wanted) for x, is_wanted in zip(given, output_mask)]
        with refusals():
            output = paddle.nn.functional.grid_sample(*given, **options)
            wanted = [x for x, is_wanted in zip(given, output_mask) if is_wanted]
            gradients = paddle.grad(output, wanted, paddle.to_tensor(grad_output)) if wanted else []
            return both(output_mask, [gradient.numpy() for gradient in gradients])
