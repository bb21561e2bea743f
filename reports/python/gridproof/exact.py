"""The second witness: grid_sample without any rounding.

An exact value of grid_sample is an integer times a power of two (every weight is a sum of products
of coordinates and sizes), so a `fractions.Fraction` holds it: Python computes on with it exactly,
prints it, compares it with any float, and needs no library. A pair of floats would not hold the
values of float64 tensors, whose exact values have several hundred bits.
"""
from fractions import Fraction

import numpy

from . import _gridproof
from .operator import on_the_host, question, sampled


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    """The exact output, as a NumPy array of objects.

    Each element is a `fractions.Fraction`, or a float where the value is nan, inf or -inf (and
    where mode="nearest" copies a -0.0). Same arguments as `gridproof.grid_sample`. Takes some
    microseconds an element: for tests, not for images.

    >>> import numpy
    >>> image = numpy.float32([[[[1, 2], [3, 4]]]])
    >>> gridproof.exact.grid_sample(image, numpy.float32([[[[0.1, 0]]]])).item()
    Fraction(348966093, 134217728)
    >>> float(_)
    2.600000001490116
    """
    on_the_host(input=input, grid=grid)
    asked = question(input, grid, mode, padding_mode, align_corners)
    texts = _gridproof.sample_exactly(asked)
    output = numpy.empty(len(texts), object)
    output[:] = [_number(text) for text in texts]
    return output.reshape(asked.output_shape)


def rounded(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    """The exact output, each element rounded once to the dtype of `input` (to nearest, ties to even).

    >>> import numpy
    >>> image = numpy.float32([[[[1, 2], [3, 4]]]])
    >>> gridproof.exact.rounded(image, numpy.float32([[[[0.1, 0]]]]))
    array([[[[2.6]]]], dtype=float32)
    """
    return sampled(_gridproof.sample_rounded_once, input, grid, mode, padding_mode, align_corners)


def _number(text: str):
    if text in ("nan", "inf", "-inf", "-0"):
        return float(text)
    digits, _, power = text.partition("*2^")
    return Fraction(digits) * Fraction(2) ** int(power or 0)
