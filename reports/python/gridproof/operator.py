"""grid_sample, affine_grid and displacements, computed by the fast kernels.

They answer in the kind of array that they are given: NumPy (with bfloat16 of ml_dtypes), torch on
the CPU, JAX. Nothing is copied whose strides can be said, and the interpreter's lock is free while
they compute. No gradient flows through them.
"""
import os

from . import _arrays, _gridproof


def question(input, grid, mode=None, padding_mode=None, align_corners=None) -> _gridproof.Question:
    """What grid_sample is asked, for the module. Arguments that are None are left out."""
    for name, value in (("mode", mode), ("padding_mode", padding_mode)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name}: {value!r} is not a string")
    if align_corners is not None and align_corners not in (True, False):
        raise TypeError(f"align_corners: {align_corners!r} is not True or False")
    arrays = _arrays.host_array(input, "input") + _arrays.host_array(grid, "grid")
    return _gridproof.Question(*arrays, mode, padding_mode, None if align_corners is None else bool(align_corners))


def cores() -> int:
    """How many threads may compute: as many as this process may use cores."""
    return len(os.sched_getaffinity(0))


def on_the_host(**arrays) -> None:
    """Refuses arrays on a device: a copy there and back is the caller's to ask for."""
    for name, array in arrays.items():
        device = _arrays.is_elsewhere(array)
        if device:
            raise ValueError(f"{name}: a tensor on {device}; gridproof computes on the CPU: pass {name}.cpu()")


def sampled(compute, input, grid, *options):
    """What `compute` answers to the question, in the kind of `input`."""
    on_the_host(input=input, grid=grid)
    asked = question(input, grid, *options)
    return _arrays.like(_arrays.kind_of(input), compute(asked), asked.dtype)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False, *, threads=None):
    """Samples `input` at the places of `grid`, as torch.nn.functional.grid_sample documents it.

    input: (N, C, H, W) or (N, C, D, H, W); float16, bfloat16, float32 or float64.
    grid: (N, H_out, W_out, 2) or (N, D_out, H_out, W_out, 3), coordinates x first, -1 to 1 across
        the input; of the same dtype.
    mode: "bilinear" (trilinear for 5-D), "nearest" or "bicubic" (4-D only).
    padding_mode: "zeros", "border" or "reflection".
    align_corners: whether -1 and 1 are the centers of the outer pixels, not their outer edges.
    threads: at most so many; None is as many as there are cores.

    Returns (N, C, H_out, W_out) or (N, C, D_out, H_out, W_out) in the kind of `input`, with the
    bits of the reference. Raises Refused, a ValueError, with its clause for what the operator does
    not answer.

    >>> import numpy
    >>> image = numpy.float32([[[[1, 2], [3, 4]]]])
    >>> gridproof.grid_sample(image, numpy.float32([[[[0, 0], [1, 1]]]]), align_corners=True)
    array([[[[2.5, 4. ]]]], dtype=float32)
    """
    return sampled(lambda asked: _gridproof.sample(asked, threads or cores()), input, grid, mode, padding_mode, align_corners)


def affine_grid(theta, size, align_corners=False):
    """The grid for an output of shape `size` under the affine map `theta`, as
    torch.nn.functional.affine_grid documents it.

    theta: (N, 2, 3) or (N, 3, 4), from the output's coordinates to the input's.
    size: (N, C, H, W) or (N, C, D, H, W).

    >>> import numpy
    >>> gridproof.affine_grid(numpy.float32([[[1, 0, 0.5], [0, 1, 0]]]), (1, 1, 1, 2))
    array([[[[0., 0.],
             [1., 0.]]]], dtype=float32)
    """
    on_the_host(theta=theta)
    array, dtype = _arrays.host_array(theta, "theta")
    result = _gridproof.affine_grid(array, dtype, list(map(int, size)), bool(align_corners))
    return _arrays.like(_arrays.kind_of(theta), result, dtype)


def displacement(grid, size, align_corners=False):
    """By how many input pixels each output location reads beside its own place.

    grid: (N, H_out, W_out, 2) or (N, D_out, H_out, W_out, 3).
    size: the input's spatial sizes, (H, W) or (D, H, W).

    Returns the shape of `grid`, x first. All zeros for the identity grid.

    >>> import numpy
    >>> gridproof.displacement(numpy.float32([[[[0, 0], [1, 0]]]]), (1, 4))
    array([[[[1., 0.],
             [1., 0.]]]], dtype=float32)
    """
    on_the_host(grid=grid)
    array, dtype = _arrays.host_array(grid, "grid")
    result = _gridproof.displacement_of(array, dtype, list(map(int, size)), bool(align_corners))
    return _arrays.like(_arrays.kind_of(grid), result, dtype)


def displaced_grid(displacement, size, align_corners=False, unit="input"):
    """The grid that reads each output location so many pixels beside its own place: the inverse of
    `displacement`.

    displacement: (N, H_out, W_out, 2) or (N, D_out, H_out, W_out, 3), in pixels, x first.
    size: the input's spatial sizes, (H, W) or (D, H, W).
    unit: whose pixels are counted, "input" or "output".

    >>> import numpy
    >>> gridproof.displaced_grid(numpy.float32([[[[1, 0], [1, 0]]]]), (1, 4))
    array([[[[0., 0.],
             [1., 0.]]]], dtype=float32)
    """
    if unit not in ("input", "output"):
        raise ValueError(f'unit: {unit!r} is not "input" or "output"')
    on_the_host(displacement=displacement)
    array, dtype = _arrays.host_array(displacement, "displacement")
    result = _gridproof.displaced_grid(array, dtype, list(map(int, size)), bool(align_corners), unit == "output")
    return _arrays.like(_arrays.kind_of(displacement), result, dtype)
