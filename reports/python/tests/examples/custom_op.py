"""A custom operator of torch on trial: its kernel as torch calls it, through the dispatcher."""
import gridproof
import torch


@torch.library.custom_op("example::bilinear_border", mutates_args=())
def bilinear_border(input: torch.Tensor, grid: torch.Tensor, align_corners: bool) -> torch.Tensor:
    """Bilinear samples with padding_mode="border", in the operations of the documentation."""
    n, c, height, width = input.shape
    x, y = (position(grid[..., axis], size, align_corners) for axis, size in ((0, width), (1, height)))
    output = torch.zeros(n, c, *grid.shape[1:3], dtype=input.dtype)
    for row, column, weight in corners(x, y):
        # The corner beyond the last pixel has weight 0.
        taken = input[torch.arange(n)[:, None, None], :, row.clamp(max=height - 1), column.clamp(max=width - 1)]
        output += torch.where(weight > 0, taken.permute(3, 0, 1, 2) * weight, 0).permute(1, 0, 2, 3)
    return output


def position(coordinate, size, align_corners):
    coordinate = torch.where(coordinate.isnan(), -1, coordinate)
    if align_corners:
        at = (coordinate + 1) / 2 * (size - 1)
    else:
        at = ((coordinate + 1) * size - 1) / 2
    return torch.where(coordinate.isinf(), coordinate, at).clamp(0, size - 1)


def corners(x, y):
    left, top = x.floor(), y.floor()
    right, bottom = x - left, y - top  # parts of a pixel
    for column, across in ((left, 1 - right), (left + 1, right)):
        for row, down in ((top, 1 - bottom), (top + 1, bottom)):
            yield row.long(), column.long(), across * down


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    if (mode, padding_mode) != ("bilinear", "border"):
        raise ValueError("this operator is for bilinear samples and border")
    if input.shape[0] != grid.shape[0] or grid.shape[-1] != 2 or input.dtype != grid.dtype or 0 in input.shape[2:]:
        raise ValueError("the operator does not answer this")
    return torch.ops.example.bilinear_border(input, grid, align_corners)


if __name__ == "__main__":
    report = gridproof.check(grid_sample, like="torch", samples=1e5, dtypes=["f32", "f64"], ranks=[4],
                             modes=["bilinear"], padding_modes=["border"])
    print(report)
    print(repr(report))
    raise SystemExit(0 if report else 1)
