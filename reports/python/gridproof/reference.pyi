from typing import Any

from . import Array, Mode, PaddingMode

def grid_sample(input: Array, grid: Any, mode: Mode = ..., padding_mode: PaddingMode = ..., align_corners: bool = ...) -> Array: ...
