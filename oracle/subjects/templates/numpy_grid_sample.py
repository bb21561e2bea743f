"""grid_sample in NumPy, served by adapter.py: a correct implementation that shares no line with any
other in this project. Computes in the dtype of its arrays, for whole arrays at a time."""
import functools

import numpy as np

MODES = ("bilinear", "nearest", "bicubic")
PADDINGS = ("zeros", "border", "reflection")


def unnormalized(x, size, align_corners):
    one = x.dtype.type(1)
    with np.errstate(invalid="ignore", over="ignore"):
        if align_corners:  # S - 1 is a whole number before it is one of the dtype
            return (x + one) / 2 * x.dtype.type(size - 1)
        return ((x + one) * x.dtype.type(size) - one) / 2


def reflected(at, size, align_corners):
    """`at` folded into the input, about the outer centers or the outer corners."""
    low, span = (0.0, size - 1) if align_corners else (-0.5, size)
    if span == 0:
        return np.zeros_like(at)
    low, span = at.dtype.type(low), at.dtype.type(span)
    away = np.mod(np.abs(at - low), 2 * span)
    return np.where(away > span, 2 * span - away, away) + low


def padded(at, size, padding_mode, align_corners):
    dtype = at.dtype.type  # of the bounds, too: NumPy 1 goes on in f64 otherwise
    if padding_mode == "reflection":
        at = reflected(at, size, align_corners)
    return at if padding_mode == "zeros" else np.clip(at, dtype(0), dtype(size - 1))


def index_of(at, size, padding_mode):
    index = at.astype(np.int64)  # which may be `size` where f32 does not have size - 1
    return index if padding_mode == "zeros" else np.minimum(index, size - 1)


def texels(input, index, inside):
    """input[n, :, index...] where `inside`, else 0; as (N, outputs..., C)."""
    batch = np.arange(input.shape[0]).reshape((-1,) + (1,) * (index[0].ndim - 1))
    moved = np.moveaxis(input, 1, -1)
    taken = moved[(batch, *[np.clip(i, 0, s - 1) for i, s in zip(index, moved.shape[1:-1])])]
    return np.where(inside[..., None], taken, input.dtype.type(0))


def cubic(t):
    """The weights of four taps at the distances 1 + t, t, 1 - t, 2 - t, with a = -0.75."""
    a = t.dtype.type(-0.75)

    def near(d):
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d):
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    return far(t + 1), near(t), near(1 - t), far(2 - t)


def cubic_slopes(t):
    """The derivatives of those weights."""
    a = t.dtype.type(-0.75)

    def near(d):
        return (3 * (a + 2) * d - 2 * (a + 3)) * d

    def far(d):
        return (3 * a * d - 10 * a) * d + 8 * a

    return far(t + 1), near(t), -near(1 - t), -far(2 - t)


def slope_of_padding(at, size, padding_mode, align_corners):
    """The derivative of padded(): 0 where it clips, and -1 where it has folded an odd number of times."""
    slope = np.ones_like(at)
    if padding_mode == "zeros":
        return slope
    if padding_mode == "reflection" and size > align_corners:
        low, span = at.dtype.type(0.0 if align_corners else -0.5), at.dtype.type(size - align_corners)
        slope = np.where((np.mod(np.abs(at - low), 2 * span) > span) == (at < low), slope, -slope)
    inside = padded(at, size, padding_mode, align_corners)
    return np.where((inside > 0) & (inside < at.dtype.type(size - 1)), slope, 0 * slope)


def check(input, grid, mode, padding_mode):
    rank = input.ndim
    if mode not in MODES:
        raise ValueError(f"there is no mode {mode!r}")
    if padding_mode not in PADDINGS:
        raise ValueError(f"there is no padding_mode {padding_mode!r}")
    if rank not in (4, 5) or grid.ndim != rank or grid.shape[-1] != rank - 2:
        raise ValueError(f"shapes {input.shape} and {grid.shape} do not fit")
    if input.dtype != grid.dtype or input.dtype.kind != "f":
        raise TypeError(f"dtypes {input.dtype} and {grid.dtype} do not fit")
    if input.shape[0] != grid.shape[0]:
        raise ValueError("batches differ")
    if 0 in input.shape[2:]:
        raise ValueError("the input has no pixels")
    if mode == "bicubic" and rank == 5:
        raise ValueError("bicubic is for 4-D only")


