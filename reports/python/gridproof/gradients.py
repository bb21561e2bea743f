"""Gradients of grid_sample: with the reference's bits, and the judge of anybody's, instead of gradcheck and a tolerance."""
import dataclasses

import numpy

from . import _arrays, _gridproof
from .judging import FINDINGS, OPEN
from .operator import cores, on_the_host, question

SHOWN_LINE = 2000  # characters of a case


@dataclasses.dataclass(frozen=True)
class GradientFinding:
    """A number of a gradient that is neither same-bits nor admissible."""

    gradient: str  # "grad_input" or "grad_grid"
    verdict: str
    clause: str
    index: tuple[int, ...]  # of the number in its gradient
    got: float
    lower: float | None  # the ends of what is admissible; None where that is undecided
    upper: float | None
    within: str | None  # for a quality warning: the tightest profile that admits it


@dataclasses.dataclass(frozen=True)
class GradientJudgment:
    """What the judge says of two gradients. True when nothing is a finding."""

    counts: dict[str, dict[str, int]]  # of each gradient, how many numbers got which verdict
    notable: tuple[GradientFinding, ...]  # of each verdict and clause the first ones
    message: str  # what is wrong with a gradient as a whole
    profile: str
    strict: bool

    def is_finding(self, verdict: str) -> bool:
        return verdict in FINDINGS or self.strict and verdict in OPEN

    @property
    def findings(self) -> int:
        """How many numbers no correct implementation of the profile gives."""
        return sum(count for counts in self.counts.values() for verdict, count in counts.items()
                   if self.is_finding(verdict))

    def __bool__(self) -> bool:
        return self.findings == 0

    def __str__(self) -> str:
        parts = []
        for gradient, counts in self.counts.items():
            given = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items() if count)
            if given:
                parts.append(f"{gradient}: {given}")
        return f"{'passes' if self else 'fails'} under {self.profile}: {'; '.join(parts) or 'no numbers'}"


def grid_sample_backward(grad_output, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False,
                         output_mask=(True, True), *, threads=None):
    """The gradients of input and grid, given that of the output, with the bits of the reference.

    grad_output: of the shape and dtype of the output.
    output_mask: which gradients are wanted, that of input and that of grid; the other is None.
    threads: at most so many, which changes no bit; None is as many as there are cores.

    >>> import numpy
    >>> image = numpy.float32([[[[1, 2, 4, 8]]]])
    >>> grid_sample_backward = gridproof.grid_sample_backward
    >>> grad_input, grad_grid = grid_sample_backward(numpy.float32([[[[1]]]]), image, numpy.float32([[[[-0.125, 0]]]]))
    >>> grad_input, grad_grid
    (array([[[[0.  , 0.75, 0.25, 0.  ]]]], dtype=float32), array([[[[ 4.  , -1.25]]]], dtype=float32))
    """
    on_the_host(grad_output=grad_output, input=input, grid=grid)
    asked = question(input, grid, mode, padding_mode, align_corners)
    grads, dtype = _arrays.host_array(grad_output, "grad_output")
    kind = _arrays.kind_of(input)
    both = _gridproof.backward(asked, grads, dtype, *map(bool, output_mask), threads or cores())
    return tuple(None if one is None else _arrays.like(kind, one, asked.dtype) for one in both)


def judge_gradients(grad_input, grad_grid, grad_output, input, grid, mode=None, padding_mode=None, align_corners=None, *,
                    profile="P1", one_sided=False, strict=False) -> GradientJudgment:
    """Judges both gradients of grid_sample, number by number.

    grad_input, grad_grid: what an implementation answered; None for one that was not asked for.
    grad_output: the gradient of the output, which it was given.
    profile: how strict to be about arithmetic, as for `judge`.
    one_sided: at a kink, allow any value between the derivatives of both sides.
    strict: whether latitude and quality warnings are findings.

    >>> import numpy
    >>> image, grid = numpy.float32([[[[1, 2, 4, 8]]]]), numpy.float32([[[[-0.25, 0]]]])  # on the second pixel
    >>> one = numpy.float32([[[[1]]]])
    >>> print(gridproof.judge_gradients(None, numpy.float32([[[[4, -1]]]]), one, image, grid))
    passes under P1: grad_grid: 2 same-bits
    >>> print(gridproof.judge_gradients(None, numpy.float32([[[[2, -1]]]]), one, image, grid))
    fails under P1: grad_grid: 1 same-bits, 1 deviates
    """
    asked = question(input, grid, mode, padding_mode, align_corners)
    grads, dtype = _arrays.host_array(grad_output, "grad_output")
    given = {"grad_input": grad_input, "grad_grid": grad_grid}
    arrays = {}
    for name, gradient in given.items():
        array, its_dtype = (None, asked.dtype) if gradient is None else _arrays.host_array(gradient, name)
        if its_dtype != asked.dtype:
            raise ValueError(f"{name}: {its_dtype}; the dtype of input, {asked.dtype}, was expected")
        arrays[name] = array
    found = _gridproof.judge_gradients(asked, grads, dtype, *arrays.values(), profile, bool(one_sided), cores())
    notable = tuple(_finding(one, given) for one in found["notable"])
    return GradientJudgment(found["counts"], notable, found["message"], profile, strict)


