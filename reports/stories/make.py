#!/usr/bin/env python3
"""Makes the files of this folder again: questions as people have asked them, each with the answer
that `gridproof diagnose` must give first. The test Stories runs them all.

A case is made from pixel positions: those that were meant give what is expected, by a sampler of
its own that knows nothing but two-dimensional or three-dimensional linear interpolation.
"""
import gzip
import json
import pathlib
import struct
import zipfile

import numpy as np

folder = pathlib.Path(__file__).resolve().parent
cases = []


# ---- Tensors ----

def ramp(*size, first=0):
    return (np.arange(np.prod(size), dtype=np.float32) + first).reshape(1, 1, *size)


def volume(d, h, w):
    z, y, x = np.indices((d, h, w), dtype=np.float32)
    return (100 * z + 10 * y + x)[None, None]


def noise(*size, seed=1):
    return np.random.default_rng(seed).random(size, dtype=np.float32)


def waves(h, w):
    y, x = np.indices((h, w))
    return (np.sin(x * 0.35) + np.cos(y * 0.3 + 1) + 0.5 * np.sin((x + y) * 0.2))[None, None].astype(np.float32)


def indices(*size):
    """The indices of the output locations, x first: (H, W, 2) or (D, H, W, 3)."""
    return np.stack(np.indices(size)[::-1], -1).astype(float)


def n_true(p, size):
    return 2 * p / (np.array(size) - 1) - 1


def n_false(p, size):
    return (2 * p + 1) / np.array(size) - 1


def sample(image, p, outside="zeros"):
    """The image, (1, C, H, W) or (1, C, D, H, W), at pixel positions (…, k), x first, linearly."""
    k = p.shape[-1]
    sizes = image.shape[:1:-1]
    if outside == "border":
        p = np.clip(p, 0, np.array(sizes) - 1)
    floor = np.floor(p)
    result = np.zeros((image.shape[1],) + p.shape[:-1])
    for corner in range(2 ** k):
        far = [corner >> i & 1 for i in range(k)]
        index = [floor[..., i] + far[i] for i in range(k)]
        weight = np.prod([(p - floor)[..., i] if far[i] else 1 - (p - floor)[..., i] for i in range(k)], axis=0)
        inside = np.all([(index[i] >= 0) & (index[i] < sizes[i]) for i in range(k)], axis=0)
        at = tuple(np.clip(index[i], 0, sizes[i] - 1).astype(int) for i in reversed(range(k)))
        result += np.where(inside, weight * image[0][(slice(None),) + at], 0)
    return result[None].astype(np.float32)


# ---- Files ----