def taps(input, grid, mode, padding_mode, align_corners):
    """For each tap of the samples: its index, whether that is inside, its weights along the axes, their
    derivatives by the position, and how far that moves with the coordinate. Axes in the order of the input's, (d,) h, w; the grid has them the other way."""
    sizes = input.shape[2:]
    dtype = input.dtype.type
    at, scales = [], []
    for x, size in zip(np.moveaxis(grid, -1, 0)[::-1], sizes):
        scale = np.where(np.isfinite(x), dtype((size - align_corners) / 2), dtype(0))  # what is replaced stands still
        x = np.where(np.isnan(x), dtype(-1), x)
        p = np.where(np.isinf(x), x, unnormalized(x, size, align_corners))
        if padding_mode == "reflection":  # infinity, also by overflow, has no mirror image
            p = np.where(np.isinf(p), dtype(0 if align_corners else -0.5), p)
        else:
            p = np.clip(p, dtype(-4), dtype(2 * size + 4))  # farther out, nothing changes
        if mode != "bicubic":
            scale = scale * slope_of_padding(p, size, padding_mode, align_corners)
            p = padded(p, size, padding_mode, align_corners)
        at.append(p)
        scales.append(scale)
    if mode == "nearest":
        index = [index_of(np.rint(p), size, padding_mode) for p, size in zip(at, sizes)]
        inside = np.logical_and.reduce([(i >= 0) & (i < size) for i, size in zip(index, sizes)])
        yield index, inside, [np.ones_like(p) for p in at], [], []  # of a step, which never slopes
        return
    offsets = (0, 1) if mode == "bilinear" else (-1, 0, 1, 2)
    first = [np.floor(p) for p in at]
    parts = [p - f for p, f in zip(at, first)]
    weights = [(1 - t, t) if mode == "bilinear" else cubic(t) for t in parts]
    slopes = [(-np.ones_like(t), np.ones_like(t)) if mode == "bilinear" else cubic_slopes(t) for t in parts]
    for corner in np.ndindex(*(len(offsets),) * len(sizes)):
        index = []
        for axis, k in enumerate(corner):
            if mode == "bicubic":
                tap = padded(first[axis] + offsets[k], sizes[axis], padding_mode, align_corners)
                index.append(index_of(tap, sizes[axis], padding_mode))
            else:
                index.append(index_of(first[axis], sizes[axis], padding_mode) + offsets[k])
        inside = np.logical_and.reduce([(i >= 0) & (i < size) for i, size in zip(index, sizes)])
        yield (index, inside, [weights[axis][k] for axis, k in enumerate(corner)],
               [slopes[axis][k] for axis, k in enumerate(corner)], scales)


def product(weights):
    return functools.reduce(np.multiply, weights, weights[0].dtype.type(1))


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    check(input, grid, mode, padding_mode)
    dtype = input.dtype.type
    if 0 in grid.shape[:-1] or input.shape[1] == 0:
        return np.zeros((input.shape[0], input.shape[1], *grid.shape[1:-1]), dtype)
    total = np.zeros((*grid.shape[:-1], input.shape[1]), dtype)
    for index, inside, weights, *_ in taps(input, grid, mode, padding_mode, align_corners):
        taken = texels(input, index, inside)
        if mode == "nearest":
            return np.moveaxis(taken, -1, 1)
        # A tap outside is skipped: its weight may meet infinity otherwise.
        with np.errstate(invalid="ignore", over="ignore"):
            total += np.where(inside[..., None], taken * product(weights)[..., None], dtype(0))
    return np.moveaxis(total, -1, 1)


def grid_sample_backward(grad_output, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False,
                         output_mask=(True, True)):
    """The gradients of the input and of the grid: both, whatever is wanted."""
    check(input, grid, mode, padding_mode)
    dtype = input.dtype.type
    if grad_output.shape != (*input.shape[:2], *grid.shape[1:-1]) or grad_output.dtype != input.dtype:
        raise ValueError(f"grad_output is {grad_output.dtype} of shape {grad_output.shape}")
    grad_input, grad_grid = np.zeros(input.shape, dtype), np.zeros(grid.shape, dtype)
    if grad_output.size == 0:
        return grad_input, grad_grid
    given, pixels = np.moveaxis(grad_output, 1, -1), np.moveaxis(grad_input, 1, -1)
    batch = np.arange(input.shape[0]).reshape((-1,) + (1,) * (grid.ndim - 2))
    for index, inside, weights, slopes, scales in taps(input, grid, mode, padding_mode, align_corners):
        with np.errstate(invalid="ignore", over="ignore"):
            at = np.nonzero(inside)  # what is outside gets nothing
            place = np.broadcast_arrays(batch, *index)
            np.add.at(pixels, tuple(i[at] for i in place), (given * product(weights)[..., None])[at])
            along = (given * texels(input, index, inside)).sum(axis=-1)
            for axis, slope in enumerate(slopes):
                part = slope * product(weights[:axis] + weights[axis + 1:]) * along
                grad_grid[..., -1 - axis] += np.where(inside, part, dtype(0))
    for axis, scale in enumerate(scales):  # last, so that nothing overflows before it cancels
        with np.errstate(invalid="ignore", over="ignore"):
            grad_grid[..., -1 - axis] = np.where(scale == 0, dtype(0), grad_grid[..., -1 - axis] * scale)
    return grad_input, grad_grid
