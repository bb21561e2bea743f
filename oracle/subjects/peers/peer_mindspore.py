"""MindSpore on the CPU."""
import mindspore
from limits import both, dense, no_empty, refusals

mindspore.set_device("CPU")
mindspore.runtime.launch_blocking()  # else an error is raised again by the questions after


class subject:
    info = {"name": "MindSpore", "version": mindspore.__version__, "homepage": "https://www.mindspore.cn",
            "issues": "https://gitee.com/mindspore/mindspore/issues",
            "supports": {"dtypes": ["f16", "f32", "f64"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, **options):
        no_empty(input, grid)
        input, grid = dense(input, grid)
        with refusals():
            return mindspore.ops.grid_sample(mindspore.Tensor(input), mindspore.Tensor(grid), **options).asnumpy()

    def grid_sample_backward(self, grad_output, input, grid, output_mask, **options):
        no_empty(input, grid, grad_output)
        *given, grad_output = map(mindspore.Tensor, dense(input, grid, grad_output))
        wanted = [place for place, is_wanted in enumerate(output_mask) if is_wanted]
        with refusals():
            _, pull = mindspore.vjp(lambda x, g: mindspore.ops.grid_sample(x, g, **options), *given)
            gradients = pull(grad_output)
            return both(output_mask, [gradients[place].asnumpy() for place in wanted])
