#!/usr/bin/env python3
"""Makes the stories about gradients: gradients as people have got or expected them, each with what
`gridproof diagnose` must say first. Each names a thread about such gradients; the numbers are made
here, by a bilinear sampler of its own in float64. The test GradientStories runs them all.
"""
import json
import pathlib
import zipfile

import numpy as np

folder = pathlib.Path(__file__).resolve().parent
stories = []


def noise(*shape, seed):
    return np.random.default_rng(seed).random(shape)


def positions(grid, sizes, align_corners):
    """Pixel positions, and how far they move with each unit of the coordinate."""
    sizes = np.array(sizes)
    scale = (sizes - 1) / 2 if align_corners else sizes / 2
    return (grid + 1) * scale - (0 if align_corners else 0.5), scale


def corners(image, grid, align_corners):
    """Texels and weights around positions of a (C, H, W) image, and their slopes; outside is 0."""
    height, width = image.shape[1:]
    p, scale = positions(grid, (width, height), align_corners)
    low = np.floor(p)
    for dy in (0, 1):
        for dx in (0, 1):
            x, y = low[..., 0] + dx, low[..., 1] + dy
            inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            column, row = np.clip(x, 0, width - 1).astype(int), np.clip(y, 0, height - 1).astype(int)
            tx, ty = np.moveaxis(p - low, -1, 0)
            wx, wy = (tx if dx else 1 - tx), (ty if dy else 1 - ty)
            slopes = np.stack([(2 * dx - 1) * wy * scale[0], (2 * dy - 1) * wx * scale[1]], -1)
            yield np.where(inside, image[:, row, column], 0), row, column, inside, wx * wy, slopes


def values(image, grid, align_corners):
    return sum(texels * weight for texels, _, _, _, weight, _ in corners(image, grid, align_corners))


def by_grid(image, grid, align_corners, grads=1.0):
    """The gradient of the grid, of the sum of values times `grads`."""
    return sum((texels * grads).sum(0)[..., None] * slopes
               for texels, _, _, _, _, slopes in corners(image, grid, align_corners))


def by_input(image, grid, align_corners, grads=1.0):
    result = np.zeros_like(image)
    for _, row, column, inside, weight, _ in corners(image, grid, align_corners):
        shares = np.where(inside, weight * grads, 0) * np.ones((len(image), 1, 1))
        for c in range(len(image)):
            np.add.at(result[c], (row, column), shares[c])
    return result


def story(name, link, answer, *, options="", ties=(), right=False, arrays):
    """`answer` is the first cause; of gradients that are right, part of a remark."""
    arguments = []
    for key, array in arrays.items():
        dtype = array.dtype if array.dtype != np.float64 or key.endswith("64") else np.float32
        key = key.removesuffix("64")
        arrays = {**arrays, key: array.astype(dtype)}
        arguments += [f"--{key}", f"gradient-{name}.npz:{key}"]
    with zipfile.ZipFile(folder / f"gradient-{name}.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for argument in arguments[1::2]:
            key = argument.partition(":")[2]
            with archive.open(zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0)), "w") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(arrays[key]))
    stories.append({"name": name, "link": link, "arguments": arguments + options.split(),
                    "right": right, "answer": answer, "ties": list(ties)})


T = "--align-corners true"
F = "--align-corners false"
image = noise(3, 5, 8, seed=1)
places = 1.6 * noise(4, 6, 2, seed=2) - 0.8
github = "https://github.com/"

story("nearest-is-always-zero", github + "kornia/kornia/issues/827", "has no gradient by coordinates",
      options="--mode nearest " + F, right=True,
      arrays={"input": image[None], "grid": places[None], "observed-grad-grid": 0 * places[None]})
story("nearest-expected-like-bilinear", github + "kornia/kornia/issues/827", "gradient.options",
      options="--mode nearest " + F,
      arrays={"input": image[None], "grid": places[None],
              "expected-grad-grid": by_grid(image, places, False)[None]})
# The image of the report: an identity grid, whose last column has a cell that leaves the image.
ramp = np.tile(np.arange(5.0), (5, 1))[None]
identity = np.stack(np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 1, 5)), -1)
ring = by_grid(ramp, identity, True)
story("last-column-of-border", github + "pytorch/pytorch/issues/23925", "gradient.padding-left-out",
      options="--padding-mode border " + T, ties=["gradient.options"],
      arrays={"input": ramp[None], "grid": identity[None], "observed-grad-grid": ring[None]})
