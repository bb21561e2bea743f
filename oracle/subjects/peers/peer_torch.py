"""torch.compile with its own generated C++, and ExecuTorch's portable kernels."""
import functools

import torch
from adapter import Unsupported
from limits import both, dense, refusals

torch.set_num_threads(1)
NAMES = {"float16": torch.float16, "float32": torch.float32, "float64": torch.float64}


class Call(torch.nn.Module):
    def __init__(self, options):
        super().__init__()
        self.options = dict(options)

    def forward(self, input, grid):
        return torch.nn.functional.grid_sample(input, grid, **self.options)


@functools.lru_cache(maxsize=4096)
def compiled(options, ranks, dtypes, wanted=None):
    torch._dynamo.config.recompile_limit = 100000
    torch._dynamo.config.accumulated_recompile_limit = 100000
    return torch.compile(Call(options), dynamic=True)


@functools.lru_cache(maxsize=256)
def exported(options, shapes, dtypes):
    from executorch.exir import to_edge
    from executorch.runtime import Runtime
    tensors = tuple(torch.zeros(s, dtype=NAMES[d]) for s, d in zip(shapes, dtypes))
    program = to_edge(torch.export.export(Call(options), tensors)).to_executorch()
    loaded = Runtime.get().load_program(program.buffer)
    return loaded.load_method("forward"), loaded  # which holds the bytes that the method reads


class subject:
    def __init__(self, variant):
        self.variant = variant
        version = torch.__version__.split("+")[0]
        if variant == "executorch":
            import importlib.metadata
            version = importlib.metadata.version("executorch")
        name = {"compile": "torch.compile", "executorch": "ExecuTorch, portable kernels"}[variant]
        home = {"compile": "pytorch/pytorch", "executorch": "pytorch/executorch"}[variant]
        self.info = {"name": name, "version": version, "homepage": f"https://github.com/{home}",
                     "issues": f"https://github.com/{home}/issues",
                     "supports": {"dtypes": ["f16", "f32", "f64"]}}
        if variant == "compile":
            self.grid_sample_backward = self.gradients

    def grid_sample(self, input, grid, **options):
        if input.dtype.name not in NAMES or grid.dtype.name not in NAMES:
            raise Unsupported("f16, f32 and f64")
        if self.variant == "executorch" and (0 in input.shape or 0 in grid.shape or input.ndim != 4):
            raise Unsupported("4-D tensors that are not empty")
        x, g = map(torch.from_numpy, dense(input, grid))
        key = tuple(sorted(options.items()))
        dtypes = (input.dtype.name, grid.dtype.name)
        with refusals():
            if self.variant == "compile":
                return compiled(key, (x.ndim, g.ndim), dtypes)(x, g).numpy()
            method, _ = exported(key, (tuple(x.shape), tuple(g.shape)), dtypes)
            return method.execute([x, g])[0].numpy()

    def gradients(self, grad_output, input, grid, output_mask, **options):
        if not all(given.dtype.name in NAMES for given in (input, grid, grad_output)):
            raise Unsupported("f16, f32 and f64")
        *given, grad_output = map(torch.from_numpy, dense(input, grid, grad_output))
        for x, is_wanted in zip(given, output_mask):
            x.requires_grad_(is_wanted)
        wanted = [x for x, is_wanted in zip(given, output_mask) if is_wanted]
        key = tuple(sorted(options.items()))
        with refusals():
            call = compiled(key, (input.ndim, grid.ndim), (input.dtype.name, grid.dtype.name), tuple(output_mask))
            output = call(*given)
            if output.dtype != grad_output.dtype:
                raise Unsupported("a gradient of the output's dtype: autograd converts any other")
            gradients = torch.autograd.grad(output, wanted, grad_output) if wanted else []
            return both(output_mask, [gradient.numpy() for gradient in gradients])
