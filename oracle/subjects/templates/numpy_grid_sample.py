"""grid_sample in NumPy, served by adapter.py: a correct implementation that shares no line with any
other in this project. Computes in the dtype of its arrays, for whole arrays at a time."""
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


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
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
    sizes = input.shape[2:]
    dtype = input.dtype.type
    if 0 in grid.shape[:-1] or input.shape[1] == 0:
        return np.zeros((input.shape[0], input.shape[1], *grid.shape[1:-1]), dtype)
    # Axes in the order of the input's: (d,) h, w; the grid has them the other way round.
    at = []
    for x, size in zip(np.moveaxis(grid, -1, 0)[::-1], sizes):
        x = np.where(np.isnan(x), dtype(-1), x)
        p = np.where(np.isinf(x), x, unnormalized(x, size, align_corners))
        if padding_mode == "reflection":  # infinity, also by overflow, has no mirror image
            p = np.where(np.isinf(p), dtype(0 if align_corners else -0.5), p)
        else:
            p = np.clip(p, dtype(-4), dtype(2 * size + 4))  # farther out, nothing changes
        if mode != "bicubic":
            p = padded(p, size, padding_mode, align_corners)
        at.append(p)
    if mode == "nearest":
        index = [index_of(np.rint(p), size, padding_mode) for p, size in zip(at, sizes)]
        inside = np.logical_and.reduce([(i >= 0) & (i < size) for i, size in zip(index, sizes)])
        return np.moveaxis(texels(input, index, inside), -1, 1)
    offsets = (0, 1) if mode == "bilinear" else (-1, 0, 1, 2)
    first = [np.floor(p) for p in at]
    parts = [p - f for p, f in zip(at, first)]
    weights = [(1 - t, t) if mode == "bilinear" else cubic(t) for t in parts]
    total = np.zeros((*grid.shape[:-1], input.shape[1]), dtype)
    for corner in np.ndindex(*(len(offsets),) * len(sizes)):
        weight = dtype(1)
        index = []
        for axis, k in enumerate(corner):
            weight = weight * weights[axis][k]
            if mode == "bicubic":
                tap = padded(first[axis] + offsets[k], sizes[axis], padding_mode, align_corners)
                index.append(index_of(tap, sizes[axis], padding_mode))
            else:
                index.append(index_of(first[axis], sizes[axis], padding_mode) + offsets[k])
        inside = np.logical_and.reduce([(i >= 0) & (i < size) for i, size in zip(index, sizes)])
        # A tap outside is skipped: its weight may meet infinity otherwise.
        with np.errstate(invalid="ignore", over="ignore"):
            total += np.where(inside[..., None], texels(input, index, inside) * weight[..., None], dtype(0))
    return np.moveaxis(total, -1, 1)