sizes = np.array([8, 5])
story("in-pixels", github + "keras-team/keras/issues/478", "gradient.in-pixels", options=F,
      arrays={"input": image[None], "grid": places[None],
              "expected-grad-grid": (by_grid(image, places, False) / (sizes / 2))[None]})
story("all-outside", github + "vlfeat/matconvnet/issues/880", "read nothing", options=F, right=True,
      arrays={"input": image[None], "grid": places[None] + 40, "observed-grad-grid": 0 * places[None]})
steps = image[:1].astype(np.float32)
close = places.astype(np.float32)
h = np.float32(1e-6)
numeric = np.stack([(values(steps, np.float64(close + axis * h), False).astype(np.float32)
                     - values(steps, np.float64(close - axis * h), False).astype(np.float32))[0] / (2 * h)
                    for axis in np.eye(2, dtype=np.float32)], -1)
story("gradcheck-in-float32", github + "pytorch/pytorch/issues/4329", "difference.step-too-small", options=F,
      arrays={"input": steps[None], "grid": close[None], "expected-grad-grid": numeric[None]})
on_pixels = np.stack(np.meshgrid(np.linspace(-1, 1, 8), np.linspace(-1, 1, 5)), -1)
both = np.stack([(values(image, on_pixels + axis * 1e-4, True) - values(image, on_pixels - axis * 1e-4, True)).sum(0)
                 / 2e-4 for axis in np.eye(2)], -1)
story("differences-at-pixels", github + "pytorch/pytorch/pull/62311", "difference.across-kink", options=T,
      arrays={"input64": image[None], "grid64": on_pixels[None], "expected-grad-grid64": both[None]})
grads = noise(3, 4, 6, seed=3)
story("mean-for-a-sum", github + "pytorch/pytorch/issues/4329", "gradient.mean", options=F,
      arrays={"input": image[None], "grid": places[None], "grad-output": grads[None],
              "observed-grad-grid": by_grid(image, places, False, grads)[None] / grads.size,
              "observed-grad-input": by_input(image, places, False, grads)[None] / grads.size})
theta = np.array([[0.8, 0.15, 0.05], [-0.1, 0.9, -0.02]])
base = np.stack(np.meshgrid((2 * np.arange(8) + 1) / 8 - 1, (2 * np.arange(5) + 1) / 5 - 1), -1)
ones = np.concatenate([base, np.ones((5, 8, 1))], -1)
by_theta = np.einsum("yxi,yxj->ij", by_grid(image, ones @ theta.T, False), ones)
story("theta-larger-than-expected", github + "daerduoCarey/SpatialTransformerLayer/issues/20",
      "theta.mean-over-locations", options=F,
      arrays={"input": image[None], "theta": theta[None], "expected-grad-theta": by_theta[None] / 40})
story("scale-of-the-other-flag", github + "ml-explore/mlx/issues/1213", "gradient.other-scale", options=F,
      arrays={"input": image[None], "grid": places[None],
              "observed-grad-grid": (by_grid(image, places, False) * (sizes - 1) / sizes)[None]})
story("backward-of-the-other-flag", github + "NVlabs/stylegan3/issues/220", "gradient.options", options=T,
      arrays={"input": image[None], "grid": places[None],
              "observed-grad-grid": by_grid(image, places, False)[None],
              "observed-grad-input": by_input(image, places, False)[None]})
half = np.ones((1, 1, 1, 1), np.float16)
story("sums-in-float16", github + "apache/mxnet/issues/17703", "gradient.sums-in-16-bits", options="--mode nearest",
      arrays={"input": half, "grid": np.zeros((1, 60, 70, 2), np.float16), "observed-grad-input": 2048 * half})
story("rows-before-columns", github + "ml-explore/mlx/issues/1213", "gradient.axes-reversed", options=F,
      arrays={"input": image[None], "grid": places[None],
              "observed-grad-grid": by_grid(image, places, False)[None, ..., ::-1]})
story("graph-is-cut", github + "ooples/AiDotNet.Tensors/pull/747", "gradient.none", options=F,
      ties=["gradient.options"],
      arrays={"input": image[None], "grid": places[None], "observed-grad-grid": 0 * places[None]})

(folder / "gradient_stories.json").write_text(
    "[\n" + ",\n".join(json.dumps(one) for one in stories) + "\n]\n")
