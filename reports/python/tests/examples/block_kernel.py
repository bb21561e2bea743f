"""A generated kernel on trial: a program in the manner of Triton, which computes a block of outputs
from flat memory, with a mask at the end. With Triton, `launch` is `nearest_zeros[(blocks,)](...)`, and
check is told like="torch", device="cuda"."""
import gridproof
import numpy

BLOCK = 16


def nearest_zeros(program_id, input, grid, output, channels, height, width, outputs, samples):
    """One program: samples program_id * BLOCK to program_id * BLOCK + BLOCK - 1, all their channels."""
    sample = program_id * BLOCK + numpy.arange(BLOCK)
    mask = sample < samples
    n, place = sample // outputs, sample % outputs
    x, y = (load(grid, sample * 2 + axis, mask) for axis in (0, 1))
    column, row = (index(coordinate, size) for coordinate, size in ((x, width), (y, height)))
    inside = mask & (column >= 0) & (column < width) & (row >= 0) & (row < height)
    for channel in range(channels):
        pointer = ((n * channels + channel) * height + row) * width + column
        store(output, (n * channels + channel) * outputs + place, load(input, pointer, inside), mask)


def index(coordinate, size):
    """The nearest pixel; -1 for what is outside, however far."""
    coordinate = numpy.where(numpy.isnan(coordinate), coordinate.dtype.type(-1), coordinate)
    with numpy.errstate(over="ignore", invalid="ignore"):
        at = numpy.rint(((coordinate + 1) * size - 1) / 2)
    return numpy.where((at >= 0) & (at < size), at, -1).astype(int)


def load(memory, pointer, mask):
    return numpy.where(mask, memory[numpy.where(mask, pointer, 0)], memory.dtype.type(0))


def store(memory, pointer, values, mask):
    memory[pointer[mask]] = values[mask]


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    if (mode, padding_mode, align_corners) != ("nearest", "zeros", False):
        raise ValueError("this kernel is for nearest pixels and zeros")
    if input.shape[0] != grid.shape[0] or grid.shape[-1] != 2 or input.dtype != grid.dtype or 0 in input.shape[2:]:
        raise ValueError("the operator does not answer this")
    batch, channels, height, width = input.shape
    outputs = grid.shape[1] * grid.shape[2]
    samples = batch * outputs
    output = numpy.empty(batch * channels * outputs, input.dtype)
    for program_id in range(-(-samples // BLOCK)):  # launch
        nearest_zeros(program_id, input.ravel(), grid.ravel(), output, channels, height, width, outputs, samples)
    return output.reshape(batch, channels, *grid.shape[1:3])


if __name__ == "__main__":
    report = gridproof.check(grid_sample, samples=1e5, dtypes=["f32", "f64"], ranks=[4], modes=["nearest"],
                             padding_modes=["zeros"], align_corners=False)
    print(report)
    print(repr(report))
    raise SystemExit(0 if report else 1)
