"""The judge for unit tests: what a correct implementation may answer, instead of atol and rtol."""
import dataclasses
import sys
import time

import numpy

from . import _arrays, _failure, _gridproof
from .operator import cores, question

FINDINGS = ("refused-wrongly", "deviates", "lost")
OPEN = ("latitude", "quality-warning")  # findings where the judge is strict
SHOWN_AFTER = 2.0  # seconds, of a progress bar


@dataclasses.dataclass(frozen=True)
class Group:
    """Samples (output locations) that have one verdict by one clause."""

    verdict: str
    clause: str
    samples: int
    sample: int  # whose answer is furthest from the reference's, row-major over (N, output location)
    channel: int
    difference: float  # of that answer and the reference's; inf where one is not a number
    within: str | None  # for a quality warning: the tightest profile that admits the answer
    reason: str  # why no correct form gives it, where that is known


@dataclasses.dataclass(frozen=True)
class Judgment:
    """What the judge says of an output. True when it is no finding."""

    counts: dict[str, int]  # how many samples got which verdict
    groups: tuple[Group, ...]  # of those that are neither same-bits nor admissible, the worst first
    message: str
    profile: str
    strict: bool
    whole: bool = False  # the verdict is on the output as a whole: a wrong shape, say

    @property
    def samples(self) -> int:
        return sum(self.counts.values())

    @property
    def findings(self) -> int:
        """How many samples no correct implementation of the profile gives."""
        return sum(count for verdict, count in self.counts.items() if self.is_finding(verdict))

    def is_finding(self, verdict: str) -> bool:
        return verdict in FINDINGS or self.strict and verdict in OPEN

    def __bool__(self) -> bool:
        return self.findings == 0

    def __str__(self) -> str:
        given = ", ".join(f"{count:,} {verdict}" for verdict, count in self.counts.items() if count)
        return f"{'passes' if self else 'fails'} under {self.profile}: {given or 'no samples'}"


@dataclasses.dataclass(frozen=True)
class Admissible:
    """What is admissible for each element of an output.

    An element's set lies between `lower` and `upper`, both ends included. It is all that lies
    between unless `gaps` says otherwise (at a tie, "nearest" may copy either pixel). Where no
    number is admissible, the ends are nan.
    """

    lower: object  # an array of the kind and dtype of the input
    upper: object
    gaps: numpy.ndarray  # bool: not everything between the ends is admissible
    nan: numpy.ndarray  # bool: nan is admissible
    latitude: numpy.ndarray  # bool: an open clause leaves more to the implementation
    undecided: numpy.ndarray  # bool: so wide that being inside says nothing


def judge(actual, input, grid, mode=None, padding_mode=None, align_corners=None, *, profile="P1", strict=False,
          threads=None, progress=None) -> Judgment:
    """Judges an output of grid_sample sample by sample.

    actual: what an implementation answered to the other arguments.
    profile: how strict to be about arithmetic, "P0" (the reference's bits) to "P5(8)"; "P1" admits
        every order and fusion of the operations of the documented formula in the tensor's dtype.
    strict: whether latitude and quality warnings are findings.
    progress: called with the number of samples judged so far; without one a bar of tqdm is shown,
        where that is installed and it takes long on a terminal. False for none.

    >>> import numpy
    >>> image, grid = numpy.float32([[[[1, 2], [3, 4]]]]), numpy.float32([[[[0.1, 0]]]])
    >>> print(gridproof.judge(numpy.float32([[[[2.6000001]]]]), image, grid))
    passes under P1: 1 admissible
    >>> print(gridproof.judge(numpy.float32([[[[2.61]]]]), image, grid))
    fails under P1: 1 deviates
    """
    asked = question(input, grid, mode, padding_mode, align_corners)
    array, dtype = _arrays.host_array(actual, "actual")
    with _Bar(array.size // max(1, array.shape[1] if array.ndim > 1 else 1), progress) as bar:
        found = _gridproof.judge(asked, array, dtype, profile, threads or cores(), bar)
    return Judgment(found["counts"], tuple(Group(**group) for group in found["groups"]), found["message"],
                    profile, strict, found["whole"])


def admissible(input, grid, mode=None, padding_mode=None, align_corners=None, *, profile="P1", threads=None) -> Admissible:
    """The set of admissible values of each element of the output.

    Raises Refused where the operator gives no answer.

    >>> import numpy
    >>> image = numpy.float32([[[[1, 2], [3, 4]]]])
    >>> sets = gridproof.admissible(image, numpy.float32([[[[0.1, 0]]]]))
    >>> sets.lower.item(), sets.upper.item()
    (2.599998950958252, 2.600001096725464)
    """
    asked = question(input, grid, mode, padding_mode, align_corners)
    lower, upper, flags = _gridproof.admissible(asked, profile, threads or cores())
    kind = _arrays.kind_of(input)
    marks = ((flags >> bit & 1).astype(bool) for bit in range(4))
    return Admissible(_arrays.like(kind, lower, asked.dtype), _arrays.like(kind, upper, asked.dtype), *marks)


def assert_admissible(actual, input, grid, mode=None, padding_mode=None, align_corners=None, *, profile="P1",
                      strict=False, msg=None, threads=None, progress=None) -> None:
    """Raises AssertionError unless a correct implementation could have answered `actual`.

    Instead of a tolerance it has the proven set of each element: what every order and fusion of the
    operations of `profile` can give. The message has the share of wrong samples, the worst of them
    with what is admissible there, the clauses that decide, the cause where one is known, and a case
    to reproduce it with. `msg` goes before it, or makes another of it, if it is callable.

    >>> import numpy
    >>> image, grid = numpy.float32([[[[1, 2], [3, 4]]]]), numpy.float32([[[[0.1, 0]]]])
    >>> gridproof.assert_admissible(numpy.float32([[[[2.6000001]]]]), image, grid)
    >>> gridproof.assert_admissible(numpy.float32([[[[2.55]]]]), image, grid, align_corners=False)
    Traceback (most recent call last):
        ...
    AssertionError: 1 of 1 samples (100 %) are not admissible under P1.
      [bilinear.weights]: 1 deviates; the worst is n=0, h=0, w=0, channel 0: 2.55, admissible 2.599999 to 2.600001
      cause: align.flipped, align.always-true. The whole output is right for align_corners=True: did you call grid_sample with the options that you gave here?
      case: grid_sample align_corners=False input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{0x1.99999ap-4,0}
    """
    __tracebackhide__ = True
    options = (mode, padding_mode, align_corners)
    judgment = judge(actual, input, grid, *options, profile=profile, strict=strict, threads=threads, progress=progress)
    if judgment:
        return
    text = _failure.message(judgment, actual, input, grid, options)
    raise AssertionError(msg(text) if callable(msg) else f"{msg}\n{text}" if msg else text)


class _Bar:
    """The progress of a long call, told to a function or to a bar of tqdm."""

    def __init__(self, total, progress):
        self.total, self.progress, self.bar = total, progress, None
        self.tqdm = None
        if progress is None and sys.stderr is not None and sys.stderr.isatty():
            try:
                from tqdm.auto import tqdm
                self.tqdm = tqdm
            except ImportError:
                pass
        self.start = time.monotonic()

    def __enter__(self):
        if self.progress:
            return self.progress
        return self.show if self.tqdm else None

    def show(self, done):
        if self.bar is None and time.monotonic() - self.start > SHOWN_AFTER:
            self.bar = self.tqdm(total=self.total, unit=" samples", unit_scale=True, desc="judging")
        if self.bar is not None:
            self.bar.update(done - self.bar.n)

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.close()