def _finding(found, given) -> GradientFinding:
    index = found["index"]
    array = given[found["gradient"]]
    got = float("nan")
    if index and array is not None and getattr(array, "ndim", 0) == len(index):
        got = float(array[index])
    return GradientFinding(**{**found, "got": got})


def assert_admissible_gradients(grad_input, grad_grid, grad_output, input, grid, mode=None, padding_mode=None,
                                align_corners=None, *, profile="P1", one_sided=False, strict=False, msg=None) -> None:
    """Raises AssertionError unless a correct implementation could have answered both gradients.

    The arguments are those of `judge_gradients`. The message has the share of wrong numbers, one of
    each kind with what is admissible there, the clauses that decide, and a case to reproduce it.

    >>> import numpy
    >>> image, grid = numpy.float32([[[[1, 2, 4, 8]]]]), numpy.float32([[[[0.75, 0]]]])  # on the border
    >>> one = numpy.float32([[[[1]]]])
    >>> gridproof.assert_admissible_gradients(None, numpy.float32([[[[-16, 0]]]]), one, image, grid, padding_mode="border")
    Traceback (most recent call last):
        ...
    AssertionError: 1 of 2 numbers of the gradients are not admissible under P1.
      [grad.border] deviates: grad_grid[0,0,0,0] is -16, admissible 0
      case: grid_sample_backward padding_mode=border output_mask=[False,True] input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.75,0} grad_output=f32[1,1,1,1]{1}
    """
    __tracebackhide__ = True
    options = (mode, padding_mode, align_corners)
    judgment = judge_gradients(grad_input, grad_grid, grad_output, input, grid, *options, profile=profile,
                               one_sided=one_sided, strict=strict)
    if judgment:
        return
    text = _message(judgment, grad_output, input, grid, options, grad_input is not None, grad_grid is not None)
    raise AssertionError(msg(text) if callable(msg) else f"{msg}\n{text}" if msg else text)


def _message(judgment, grad_output, input, grid, options, wants_input, wants_grid) -> str:
    total = sum(count for counts in judgment.counts.values() for count in counts.values())
    lines = [f"{judgment.findings:,} of {total:,} numbers of the gradients are not admissible under {judgment.profile}."]
    if judgment.message:
        lines = [f"The gradients are not admissible: {judgment.message}."]
    seen = set()
    for finding in judgment.notable:
        kind = (finding.gradient, finding.verdict, finding.clause)
        if not judgment.is_finding(finding.verdict) or kind in seen or judgment.message:
            continue
        seen.add(kind)
        index = ",".join(map(str, finding.index))
        lines.append(f"  [{finding.clause}] {finding.verdict}: {finding.gradient}[{index}] is {finding.got:.9g}, "
                     f"admissible {_set(finding)}")
    asked = question(input, grid, *options)
    grads, dtype = _arrays.host_array(grad_output, "grad_output")
    if numpy.size(grads) + _size(input, grid) <= SHOWN_LINE:
        lines.append(f"  case: {_gridproof.backward_line(asked, grads, dtype, wants_input, wants_grid)}")
    return "\n".join(lines)


def _size(input, grid) -> int:
    return sum(int(numpy.prod(array.shape)) for array in (input, grid) if hasattr(array, "shape"))


def _set(finding) -> str:
    if finding.lower is None:
        return "is undecided"
    if finding.lower == finding.upper:
        return f"{finding.lower:.9g}"
    return f"{finding.lower:.9g} to {finding.upper:.9g}"
