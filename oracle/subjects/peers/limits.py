"""What the adapters share.

Whether a peer supports a question depends on its dtypes, shapes and options, never on its values.
An exception that the peer itself raises is its refusal. Any other exception is a fault of its adapter
or of this machine, and is reported as an error.
"""
import contextlib
import math

import numpy as np
from adapter import Unsupported
from numpy_grid_sample import unnormalized

MOST_BYTES = 1 << 30  # of input, grid and output together, all dense; and of gradients


class Refused(Exception):
    """What a peer raised instead of an answer."""


@contextlib.contextmanager
def refusals():
    """Wraps the call of the peer, and nothing else."""
    try:
        yield
    except (MemoryError, Refused, Unsupported):
        raise
    except Exception as why:
        raise Refused(f"{type(why).__name__}: {why}") from why


def dense(input, grid, *grad_output):
    """Row-major copies of their own. A strided view may stand for more than fits into memory."""
    outputs = math.prod((*input.shape[:2], *grid.shape[1:-1]))
    needed = input.nbytes + grid.nbytes + outputs * input.itemsize
    for gradient in grad_output:  # the results are as large as what they are gradients of
        needed += gradient.nbytes + input.nbytes + grid.nbytes
    if needed > MOST_BYTES:
        raise Unsupported(f"dense tensors of {needed} bytes, more than {MOST_BYTES}")
    return tuple(np.array(given, order="C") for given in (input, grid, *grad_output))


def word_of(words, option, text):
    """The peer's own name for the value of an option."""
    if text not in words:
        raise Unsupported(f"{option} {text!r}, which it has no name for")
    return words[text]


def f32_only(*arrays):
    if any(a.dtype != np.float32 for a in arrays):
        raise Unsupported("f32 only")


def no_empty(*arrays):
    if any(0 in a.shape for a in arrays):
        raise Unsupported("no empty tensors")


def fitting(input, grid):
    """For peers that do not check shapes and read beyond their tensors where the shapes do not match."""
    rank = input.ndim
    if rank not in (4, 5) or grid.ndim != rank or grid.shape[-1] != rank - 2 or input.shape[0] != grid.shape[0]:
        raise Unsupported(f"shapes {input.shape} and {grid.shape}, which do not fit")


def both(mask, gradients):
    """Those that are wanted, each in its place."""
    gradients = iter(gradients)
    return tuple(next(gradients) if is_wanted else None for is_wanted in mask)


def pixels(grid, sizes, align_corners):
    """The positions in pixels that a grid means, slowest axis first: for peers that take no coordinates."""
    with np.errstate(all="ignore"):
        return np.stack([unnormalized(np.where(np.isnan(x), x.dtype.type(-1), x), size, align_corners)
                         for x, size in zip(np.moveaxis(grid, -1, 0)[::-1], sizes)])
