"""Sixty implementations: grid_sample in NumPy (of the templates) with one passage put in other words,
which is right, or with one mistake."""
import pathlib
import types

TEMPLATE = pathlib.Path(__file__).resolve().parents[3] / "oracle/subjects/templates/numpy_grid_sample.py"

RIGHT = {
    "as it is": [],
    "position, the halves first": ("((x + one) * x.dtype.type(size) - one) / 2", "(x + one) * (x.dtype.type(size) / 2) - one / 2"),
    "position, the size distributed": ("((x + one) * x.dtype.type(size) - one) / 2", "(x * x.dtype.type(size) + x.dtype.type(size - 1)) / 2"),
    "position, half of the size": ("(x + one) / 2 * x.dtype.type(size - 1)", "(x + one) * (x.dtype.type(size - 1) / 2)"),
    "position, halved last": ("(x + one) / 2 * x.dtype.type(size - 1)", "(x + one) * x.dtype.type(size - 1) / 2"),
    "position in f64, rounded": ("((x + one) * x.dtype.type(size) - one) / 2", "(((x.astype('f8') + 1) * size - 1) / 2).astype(x.dtype)"),
    "position in f64, rounded, corners": ("(x + one) / 2 * x.dtype.type(size - 1)", "((x.astype('f8') + 1) / 2 * (size - 1)).astype(x.dtype)"),
    "sum in f64": ("total = np.zeros((*grid.shape[:-1], input.shape[1]), dtype)", "total = np.zeros((*grid.shape[:-1], input.shape[1]))"),
    "products in f64": ("taken = texels(input, index, inside)", "taken = texels(input.astype('f8'), index, inside)"),
    "the sum from the other end": ("np.ndindex(*(len(offsets),) * len(sizes))", "list(np.ndindex(*(len(offsets),) * len(sizes)))[::-1]"),
    "weights from the other end": ("for axis, k in enumerate(corner):", "for axis, k in list(enumerate(corner))[::-1]:\n            if axis == len(sizes) - 1: index = [None] * len(sizes)",
                                   "index.append(index_of(tap, sizes[axis], padding_mode))", "index[axis] = index_of(tap, sizes[axis], padding_mode)",
                                   "index.append(index_of(first[axis], sizes[axis], padding_mode) + offsets[k])", "index[axis] = index_of(first[axis], sizes[axis], padding_mode) + offsets[k]"),
    "weights in f64": ("weights = [(1 - t, t) if", "parts = [t.astype('f8') for t in parts]\n    weights = [(1 - t, t) if"),
    "cubic, factors apart": ("((a + 2) * d - (a + 3)) * d * d + 1", "(a + 2) * d * d * d - (a + 3) * d * d + 1"),
    "cubic, far factors apart": ("((a * d - 5 * a) * d + 8 * a) * d - 4 * a", "a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a"),
    "a texel times its weight": ("taken * product(weights)[..., None]", "product(weights)[..., None] * taken"),
    "farther out, nothing changes": ("np.clip(p, dtype(-4), dtype(2 * size + 4))", "np.clip(p, dtype(-6), dtype(2 * size + 6))"),
    "rounding by floor": ("np.rint(p)", "np.where(np.abs(p - np.floor(p) - 0.5) == 0, 2 * np.floor((p + 0.5) / 2), np.floor(p + dtype(0.5)))"),
    "reflection by whole periods": ("np.mod(np.abs(at - low), 2 * span)", "np.abs(at - low) - np.floor(np.abs(at - low) / (2 * span)) * (2 * span)"),
    "unused NaN": ("x = np.where(np.isnan(x), dtype(-1), x)", "x = np.nan_to_num(x, nan=-1, posinf=np.inf, neginf=-np.inf)"),
    "1 - t by subtraction from above": ("(1 - t, t) if", "(1 + -t, t) if"),
}

