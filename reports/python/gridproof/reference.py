"""The reference: grid_sample by its documentation, one scalar operation after the other.

Its bits are those of `gridproof.grid_sample`, from code that was written to be read.
"""
from . import _gridproof
from .operator import sampled


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    """`gridproof.grid_sample`, by the reference; same arguments, same bits, one thread.

    >>> import numpy
    >>> image = numpy.float32([[[[1, 2], [3, 4]]]])
    >>> gridproof.reference.grid_sample(image, numpy.float32([[[[0, 0]]]]))
    array([[[[2.5]]]], dtype=float32)
    """
    return sampled(_gridproof.sample_by_reference, input, grid, mode, padding_mode, align_corners)