def npz(name, **arrays):
    """As numpy.savez, but the same bytes every time."""
    with zipfile.ZipFile(folder / f"{name}.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for key, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0)), "w") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array))


def nii(file, array, affine, intent=0):
    """NIfTI of f32 of an array (D, H, W), or (D, H, W, 3) of vectors x first."""
    sizes = array.shape[2::-1] + ((1, 3) if array.ndim == 4 else ())
    dim = (len(sizes),) + sizes + (1,) * (7 - len(sizes))
    spacing = tuple(np.linalg.norm(affine[:3, :3], axis=0))
    header = struct.pack("<i36x8h12xhhhh", 348, *dim, intent, 16, 32, 0)
    header += struct.pack("<8f", 1, *spacing, 1, 1, 1, 1) + struct.pack("<fffhbb", 352, 1, 0, 0, 0, 2)
    header += bytes(128) + struct.pack("<2h6f", 0, 1, 0, 0, 0, 0, 0, 0) + struct.pack("<12f", *affine[:3].flatten())
    header += bytes(16) + b"n+1\0" + bytes(4)
    data = (header + np.moveaxis(array, -1, 0).tobytes() if array.ndim == 4 else header + array.tobytes())
    (folder / file).write_bytes(gzip.compress(data, mtime=0) if file.endswith(".gz") else data)
    return file


def case(name, answer, *, options="", ties=(), not_ties=(), fault="usage", **tensors):
    """`answer` is the beginning of the first explanation's name, for a pair the two of them."""
    arrays = {key: value for key, value in tensors.items() if isinstance(value, np.ndarray)}
    for key in list(arrays):
        if key.endswith("64"):  # as it was made
            arrays[key[:-2]] = arrays.pop(key)
        elif arrays[key].dtype == np.float64:
            arrays[key] = arrays[key].astype(np.float32)
    tensors = {key.removesuffix("64"): value for key, value in tensors.items()}
    arguments = []
    if arrays:
        npz(name, **arrays)
    for key, value in tensors.items():
        arguments += [f"--{key}", f"{name}.npz:{key}" if key in arrays else value]
    cases.append({"name": name, "arguments": arguments + options.split(), "fault": fault,
                  "answer": [answer] if isinstance(answer, str) else list(answer),
                  "ties": list(ties), "not_ties": list(not_ties)})


T = "--align-corners true"
F = "--align-corners false"
nearest = "--mode nearest "
border = "--padding-mode border "

# ---- Reports that were made again ----

i55 = indices(5, 5)
case("pixel-positions", "units.pixels, align_corners=True", options=nearest + T,
     ties=["units.pixels, align_corners=False"], input=ramp(5, 5, first=1), grid=i55, expected=ramp(5, 5, first=1))
j, i = indices(4, 4)[..., 0], indices(4, 4)[..., 1]
case("pixel-positions-rows-first", ["units.pixels", "axes.reversed"], options=nearest + T,
     input=ramp(4, 4, first=1), grid=np.stack([i + 0.2 * np.sin(j), j - 0.1 * np.cos(i)], -1),
     expected=ramp(4, 4, first=1))
i46 = indices(4, 6)
case("unit-interval", "units.unit-interval", options=T, input=ramp(4, 6), grid=i46 / [5, 3], expected=ramp(4, 6))
case("pixel-displacement-alone", "units.pixel-displacement, align_corners=True", options=T,
     ties=["units.pixel-displacement, align_corners=False"],
     input=ramp(4, 6), grid=0 * i46 + [1, 0], expected=sample(ramp(4, 6), i46 + [1, 0]))
case("pixels-plus-normalized-flow", "units.mixed, align_corners=True",
     input=ramp(4, 6), grid=i46 + [0.4, 0], expected=sample(ramp(4, 6), i46 + [1, 0]))
case("scaled-by-its-own-range", "units.min-max", options=T,
     input=ramp(5, 5), grid=n_true(i55, (5, 5)), expected=sample(ramp(5, 5), i55 + [2, 0]))
dot = np.zeros((1, 1, 3, 4), np.float32)
dot[0, 0, 0, 1] = 1
case("rows-before-columns", "axes.reversed", options=T, input=dot,
     grid=n_true(indices(3, 4), (4, 3))[..., ::-1], expected=dot)
table = np.outer(np.arange(1, 6), np.arange(1, 10)).astype(np.float32)[None, None]
thirds = np.stack(np.indices((3, 3)), -1).reshape(1, 9, 2) - 1.0
case("points-row-first", "axes.reversed", options=nearest + T, input=table, grid=thirds,
     expected=sample(table, (thirds[..., ::-1] + 1) / 2 * [8, 4]))
i48 = indices(4, 8)
case("displacement-by-the-other-size", "sizes.exchanged-displacement", options=T, input=ramp(4, 8),
     grid=n_true(i48, (8, 4)) + [0, 2 / 7], expected=sample(ramp(4, 8), i48 + [0, 1]))
case("divided-by-the-other-size", "sizes.exchanged", options=T, input=ramp(4, 8), grid=n_true(i48, (4, 8)),
     expected=ramp(4, 8))
case("divided-by-the-other-size-false", "sizes.exchanged", options=F, input=ramp(4, 8), grid=n_false(i48, (4, 8)),
     expected=ramp(4, 8))
case("divided-by-the-size", "divisor.size, align_corners=True", options=border + T,
     ties=["divisor.size, align_corners=False"], input=ramp(3, 5, first=1),
     grid=2 * indices(3, 5) / [5, 3] - 1, expected=ramp(3, 5, first=1))
case("identity-of-the-other-flag", "align_corners", options=F, input=ramp(4, 4),
     grid=n_true(indices(4, 4), (4, 4)), expected=ramp(4, 4))
ones = np.ones((1, 1, 12, 16), np.float32)
shear = indices(12, 16) - 0.5 * indices(12, 16)[..., 1:] * [1, 0]
case("shear-of-ones", "align_corners", options=F, input=ones, grid=n_true(shear, (16, 12)),
     expected=sample(ones, shear))
voxels = np.array([[1, 2, 3], [4, 1, 2], [2, 3, 1], [5, 4, 3]], float).reshape(1, 1, 4, 3)
at_voxels = np.array([321, 214, 132, 345], np.float32).reshape(1, 1, 1, 1, 4)
case("half-a-voxel-missing", "divisor.size, align_corners=False", options=F, input=volume(4, 5, 6),
     grid=2 * voxels / [6, 5, 4] - 1, expected=at_voxels)
old = n_true(indices(3, 5), (5, 3)) * [0.9, 0.8] + [0.05, 0]
case("default-of-1.2", "align_corners", options=border.strip(), input=ramp(3, 5, first=1), grid=old,
     expected=sample(ramp(3, 5, first=1), (old + 1) / 2 * [4, 2], "border"))
case("divided-by-the-size-in-3d", "divisor.size, align_corners=True", options=T, input=volume(4, 6, 8),
     grid=2 * voxels / [8, 6, 4] - 1, expected=at_voxels)
case("points-z-first", "axes.reversed", options=T, input=volume(4, 6, 8),
     grid=n_true(voxels, (8, 6, 4))[..., ::-1], expected=at_voxels)
i468 = indices(4, 6, 8)
case("voxel-displacement-z-first", "axes.displacement-reversed-pixels", options=T,
     not_ties=["axes.displacement-reversed"], input=volume(4, 6, 8),
     grid=n_true(i468, (8, 6, 4)) + [0, 2 / 5, 4 / 3], expected=sample(volume(4, 6, 8), i468 + [2, 1, 0]))

# ---- Other causes ----

smooth = waves(32, 32)
i32 = indices(32, 32)
bend = lambda p: 0.8 * np.stack([np.sin(2 * np.pi * p[..., 1] / 32), np.cos(2 * np.pi * p[..., 0] / 32)], -1)
forth = 0 * i32
for _ in range(50):
    forth = -bend(i32 + forth)
case("forward-map", "direction.inverted", options=F + " " + border, input=smooth, grid=n_false(i32 + bend(i32), (32, 32)),
     expected=sample(smooth, i32 + forth, "border"))
picture = noise(1, 2, 12, 20)
i1220 = indices(12, 20)
size = np.array([20, 12])
center = (size - 1) / 2
matrix = np.array([[1.1, 0.2], [-0.15, 0.9]])
theta = np.concatenate([matrix, [[0.1], [-0.2]]], 1)
inverse = np.linalg.inv(np.vstack([theta, [0, 0, 1]]))
base = n_false(i1220, size)
case("theta-of-the-other-direction", "theta.inverted", options=F, input=picture, theta=json.dumps(theta.tolist()),
     expected=sample(picture, ((base @ inverse[:2, :2].T + inverse[:2, 2] + 1) * size - 1) / 2))
pixel_matrix = np.array([[0.9, 0.1, 1.5], [-0.1, 0.8, 2]])
case("theta-in-pixels", "theta.pixels", options=F, input=picture, theta=json.dumps(pixel_matrix.tolist()),
     expected=sample(picture, i1220 @ pixel_matrix[:, :2].T + pixel_matrix[:, 2]))
there = np.linalg.inv(np.vstack([pixel_matrix, [0, 0, 1]]))
case("matrix-of-warp-affine", "theta.pixels-inverted", options=T, input=picture, theta=json.dumps(pixel_matrix.tolist()),
     expected=sample(picture, i1220 @ there[:2, :2].T + there[:2, 2]))
mixed = np.concatenate([matrix, [[3], [-2]]], 1)
case("theta-translates-pixels", "theta.translation-pixels", options=F, input=picture, theta=json.dumps(mixed.tolist()),
     expected=sample(picture, ((base @ matrix.T + [3, -2] / (size / 2) + 1) * size - 1) / 2))
turn = lambda a: np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
rotation = lambda a: json.dumps(np.concatenate([turn(a), [[0], [0]]], 1).tolist())
turned = sample(picture, (i1220 - center) @ turn(np.pi / 6).T + center)
case("rotation-of-an-oblong", "theta.aspect", options=F, input=picture, theta=rotation(np.pi / 6), expected=turned)
square = noise(1, 1, 16, 16)
i16 = indices(16, 16)
case("angle-in-degrees", "theta.degrees", options=F, input=square, theta=rotation(30.0),
     expected=sample(square, (i16 - 7.5) @ turn(np.pi / 6).T + 7.5))

flow = 0.5 * np.stack([1 + np.sin(i1220[..., 1]), np.cos(i1220[..., 0])], -1)
(folder / "resized-flow.flo").write_bytes(b"PIEH" + struct.pack("<ii", 20, 12) + flow.astype("<f4").tobytes())
npz("resized-flow", input=picture, expected=sample(picture, i1220 + 4 * flow))
case("resized-flow", "scale.4", options=F, displacement="resized-flow.flo", input="resized-flow.npz:input",
     expected="resized-flow.npz:expected")
case("flow-divided-by-20", "scale.20", options=F, input=picture, grid=n_false(i1220 + flow / 20, size),
     expected=sample(picture, i1220 + flow))
out = (indices(6, 5) + 0.5) * [4, 2] - 0.5
case("flow-in-output-pixels", "scale.of-output", options=F, input=picture, grid=n_false(out + flow[:6, :5], size),
     expected=sample(picture, out + flow[:6, :5] * [4, 2]))
case("pixels-added-to-the-identity", "units.pixels-added, align_corners=False", options=F, input=picture,
     grid=base + flow, expected=sample(picture, i1220 + flow))
bytes_in = np.round(255 * picture)
case("eight-bits-and-the-wrong-sign", "direction.reversed", options=F, input=bytes_in, grid=n_false(i1220 - flow, size),
     expected=np.round(sample(bytes_in, i1220 + flow)))
case("eight-bits-and-nothing-wrong", "", options=F, fault="none", input=picture, grid=n_false(i1220 + flow, size),
     expected=np.round(255 * sample(picture, i1220 + flow)) / 255)
salted = sample(picture, i1220 + flow)
salted[:, :, ::4, ::9] = 1
case("salt-and-nothing-wrong", "", options=F, fault="unexplained", input=picture, grid=n_false(i1220 + flow, size),
     expected=salted)
disparity = flow * [2, 0]
case("disparity-added", "direction.reversed", options=F, ties=["sign.x"], input=picture,
     grid=n_false(i1220 + disparity, size), expected=sample(picture, i1220 - disparity))
case("y-up", "mirror.y", options=F, input=picture, grid=base * [1, -1] * 0.9, expected=sample(picture, ((base * 0.9 + 1) * size - 1) / 2))
points = noise(3, 7, 2, seed=3) * 8 * size
case("feature-map-of-stride-8", "stride.8", options=F, input=picture, grid=n_false(points / 8, size),
     expected=sample(picture, (points + 0.5) / 8 - 0.5))
moved = n_false(i1220 + flow, size)
case("view-instead-of-permute", "layout.grid-view", options=F, input=picture,
     grid=np.moveaxis(moved, -1, 0).reshape(1, 12, 20, 2), expected=sample(picture, i1220 + flow))
case("channels-last", "layout.channels-last", options=F, input=np.moveaxis(picture, 1, -1).reshape(1, 2, 12, 20),
     grid=moved, expected=sample(picture, i1220 + flow))
wide = noise(1, 1, 2, 3840)
case("half-precision-grid", "precision.16-bits", options=F, input=wide,
     grid=n_false(indices(2, 3840), (3840, 2)).astype(np.float16)[None], expected=wide)
case("number-for-what-is-outside", "padding.square-filled", options=F, input=picture, grid=1.3 * moved,
     expected=np.where(np.any(abs(1.3 * moved) > 1, -1), np.float32(-1), sample(picture, ((1.3 * moved + 1) * size - 1) / 2)))
case("edges-fade", "padding.border", options=F, input=picture, grid=1.3 * moved,
     expected=sample(picture, ((1.3 * moved + 1) * size - 1) / 2, "border"))
slab = noise(1, 1, 1, 5, 6)
i156 = indices(1, 5, 6)
case("slab-of-one-slice", "unit-size.centre", options=F, ties=["padding.border"], input=slab,
     grid=n_false(i156, (6, 5, 1)) - [0, 0, 1], expected=slab)
box = noise(1, 1, 5, 6, 7)
i567 = indices(5, 6, 7)
field = np.stack([np.sin(i567[..., 0]), 1.5 * np.cos(i567[..., 1]), np.sin(i567[..., 2] + 1)], -1)
spacing = np.array([0.5, 0.8, 3])
case("displacement-in-millimeters", "world.spacing", options=F + " --spacing 0.5,0.8,3", input=box,
     grid=n_false(i567 + field * spacing, (7, 6, 5)), expected=sample(box, i567 + field))
case("lps-in-millimeters", ["world.signs", "world.spacing"], options=F + " --spacing 0.5,0.8,3", input=box,
     grid=n_false(i567 + field * spacing * [-1, -1, 1], (7, 6, 5)), expected=sample(box, i567 + field))
case("displacement-of-lps", "world.signs", options=F, input=box, grid=n_false(i567 + field * [-1, -1, 1], (7, 6, 5)),
     expected=sample(box, i567 + field))
case("planes-in-another-order", "axes.yxz", options=F, input=box,
     grid=n_false(i567 + field, (7, 6, 5))[..., [1, 0, 2]], expected=sample(box, i567 + field))
halves = n_false(indices(3, 8) + [0.5, 0], (8, 4))
ties = np.floor(indices(3, 8) + [1, 0])
case("ties-away-from-zero", "elsewhere.nearest.half-", options=nearest + F, input=ramp(4, 8, first=1), grid=halves,
     expected=sample(ramp(4, 8, first=1), ties))
np.save(folder / "map-x.npy", (i1220 + flow)[..., 0].astype(np.float32))
np.save(folder / "map-y.npy", (i1220 + flow)[..., 1].astype(np.float32))
npz("maps-of-remap", input=1000 * picture, expected=sample(1000 * picture, np.round((i1220 + flow) * 32) / 32))
cases.append({"name": "maps-of-remap",
              "arguments": ["--input", "maps-of-remap.npz:input", "--maps", "map-x.npy", "map-y.npy", "--expected",
                            "maps-of-remap.npz:expected"] + F.split(),
              "fault": "usage", "answer": ["elsewhere.position.quantised-1/32"], "ties": [], "not_ties": []})
broken = moved.copy()
broken[3, 5] = np.nan
lost = sample(picture, i1220 + flow)
lost[:, :, 3, 5] = np.nan
case("nan-in-the-grid", "elsewhere.nan.propagates", options=F, input=picture, grid=broken, expected=lost)
case("flag-lost-in-export", "align.flipped", options=T, fault="implementation", input=picture, grid=n_true(i1220 + flow, size),
     observed=sample(picture, ((n_true(i1220 + flow, size) + 1) * size - 1) / 2))
case("nothing-is-wrong", "", options=F, fault="none", input=picture, grid=moved, expected=sample(picture, i1220 + flow))

# ---- Two mistakes in one theta, and what was added since ----

def rotation(degrees, aspect=1.0):
    a = np.radians(degrees)
    return np.array([[np.cos(a), -np.sin(a) * aspect], [np.sin(a) / aspect, np.cos(a)]])


def turned(matrix):
    """The grid of a linear theta without align_corners, and where it reads."""
    grid = base @ matrix.T
    return grid, ((grid + 1) * size - 1) / 2


wrong_way, _ = turned(rotation(-20))
_, right_way = turned(rotation(20, 12 / 20))
case("turned-the-other-way-and-oblong", ["theta.inverted", "theta.aspect"], options=F,
     ties=["theta.transposed + theta.aspect"], input=picture, grid=wrong_way,
     expected=sample(picture, right_way))
_, upright = turned(rotation(30.5, 12 / 20))
case("degrees-of-an-oblong", ["theta.degrees", "theta.aspect"], options=F, input=picture,
     grid=turned(rotation(np.degrees(30.5)))[0], expected=sample(picture, upright))
out = np.any(abs(1.3 * moved) > 1, -1)
case("a-mean-for-each-channel", "padding.square-filled", options=F, input=picture, grid=1.3 * moved,
     expected=np.where(out, np.array([-1, 2], np.float32)[:, None, None],
                       sample(picture, ((1.3 * moved + 1) * size - 1) / 2)))
case("spacing-in-the-order-of-the-array", "world.spacing-reversed", options=F + " --spacing 3,0.8,0.5", input=box,
     grid=n_false(i567 + field * spacing, (7, 6, 5)), expected=sample(box, i567 + field))
case("divided-by-the-longest-side", "sizes.largest", options=T, input=picture, grid=n_true(i1220 + flow, (20, 20)),
     expected=sample(picture, i1220 + flow))
case("square-coordinates", "sizes.largest-centred", options=F, input=picture, grid=moved * size / 20,
     expected=sample(picture, i1220 + flow))
case("pixels-of-the-image-on-its-map", "units.pixels-of-stride-8", options=F, input=picture, grid=points,
     expected=sample(picture, (points + 0.5) / 8 - 0.5))
large = noise(1, 1, 60, 400)
i60400 = indices(60, 400)
swirl = n_false(i60400 + 5 * np.stack([np.sin(i60400[..., 1] * 0.2), np.cos(i60400[..., 0] * 0.03)], -1), (400, 60))
case("grid-of-half-precision", "precision.grid-of-16-bits", options=F, input=large,
     grid=swirl.astype(np.float16), expected=sample(large, ((swirl + 1) * [400, 60] - 1) / 2))
bytes_of = np.round(60 * (waves(60, 80) - waves(60, 80).min()))
i6080 = indices(60, 80)
case("eight-bits-and-the-other-flag", "align_corners", options=F, input=bytes_of, grid=n_true(i6080, (80, 60)),
     expected=bytes_of)
colors = noise(1, 3, 12, 20)
case("bgr", "layout.channels-reversed", options=F, input=colors, grid=moved,
     expected=sample(colors, i1220 + flow)[:, ::-1])
case("floats-for-bytes", "values.times-255", options=F, input=colors, grid=moved,
     expected=255 * sample(colors, i1220 + flow))
case("longitudes-in-radians", "units.radians", options=F, input=picture, grid=moved * [np.pi, np.pi / 2],
     expected=sample(picture, i1220 + flow))

planes = np.moveaxis(flow + 0 * i1220, -1, 0).reshape(12, 20, 2)
case("flow-viewed-as-planes", "layout.displacement-view", options=F, input=picture, grid=n_false(i1220 + planes, size),
     expected=sample(picture, i1220 + flow))
inside = sample(np.ones((1, 1, 12, 20), np.float32), ((1.3 * moved + 1) * size - 1) / 2)
case("border-value-of-warp", "padding.blended", options=F, input=picture, grid=1.3 * moved,
     expected=sample(picture, ((1.3 * moved + 1) * size - 1) / 2) + 0.7 * (1 - inside))
case("counted-from-one", "index.from-one", options=F, input=picture,
     grid=n_false(i1220 + flow + 1, size), expected=sample(picture, i1220 + flow))
case("memory-of-imread", ["layout.channels-last", "layout.channels-reversed"], options=F,
     input=np.moveaxis(colors[:, ::-1], 1, -1).reshape(1, 3, 12, 20), grid=moved,
     expected=sample(colors, i1220 + flow))
shifted_by = np.array([0.25, -0.4])
case("translation-over-the-size", "theta.translation-half", options=F, input=picture, grid=0.8 * base + shifted_by / 2,
     expected=sample(picture, ((0.8 * base + shifted_by + 1) * size - 1) / 2))
case("inverse-by-hand", "theta.inverse-by-hand", options=F, input=picture,
     grid=base @ rotation(25).T * 0.7 - shifted_by,
     expected=sample(picture, (((base - shifted_by) @ rotation(25).T * 0.7 + 1) * size - 1) / 2))
gray = np.round(100 + 10 * waves(30, 40))
bent = n_false(indices(30, 40) + 2 * np.sin(indices(30, 40)[..., ::-1] * 0.2), (40, 30))
reads = ((bent + 1) * [40, 30] - 1) / 2
case("whole-numbers-and-nothing-wrong", "", options=F, fault="none", input=gray, grid=bent,
     expected=np.round(sample(gray, reads)))
case("whole-numbers-and-the-wrong-sign", "direction.reversed", options=F, input=gray,
     grid=2 * n_false(indices(30, 40), (40, 30)) - bent, expected=np.round(sample(gray, reads)))
case("observed-in-bytes", "", options=F, fault="unknown", input=gray, grid=bent,
     observed=np.round(sample(gray, reads)))
case("cropped-before", "fitted.offset", options=F, input=picture, grid=n_false(i1220 + flow + [-3, 2], size),
     expected=sample(picture, i1220 + flow))
case("flow-of-another-scale", "fitted.displacement", options=F, input=picture, grid=n_false(i1220 + 1.7 * flow, size),
     expected=sample(picture, i1220 + flow))
half = ((i1220 + [0.5, 0]) * 2 + 1) / size - 1
case("ties-with-more-digits", "", options=nearest + F, fault="none", input=picture,
     grid=half.astype(np.float32),
     expected=sample(picture, np.floor(i1220 + [0.5 + 0.5, 0] - np.array([1, 0]) * (np.random.default_rng(4).random((12, 20, 1)) < 0.5))))

case("floats-against-opencv", ["align_corners", "values.reversed-times-255"], options=F, input=colors,
     grid=n_true(i1220 + flow, size), expected=255 * sample(colors, i1220 + flow)[:, ::-1])

# ---- The family of the coordinates: what an array may be taken for, and every way to make it ----

reads = i1220 + flow
right = sample(picture, reads)


def resized(count, *, half=0.5):
    """Where an output of so many rows and columns reads the picture of 12 rows: pixel centers."""
    return (indices(*count) + half) * [20, 12] / np.array(count)[::-1] - half


for name, count in (("half", (6, 10)), ("twice", (24, 40)), ("another", (7, 13))):
    place = indices(*count)
    last = np.array(count)[::-1] - 1
    case(f"linspace-at-{name}-size", "align_corners.of-the-resize", options=F, input=picture,
         grid=2 * place / last - 1, intent="identity")
    case(f"centers-at-{name}-size", "align_corners.of-the-resize", options=T, input=picture,
         grid=(2 * place + 1) / (last + 1) - 1, intent="identity")
    case(f"no-half-pixel-at-{name}-size", "half-pixel.of-the-resize", options=F, input=picture,
         grid=2 * place / (last + 1) - 1, intent="identity")
    case(f"pixels-at-{name}-size", "units.pixels-of-the-output, align_corners=False", options=F, input=picture,
         grid=place, intent="identity")
    case(f"unit-interval-at-{name}-size", "units.unit-interval", options=T, input=picture, grid=place / last,
         intent="identity")
    case(f"quotients-at-{name}-size", ["units.unit-interval", "half-pixel.of-the-resize"], options=F,
         input=picture, grid=place / (last + 1), intent="identity")
case("one-axis-is-halved", "half-range.y", options=F, input=picture, grid=n_false(i1220, size) * [1, 0.5],
     intent="identity")
case("one-axis-is-off", "fitted.axes", options=F, input=picture, grid=n_false(i1220, size) + [0.2, 0],
     intent="identity")
case("moved-the-other-way", "direction.reversed", options=F, input=picture, grid=n_false(i1220 + [2, 1], size),
     intent="shift 2,1")
case("not-mirrored", "mirror.x", options=F, input=picture, grid=n_false(i1220, size), intent="flip horizontal")
case("identity-for-nearest", "align_corners", options=nearest + F, input=picture, grid=n_true(i1220, size),
     intent="identity")
case("two-rows-of-an-identity", "align_corners", options=nearest + F, input=ramp(2, 2, first=1),
     grid=n_true(indices(2, 2), (2, 2)), intent="identity")

case("x-is-halved", "half-range.x", options=F, input=picture, grid=n_false(reads, size) * [0.5, 1], expected=right)
case("y-is-doubled", "double-range.y", options=F, input=picture, grid=n_false(reads, size) * [1, 2], expected=right)
case("rows-and-sign", ["axes.reversed", "mirror.y"], options=F, input=picture,
     grid=(n_false(reads, size) * [1, -1])[..., ::-1], expected=right)
case("halved-rows-first", ["axes.reversed", "units.half-range"], options=F, input=picture,
     grid=n_false(reads, size)[..., ::-1] / 2, expected=right)
case("rows-first-from-0-to-1", ["axes.reversed", "units.unit-interval"], options=F, input=picture,
     grid=(n_false(reads, size)[..., ::-1] + 1) / 2, expected=right)
case("grid-upside-down", "array.rows-flipped", options=F, input=picture, grid=n_false(reads, size)[::-1],
     expected=right)
case("grid-from-the-right", "array.columns-flipped", options=F, input=picture, grid=n_false(reads, size)[:, ::-1],
     expected=right)
case("flow-upside-down", "array.displacement-rows-flipped", options=F, input=picture,
     grid=n_false(i1220 + flow[::-1], size), expected=right)
case("flow-upside-down-and-up", ["array.displacement-rows-flipped", "sign.y"], options=F, input=picture,
     grid=n_false(i1220 + flow[::-1] * [1, -1], size), expected=right)
theta = np.array([[0.9, -0.25, 0.1], [0.2, 0.8, -0.15]])
true_base, false_base = n_true(i1220, size), n_false(i1220, size)
affine = false_base @ theta[:, :2].T + theta[:, 2]
case("affine-grid-of-the-other-flag", "align_corners.of-affine-grid", options=F, input=picture,
     grid=true_base @ theta[:, :2].T + theta[:, 2], expected=sample(picture, ((affine + 1) * size - 1) / 2))
turn, stretch = rotation(25), np.diag([1.4, 0.7])
case("scaled-before-it-was-turned", "theta.scale-first", options=F, input=noise(1, 2, 16, 16, seed=9),
     grid=n_false(indices(16, 16), (16, 16)) @ (turn @ stretch).T,
     expected=sample(noise(1, 2, 16, 16, seed=9), (n_false(indices(16, 16), (16, 16)) @ (stretch @ turn).T * 16 + 15) / 2))
case("translated-before-it-was-turned", "theta.translation-first", options=F, input=picture,
     grid=false_base @ turn.T * 0.8 + 0.8 * turn @ [0.3, -0.2],
     expected=sample(picture, ((false_base @ turn.T * 0.8 + [0.3, -0.2] + 1) * size - 1) / 2))

# What is given is no displacement, or no maps.
case("map-for-a-displacement", "given.map", options=F, input=picture, displacement=reads, expected=right)
case("map-from-0-to-1-for-a-displacement", "given.map-from-0-to-1", options=T, input=picture,
     displacement=reads / (np.array(size) - 1), expected=right)
case("grid-for-a-displacement", "given.grid", options=F, input=picture, displacement=n_false(reads, size),
     expected=right)
case("normalized-displacement", "given.displacement-of-coordinates", options=F, input=picture,
     displacement=flow * 2 / size, expected=right)
case("displacement-of-sizes", "given.displacement-from-0-to-1", options=F, input=picture, displacement=flow / size,
     expected=right)
case("displacement-rows-first", "axes.displacement-reversed", options=F, input=picture, displacement=flow[..., ::-1],
     expected=right)
case("displacement-upwards", "sign.y", options=F, input=picture, displacement=flow * [1, -1], expected=right)
case("displacement-of-the-image-half-as-large", "scale.2", options=F, input=picture, displacement=flow / 2,
     expected=right)
case("displacement-bottom-up", ["array.displacement-rows-flipped", "sign.y"], options=F, input=picture,
     displacement=flow[::-1] * [1, -1], expected=right)
case("map-rows-first-for-a-displacement", ["axes.displacement-reversed", "given.map"], options=F, input=picture,
     displacement=reads[..., ::-1], expected=right)
for name, answer, maps in (("maps-exchanged", "axes.reversed-pixels", reads[..., ::-1]),
                           ("displacements-for-maps", "given.displacement", flow),
                           ("coordinates-for-maps", "given.grid", n_false(reads, size)),
                           ("maps-from-one", "index.from-one", reads + 1)):
    npz(f"{name}-xy", x=maps[..., 0].astype(np.float32), y=maps[..., 1].astype(np.float32))
    case(name, answer, options=f"{F} --maps {name}-xy.npz:x {name}-xy.npz:y", input=picture, expected=right)

# Coordinates of scipy.ndimage.map_coordinates, (2, H, W), rows first.
def to_scipy(positions):
    return np.moveaxis(positions[..., ::-1], -1, 0)


case("map-coordinates", "", options=F, fault="none", input=picture, maps=to_scipy(reads), expected=right)
case("map-coordinates-as-a-grid", "layout.map-coordinates", options=F, fault="refused", input=picture,
     grid=to_scipy(reads), expected=right)
case("map-coordinates-moved", ["axes.reversed", "units.pixels, align_corners=False"], options=F, input=picture,
     grid=reads[..., ::-1][None], expected=right)
case("map-coordinates-in-their-order", "axes.reversed", options=F, input=picture,
     grid=n_false(reads, size)[..., ::-1][None], expected=right)
case("map-coordinates-over-the-other-sizes", "axes.reversed-pixels", options=F, input=picture,
     grid=n_false(reads[..., ::-1], size)[None], expected=right)
case("map-coordinates-of-the-other-flag", ["align_corners", "axes.reversed"], options=F, input=picture,
     grid=n_true(reads, size)[..., ::-1][None], expected=right)
case("map-coordinates-x-first", "given.x-first", options=F, not_ties=["axes.reversed-pixels"], input=picture,
     maps=to_scipy(reads[..., ::-1]), expected=right)
case("map-coordinates-without-the-indices", "given.displacement", options=F, input=picture, maps=to_scipy(flow),
     expected=right)
case("map-coordinates-and-a-flow-x-first", "given.displacement-x-first", options=F, input=picture,
     maps=to_scipy(i1220 + flow[..., ::-1]), expected=sample(picture, i1220 + flow))
case("map-coordinates-that-are-a-grid", "given.grid", options=F, input=picture, maps=to_scipy(n_false(reads, size)),
     expected=right)
case("maps-in-one-array", "index.from-one", options=F, input=picture, maps=reads + 1, expected=right)

# Packed grids.
packed = n_false(reads, size)
case("components-in-axis-1", "layout.components", options=F, fault="refused", input=picture,
     grid=np.moveaxis(packed, -1, 0)[None], expected=right)
case("components-first", "layout.components", options=F, fault="refused", input=picture,
     grid=np.moveaxis(packed, -1, 0), expected=right)
case("components-between-rows", "layout.components", options=F, fault="refused", input=picture,
     grid=np.moveaxis(packed, -1, 1), expected=right)
case("components-in-turns", "layout.in-turns", options=F, fault="refused", input=picture,
     grid=packed.reshape(1, 12, 40), observed=right)
case("components-in-axis-1-of-the-other-flag", "align_corners", options=F, input=picture,
     grid=np.moveaxis(n_true(reads, size), -1, 0)[None], expected=right)

# Volumes.
voxels = noise(1, 1, 5, 6, 7, seed=21)
i567 = indices(5, 6, 7)
drift = 0.8 * np.stack([np.sin(i567[..., 1] * 0.7), np.cos(i567[..., 0] * 0.5), np.sin(i567[..., 2] + i567[..., 0] * 0.3)], -1)
to_567 = sample(voxels, i567 + drift)
s567 = (7, 6, 5)
case("volume-y-z-x", "axes.yzx", options=F, input=voxels, grid=n_false(i567 + drift, s567)[..., [1, 2, 0]], expected=to_567)
case("volume-y-x-z-and-upwards", ["axes.yxz", "mirror.z"], options=F, input=voxels,
     grid=(n_false(i567 + drift, s567) * [1, 1, -1])[..., [1, 0, 2]], expected=to_567)
case("volume-displacement-z-x-y", "axes.displacement-zxy", options=F, input=voxels, displacement=drift[..., [2, 0, 1]],
     expected=to_567)
case("volume-two-signs", "sign.yz", options=F, input=voxels, displacement=drift * [1, -1, -1], expected=to_567)
case("volume-from-the-last-slice", "array.displacement-slices-flipped", options=F, input=voxels, displacement=drift[::-1],
     expected=to_567)
case("volume-without-batch", "direction.reversed", options=F, input=voxels[0, 0], displacement=-drift, expected=to_567)
spacing = np.array([1.5, 1.5, 3])
case("nifti-of-itk", ["axes.displacement-reversed", "sign.yz", "world.spacing"], options=F + " --spacing 3,1.5,1.5",
     input=voxels, displacement=(drift[..., ::-1] * spacing * [-1, -1, 1])[..., None, :].reshape(5, 6, 7, 1, 3),
     expected=to_567)

case("volume-map-coordinates", "", options=F, fault="none", input=voxels, maps=to_scipy(i567 + drift), expected=to_567)
case("volume-map-coordinates-x-first", "given.x-first", options=F, input=voxels,
     maps=to_scipy((i567 + drift)[..., ::-1]), expected=to_567)
case("volume-map-coordinates-y-z-x", "given.yzx", options=F, input=voxels,
     maps=np.moveaxis((i567 + drift)[..., [1, 2, 0]], -1, 0), expected=to_567)
case("volume-components-in-axis-1", "layout.components", options=F, fault="refused", input=voxels,
     grid=np.moveaxis(n_false(i567 + drift, s567), -1, 0)[None], expected=to_567)

# NIfTI says where the voxels are.
oblique = np.array([[0, -1.2, 0.3, -20], [1.5, 0, 0, 10], [0, 0.2, 3, 5], [0, 0, 0, 1]])
ras, lps = oblique[:3, :3].T, oblique[:3, :3].T * [-1, -1, 1]
world = (i567 + drift) @ ras + oblique[:3, 3]
for file, array, intent in (("voxels.nii", voxels[0, 0], 0), ("voxels-moved.nii.gz", to_567[0, 0], 0),
                            ("drift.nii", drift, 1006), ("drift-ras.nii", drift @ ras, 1007),
                            ("drift-lps.nii.gz", drift @ lps, 1007), ("world-ras.nii", world, 1007),
                            ("world-lps.nii", world * [-1, -1, 1], 0)):
    nii(file, array.astype(np.float32), oblique, intent)
seen = {"input": "voxels.nii", "expected": "voxels-moved.nii.gz"}
case("nifti-in-voxels", "", options=F, fault="none", displacement="drift.nii", **seen)
case("nifti-of-fsl", "world.ras", options=F, displacement="drift-ras.nii", **seen)
case("nifti-of-ants", "world.lps", options=F, not_ties=["world.signs"], displacement="drift-lps.nii.gz", **seen)
case("nifti-of-spm-as-a-displacement", "given.world-ras", options=F, displacement="world-ras.nii", **seen)
case("nifti-of-spm-as-a-grid", "world.positions-ras", options=F, grid="world-ras.nii", **seen)
case("nifti-of-points", "world.positions-lps", options=F, grid="world-lps.nii", **seen)
case("nifti-of-ants-backwards", ["direction.reversed", "world.lps"], options=F,
     displacement=nii("drift-back.nii", (-drift @ lps).astype(np.float32), oblique, 1007), **seen)
# From the space of another image, which has another place, other voxels and other sizes.
i456 = indices(4, 5, 6)
other = np.array([[0.2, -1.5, 0, -19], [1.7, 0, 0.3, 9], [0, 0, 3.6, 5.5], [0, 0, 0, 1]])
drift456 = 0.6 * np.stack([np.sin(i456[..., 1] * 0.7), np.cos(i456[..., 0] * 0.5), np.sin(i456[..., 2])], -1)
across = (i456 @ other[:3, :3].T + other[:3, 3] + drift456 - oblique[:3, 3]) @ np.linalg.inv(oblique[:3, :3]).T
case("nifti-of-ants-between-spaces", "given.world-between-lps", options=F, input="voxels.nii",
     displacement=nii("between-lps.nii", (drift456 * [-1, -1, 1]).astype(np.float32), other, 1007),
     expected=sample(voxels, across))

# What became of the values, and three mistakes of different kinds.
case("opencv-everything", ["align_corners", "values.times-255", "padding.border"], options=F, input=colors,
     grid=n_true(1.3 * i1220 - 2 + flow, size), expected=255 * sample(colors, 1.3 * i1220 - 2 + flow, "border"))
case("upwards-in-bytes-without-zeros", ["mirror.y", "values.times-255", "padding.border"], options=F, input=colors,
     grid=n_false(1.3 * i1220 - 2 + flow, size) * [1, -1],
     expected=255 * sample(colors, 1.3 * i1220 - 2 + flow, "border"))

# Arrays as other libraries have them; right answers.
case("height-width-channels", "axes.reversed", options=F, input=colors[0].transpose(1, 2, 0),
     grid=n_false(reads, size)[..., ::-1], expected=sample(colors, reads)[0].transpose(1, 2, 0))
case("batch-height-width-channels", "align_corners", options=F, input=colors.transpose(0, 2, 3, 1),
     grid=n_true(reads, size)[None], expected=sample(colors, reads).transpose(0, 2, 3, 1))
case("column-major", "layout.column-major", options=F, fault="refused", input=picture[:1].transpose(3, 2, 1, 0),
     grid=n_false(reads, size)[None].transpose(3, 2, 1, 0), expected=right.transpose(3, 2, 1, 0))
case("saved-by-numpy", "", options=F, fault="unknown", input=picture, grid64=n_false(reads, size),
     observed=sample(picture, ((n_false(reads, size).astype(np.float32).astype(float) + 1) * size - 1) / 2))
bytes8 = np.round(255 * noise(1, 1, 12, 20, seed=31))
wide = 1.2 * i1220 - 1.5 + flow
case("border-forgotten-in-bytes", "padding_mode='border'", options=F, fault="implementation", input=bytes8,
     grid=n_false(wide, size), observed=np.round(sample(bytes8, wide, "border")))
case("flag-forgotten-in-bytes", "align_corners=True", options=F, fault="implementation", input=bytes8 / 255,
     grid=n_true(reads, size), observed=np.round(255 * sample(bytes8 / 255, reads)) / 255)
case("one-value", "", options="--mode bicubic " + T, fault="undecided", input="[[0,1],[0,1]]", grid="[[[0,0]]]",
     expected="[[0.5]]")
case("one-pixel", "", options=T, fault="undecided", input="[[1]]", grid="[[[-5,-5]]]", expected="[[0]]")
case("nan-in-the-picture", "align_corners", options=F, input=np.where(picture == picture.flat[100], np.nan, picture),
     grid=n_true(reads, size), expected=sample(np.where(picture == picture.flat[100], np.nan, picture), reads))

# Along one axis only; over the size, where size - 1 is the unit; a picture that leaves at the top; noise.
i2432 = indices(24, 32)
texture = noise(1, 1, 24, 32, seed=41)
here = 0.9 * i2432 + np.stack([np.sin(i2432[..., 1] * 0.4), np.cos(i2432[..., 0] * 0.3)], -1)
along = np.array([32, 24])
case("linspace-along-x-only", "align_corners.of-the-grid, x only", options=F, input=texture,
     grid=np.stack([n_true(i2432, along)[..., 0], n_false(i2432, along)[..., 1]], -1), expected=texture)
case("half-a-pixel-along-y-only", "half-pixel.missing, y only", options=T, input=texture,
     grid=n_true(here - [0, 0.5], along), expected=sample(texture, here))
case("y-from-0-to-1", "units.unit-interval, y only", options=F, input=texture,
     grid=np.stack([n_false(here, along)[..., 0], n_false(here, along)[..., 1] / 2 + 0.5], -1),
     expected=sample(texture, here))
case("displacement-over-the-size", "given.displacement-over-the-size", options=T, input=texture,
     displacement=(here - i2432) / along, expected=sample(texture, here))
case("map-over-the-size", "given.map-over-the-size", options=T, input=texture, displacement=here / along,
     expected=sample(texture, here))
case("moved-out-at-the-top", "index.from-one", options=F, input=texture, grid=n_false(here - [0, 15] + 1, along),
     expected=sample(texture, here - [0, 15]))
case("copies-half-a-pixel-off", "half-pixel.twice", options="--mode nearest " + border + F, input=texture,
     grid=n_false(i2432 + 0.5, along), expected=texture)
# To another size: corner pixels upon corner pixels, areas upon areas, or without half pixels.
to4060 = indices(40, 60)
corners = to4060 * (along - 1) / np.array([59, 39])
areas = (to4060 + 0.5) * along / [60, 40] - 0.5
for name, answer, these, those in (("zoom-of-scipy", "resize.corners", corners, areas),
                                   ("areas-for-corners", "resize.areas", areas, corners),
                                   ("resize-without-half-pixels", "resize.no-half-pixel", to4060 * along / [60, 40], areas)):
    case(name, answer, options=border + F, input=texture, grid=n_false(these, along),
         expected=sample(texture, those, "border"))
case("noise-and-nothing-wrong", "Nothing is wrong beyond noise", options=F, fault="none", input=texture,
     grid=n_false(here, along),
     expected=sample(texture, here) + 2e-3 * np.random.default_rng(42).standard_normal((1, 1, 24, 32)).astype(np.float32))
case("offset-among-noise", "fitted.offset", options=F, input=texture, grid=n_false(here - [0.5, 0.3], along),
     expected=sample(texture, here) + 2e-3 * np.random.default_rng(43).standard_normal((1, 1, 24, 32)).astype(np.float32))

# Counted from the center; a box that is twice as large; components that were made of others.
center = (along - 1) / 2
case("pixels-from-the-center", "units.pixels-from-center, align_corners=False", options=F, input=texture,
     grid=here - center, expected=sample(texture, here))
case("pixels-from-the-center-rows-first", ["units.pixels-from-center", "axes.reversed"], options=F, input=texture,
     grid=(here - center)[..., ::-1], expected=sample(texture, here))
case("box-twice-as-large-rows-first", ["units.double-range", "axes.reversed"], options=T, input=texture,
     grid=2 * n_true(here, along)[..., ::-1], expected=sample(texture, here))
still = n_true(i2432, along)
case("x-twice", "axes.copy-in-y", options=T, input=texture, grid=np.stack([still[..., 0], still[..., 0]], -1),
     expected=texture)
i567, v567 = indices(5, 6, 7), noise(1, 1, 5, 6, 7, seed=44)
planes567 = n_true(i567, (7, 6, 5))
case("kornia-1330", "axes.copy-in-z", options="--intent identity " + T, input=v567,
     grid=np.concatenate([planes567[..., :2], (planes567[..., 1:2] / 4 - 0.5) * 2], -1))
case("slices-all-the-same", "axes.constant-z", options=T, input=v567, grid=planes567 * [1, 1, 0], expected=v567)
about_x = np.array([[1, 0, 0], [0, np.cos(0.5), -np.sin(0.5)], [0, np.sin(0.5), np.cos(0.5)]])
about_z = np.array([[np.cos(0.4), -np.sin(0.4), 0], [np.sin(0.4), np.cos(0.4), 0], [0, 0, 1]])
cube, i777 = noise(1, 1, 7, 7, 7, seed=45), indices(7, 7, 7)
column = np.zeros((3, 1))
case("pytorch-35775", "theta.rotations-xz", options=F, input=cube, theta=np.hstack([about_x @ about_z, column])[None],
     expected=sample(cube, (i777 - 3) @ (about_z @ about_x).T + 3))
turned = ((n_false(i2432, along) @ np.array([[0.9, 0.3], [-0.2, 0.8]]) + [-0.1, 0.2] + 1) * along - 1) / 2
case("translation-of-theta-rows-first", "theta.translation-reversed", options=F, input=texture,
     theta=np.array([[[0.9, -0.2, 0.2], [0.3, 0.8, -0.1]]]),
     expected=sample(texture, turned))
case("neurite-8", "theta.identity-missing", options=F, input=texture, theta=np.array([[[-0.1, -0.2, 0.2], [0.3, -0.2, -0.1]]]),
     expected=sample(texture, ((n_false(i2432, along) @ np.array([[0.9, 0.3], [-0.2, 0.8]]) + [0.2, -0.1] + 1) * along - 1) / 2))
# A lens is none of the mistakes, whatever number comes near.
i5811 = indices(5, 8, 11)
through = 1 + 0.25 * (n_true(i5811, (11, 8, 5)) ** 2).sum(-1, keepdims=True)
there = np.rint((n_true(i5811, (11, 8, 5)) * through + 1) * np.array([8, 5, 6]) / 2)
v769 = noise(1, 3, 7, 6, 9, seed=46)
case("lens-of-nearest", "", options=nearest + T, fault="undecided", input=v769, grid=n_true(i5811, (11, 8, 5)),
     expected=sample(v769, there))

# Stories that are not made here are kept as they are.
stories = folder / "stories.json"
made = {one["name"] for one in cases}
cases += [one for one in json.loads(stories.read_text()) if one["name"] not in made]
stories.write_text("[\n" + ",\n".join(json.dumps(one) for one in cases) + "\n]\n")
