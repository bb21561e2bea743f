"""The judge for unit tests: what a correct implementation may answer, instead of atol and rtol."""
import dataclasses
import sys
import time

import numpy

from . import _arrays, _gridproof
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

    @property
    def samples(self) -> int:
        return sum(self.counts.values())

    @property
    def findings(self) -> int:
        """How many samples no correct implementation of the profile gives."""
        return sum(self.counts[verdict] for verdict in FINDINGS + OPEN * self.strict)

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
    return Judgment(found["counts"], tuple(Group(**group) for group in found["groups"]), found["message"], profile, strict)


def admissible(input, grid, mode=None, padding_mode=None, align_corners=None, *, profile="P1", threads=None) -> Admissible:
    """The set of admissible values of each element of the output.

    Raises Refused where the operator gives no answer.

    >>> import numpy
    >>> image = numpy.float32([[[[1, 2], [3, 4]]]])
    >>> sets = gridproof.admissible(image, numpy.float32([[[[0.1, 0]]]]))
    >>> sets.lower.item(), sets.upper.item()
    (2.5999999046325684, 2.6000001430511475)
    """
    asked = question(input, grid, mode, padding_mode, align_corners)
    lower, upper, flags = _gridproof.admissible(asked, profile, threads or cores())
    kind = _arrays.kind_of(input)
    marks = ((flags >> bit & 1).astype(bool) for bit in range(4))
    return Admissible(_arrays.like(kind, lower, asked.dtype), _arrays.like(kind, upper, asked.dtype), *marks)


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
