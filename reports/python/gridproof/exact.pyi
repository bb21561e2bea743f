from typing import Any

import numpy
import numpy.typing

from . import Array, Mode, PaddingMode

def grid_sample(input: Any, grid: Any, mode: Mode = ..., padding_mode: PaddingMode = ...,
                align_corners: bool = ...) -> numpy.typing.NDArray[numpy.object_]: ...
def rounded(input: Array, grid: Any, mode: Mode = ..., padding_mode: PaddingMode = ..., align_corners: bool = ...) -> Array: ...
