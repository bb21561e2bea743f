"""What is public, with its types. The documentation stands in the modules."""
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

from . import exact as exact, reference as reference
from ._gridproof import Refused as Refused
from .diagnosis import (Diagnosis as Diagnosis, Explanation as Explanation, Reduction as Reduction, diagnose as diagnose,
                        explain as explain, reduce as reduce)
from .gradients import GradientFinding as GradientFinding, GradientJudgment as GradientJudgment
from .judging import Admissible as Admissible, Group as Group, Judgment as Judgment
from .trial import (Report as Report, Unsupported as Unsupported, assert_conforms as assert_conforms, check as check,
                    replay as replay, smoke as smoke)

__version__: str

# numpy.ndarray, torch.Tensor or jax.Array, of float16, bfloat16, float32 or float64.
Array = TypeVar("Array")
Mode = Literal["bilinear", "nearest", "bicubic"]
PaddingMode = Literal["zeros", "border", "reflection"]

def grid_sample(input: Array, grid: Any, mode: Mode = ..., padding_mode: PaddingMode = ..., align_corners: bool = ..., *,
                threads: int | None = ...) -> Array: ...
def affine_grid(theta: Array, size: Sequence[int], align_corners: bool = ...) -> Array: ...
def displacement(grid: Array, size: Sequence[int], align_corners: bool = ...) -> Array: ...
def displaced_grid(displacement: Array, size: Sequence[int], align_corners: bool = ...,
                   unit: Literal["input", "output"] = ...) -> Array: ...
def judge(actual: Any, input: Any, grid: Any, mode: Mode | None = ..., padding_mode: PaddingMode | None = ...,
          align_corners: bool | None = ..., *, profile: str = ..., strict: bool = ..., threads: int | None = ...,
          progress: Callable[[int], object] | Literal[False] | None = ...) -> Judgment: ...
def admissible(input: Any, grid: Any, mode: Mode | None = ..., padding_mode: PaddingMode | None = ...,
               align_corners: bool | None = ..., *, profile: str = ..., threads: int | None = ...) -> Admissible: ...
def assert_admissible(actual: Any, input: Any, grid: Any, mode: Mode | None = ..., padding_mode: PaddingMode | None = ...,
                      align_corners: bool | None = ..., *, profile: str = ..., strict: bool = ...,
                      msg: str | Callable[[str], str] | None = ..., threads: int | None = ...,
                      progress: Callable[[int], object] | Literal[False] | None = ...) -> None: ...
def grid_sample_backward(grad_output: Array, input: Array, grid: Any, mode: Mode = ..., padding_mode: PaddingMode = ...,
                         align_corners: bool = ..., output_mask: Sequence[bool] = ..., *,
                         threads: int | None = ...) -> tuple[Array | None, Array | None]: ...
def judge_gradients(grad_input: Any, grad_grid: Any, grad_output: Any, input: Any, grid: Any, mode: Mode | None = ...,
                    padding_mode: PaddingMode | None = ..., align_corners: bool | None = ..., *, profile: str = ...,
                    one_sided: bool = ..., strict: bool = ...) -> GradientJudgment: ...
def assert_admissible_gradients(grad_input: Any, grad_grid: Any, grad_output: Any, input: Any, grid: Any,
                                mode: Mode | None = ..., padding_mode: PaddingMode | None = ...,
                                align_corners: bool | None = ..., *, profile: str = ..., one_sided: bool = ...,
                                strict: bool = ..., msg: str | Callable[[str], str] | None = ...) -> None: ...