WRONG = {
    "the other align_corners": ("    if align_corners:  # S", "    if not align_corners:  # S"),
    "always corners": ("    if align_corners:  # S", "    if True:  # S"),
    "never corners": ("    if align_corners:  # S", "    if False:  # S"),
    "corners, S instead of S - 1": ("(x + one) / 2 * x.dtype.type(size - 1)", "(x + one) / 2 * x.dtype.type(size)"),
    "half a pixel forgotten": ("((x + one) * x.dtype.type(size) - one) / 2", "(x + one) * x.dtype.type(size) / 2"),
    "half a pixel added": ("((x + one) * x.dtype.type(size) - one) / 2", "((x + one) * x.dtype.type(size) + one) / 2"),
    "x and y exchanged": ("np.moveaxis(grid, -1, 0)[::-1]", "np.moveaxis(grid, -1, 0)"),
    "the size of the other axis": ("unnormalized(x, size, align_corners))", "unnormalized(x, sizes[-1], align_corners))"),
    "x mirrored": ("unnormalized(x, size, align_corners))", "unnormalized(-x, size, align_corners))"),
    "NaN is 0": ("dtype(-1), x)", "dtype(0), x)"),
    "NaN is 1": ("dtype(-1), x)", "dtype(1), x)"),
    "coordinates clipped to 1": ("x = np.where(np.isnan(x), dtype(-1), x)", "x = np.where(np.isnan(x), dtype(-1), np.clip(x, -1, 1))"),
    "coordinates through f16": ("x = np.where(np.isnan(x), dtype(-1), x)", "x = np.where(np.isnan(x), dtype(-1), x).astype('f2').astype(dtype)"),
    "fractions of 1/256": ("parts = [p - f for p, f in zip(at, first)]", "parts = [(np.rint((p - f) * 256) / 256).astype(dtype) for p, f in zip(at, first)]"),
    "fractions of 1/32": ("parts = [p - f for p, f in zip(at, first)]", "parts = [(np.rint((p - f) * 32) / 32).astype(dtype) for p, f in zip(at, first)]"),
    "truncation instead of floor": ("first = [np.floor(p) for p in at]", "first = [np.trunc(p) for p in at]"),
    "ties away from zero": ("np.rint(p)", "np.trunc(p + np.copysign(dtype(0.5), p))"),
    "nearest by floor": ("np.rint(p)", "np.floor(p)"),
    "nearest by ceil": ("np.rint(p)", "np.ceil(p)"),
    "t and 1 - t exchanged": ("(1 - t, t) if", "(t, 1 - t) if"),
    "smoothstep": ("(1 - t, t) if", "(1 - t * t * (3 - 2 * t), t * t * (3 - 2 * t)) if"),
    "a = -0.5": ("dtype.type(-0.75)", "dtype.type(-0.5)"),
    "a = -1": ("dtype.type(-0.75)", "dtype.type(-1)"),
    "cubic, 1 - t forgotten": ("near(t), near(1 - t)", "near(t), near(t)"),
    "cubic, taps moved": ("(-1, 0, 1, 2)", "(0, 1, 2, 3)"),
    "cubic clamped to the texels": ("    return np.moveaxis(total, -1, 1)", "    return np.clip(np.moveaxis(total, -1, 1), input.min(), input.max()) if mode == 'bicubic' else np.moveaxis(total, -1, 1)"),
    "zeros is border": ('return at if padding_mode == "zeros" else np.clip', "return np.clip"),
    "border is zeros": ('return at if padding_mode == "zeros" else np.clip', 'return at if padding_mode != "reflection" else np.clip'),
    "reflection about the other lines": ("(0.0, size - 1) if align_corners else (-0.5, size)", "(-0.5, size) if align_corners else (0.0, size - 1)"),
    "reflection always about the centers": ("(0.0, size - 1) if align_corners else (-0.5, size)", "(0.0, size - 1)"),
    "one reflection only": ("np.mod(np.abs(at - low), 2 * span)", "np.abs(at - low)"),
    "reflection is repetition": ("np.where(away > span, 2 * span - away, away) + low", "np.where(away > span, away - span, away) + low"),
    "reflection not clipped": ('return at if padding_mode == "zeros" else', 'return at if padding_mode != "border" else'),
    "cubic reflects the position": ('if mode != "bicubic":\n            scale', 'if True:\n            scale'),
    "outside by one": ("(i >= 0) & (i < size)", "(i >= 0) & (i < size - 1)"),
    "the first pixel is outside": ("(i >= 0) & (i < size)", "(i > 0) & (i < size)"),
    "weights renormalized": ("    return np.moveaxis(total, -1, 1)", "    return np.moveaxis(total, -1, 1) * dtype(1.0001)"),
    "the first image for all": ("batch = np.arange(input.shape[0])", "batch = np.zeros(input.shape[0], int)"),
    "channels reversed": ("    return np.moveaxis(total, -1, 1)", "    return np.moveaxis(total, -1, 1)[:, ::-1]"),
    "the sum in f16": ("    return np.moveaxis(total, -1, 1)", "    return np.moveaxis(total, -1, 1).astype('f2').astype(dtype)"),
}


def implementation(changes):
    """grid_sample of the template with some passages replaced; each must be there."""
    source = TEMPLATE.read_text()
    for old, new in zip(changes[::2], changes[1::2]):
        assert old in source, old
        source = source.replace(old, new)
    module = types.ModuleType("variant")
    exec(compile(source, str(TEMPLATE), "exec"), module.__dict__)

    def grid_sample(image, grid, **options):
        return module.grid_sample(image, grid, **options).astype(image.dtype)

    return grid_sample
