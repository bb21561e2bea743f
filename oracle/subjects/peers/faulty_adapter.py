#!/usr/bin/env python3
"""The NumPy example behind an adapter with a fault, each like one that an adapter here had or could
have: for adapters_faults_test.py, which looks whether adapters_test.py notices.

    faulty_adapter.py FAULT
"""
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "templates"))
import adapter  # noqa: E402
from numpy_grid_sample import MODES, grid_sample, grid_sample_backward  # noqa: E402

before = [np.zeros((1, 1, 1, 1), np.float32)]


def strides_ignored(input, grid, **options):
    """The memory from the first element on, as if it were dense."""
    def flat(a):
        whole = np.lib.stride_tricks.as_strided(a, (a.size,), (a.itemsize,))
        return whole.reshape(a.shape)
    return grid_sample(flat(input), flat(grid), **options)


def freed(input, grid, **options):
    """A copy that something else overwrites before it is read."""
    if not input.flags.c_contiguous:
        input = np.zeros_like(input)
    return grid_sample(input, grid, **options)


def stale(input, grid, **options):
    """Where the shapes do not fit, what was computed before."""
    if input.ndim == grid.ndim == grid.shape[-1] + 2:
        before[0] = grid_sample(input, grid, **options)
    return before[0]


def narrowed(input, grid, **options):
    return grid_sample(input.astype(np.float32), grid.astype(np.float32), **options).astype(input.dtype)


def narrowed_coordinates(input, grid, **options):
    return grid_sample(input, grid.astype(np.float32).astype(input.dtype), **options)


def other_dtype(input, grid, **options):
    return grid_sample(input, grid, **options).astype(np.float32)


def first_entry(input, grid, **options):
    """Every entry of a batch at the places of the first."""
    return grid_sample(input, np.broadcast_to(grid[:1], grid.shape), **options)


def channels_mixed(input, grid, **options):
    output = grid_sample(input, grid, **options)
    return output.reshape((-1, output.shape[0]) + output.shape[2:]).swapaxes(0, 1) if output.size else output


def unknown_is_default(input, grid, **options):
    if options.get("mode") not in MODES:
        options.pop("mode", None)
    return grid_sample(input, grid, **options)


def own_word(input, grid, **options):
    if options.get("mode") == "linear":
        options["mode"] = "bilinear"
    return grid_sample(input, grid, **options)


def values_declined(input, grid, **options):
    if not (np.abs(grid) < 50000).all():
        raise adapter.Unsupported("coordinates of 50000 and more")
    return grid_sample(input, grid, **options)


def copies_all(input, grid, **options):
    return grid_sample(np.ascontiguousarray(input), grid, **options)


def grad_axes_swapped(*given, **options):
    of_input, of_grid = grid_sample_backward(*given, **options)
    return of_input, of_grid[..., ::-1]


def grad_strides_ignored(grad_output, *given, **options):
    flat = np.lib.stride_tricks.as_strided(grad_output, (grad_output.size,), (grad_output.itemsize,))
    return grid_sample_backward(flat.reshape(grad_output.shape), *given, **options)


def grad_not_cleared(*given, **options):
    """The gradient of the input on top of that of the question before."""
    of_input, of_grid = grid_sample_backward(*given, **options)
    if before[0].shape == of_input.shape and before[0].dtype == of_input.dtype:
        of_input = of_input + before[0]
    before[0] = of_input
    return of_input, of_grid


def grad_mask_mistaken(*given, output_mask, **options):
    """No gradient of the grid where that of the input is not wanted."""
    of_input, of_grid = grid_sample_backward(*given, **options)
    return of_input, of_grid if output_mask[0] else np.zeros_like(of_grid)


if __name__ == "__main__":
    if sys.argv[1] == "copies_all":  # on a machine with 4 GiB
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
    given = globals()[sys.argv[1]]
    functions = (grid_sample, given) if sys.argv[1].startswith("grad_") else (given, None)
    adapter.serve(functions[0], backward=functions[1], name=sys.argv[1], version="1", supports={"dtypes": ["f32", "f64"]})
