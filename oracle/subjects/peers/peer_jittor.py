"""Jittor, which compiles an operator for every shape it meets."""
import jittor
from limits import both, dense, f32_only, no_empty, refusals


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

    def grid_sample_backward(self, grad_output, input, grid, output_mask, **options):
        no_empty(input, grid, grad_output)
        f32_only(input, grid)
        *given, grad_output = map(jittor.array, dense(input, grid, grad_output))
        with refusals():
            output = jittor.nn.grid_sample(*given, **options)
            wanted = [x for x, is_wanted in zip(given, output_mask) if is_wanted]
            gradients = jittor.grad((output * grad_output).sum(), wanted) if wanted else []
            return both(output_mask, [gradient.numpy() for gradient in gradients])
