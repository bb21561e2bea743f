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
from numpy_grid_sample import MODES, grid_sample  # noqa: E402

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


if __name__ == "__main__":
    if sys.argv[1] == "copies_all":  # on a machine with 4 GiB
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
    adapter.serve(globals()[sys.argv[1]], name=sys.argv[1], version="1", supports={"dtypes": ["f32", "f64"]})
