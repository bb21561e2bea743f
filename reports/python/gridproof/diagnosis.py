"""Why values are not as expected: what `gridproof diagnose`, `explain` and `reduce` say, from arrays.

The program looks and decides. Here arrays become files for it, in a folder that nobody else can read
and that is gone when the call ends, and its answer becomes objects.
"""
import contextlib
import dataclasses
import html
import json
import operator
import os
import pathlib
import re
import sys
import tempfile
import threading
import typing

import numpy

from . import _arrays, _program
from ._gridproof import Refused

SAID_AFTER = 2.0  # seconds, that it takes a while
MOST_SHOWN = 20_000  # characters of a text in a notebook
OPTION = re.compile("--(input|grid|theta|displacement|maps|output-size|expected|observed|intent|spacing|mode|padding-mode|"
                    "align-corners|language|at|channel|profile)(?![a-z-])")


@dataclasses.dataclass(frozen=True)
class Tie:
    """Another explanation of the same values."""

    name: str
    datum: str  # what would tell it from the first; empty where both are one correction


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Diagnosis:
    """What is wrong, and what to do about it. Printed, it is what the program says."""

    fault: str  # "usage", "implementation", "none", "unknown", "refused", "undecided", "unexplained"
    sentence: str  # the answer
    where: str  # where the grid reads, in pixels from what was meant
    cause: tuple[str, ...]  # names of mistakes, or of the wrong semantics of an implementation
    confidence: str  # "high", "medium", "low"
    ties: tuple[Tie, ...]
    remarks: tuple[str, ...]  # on the question itself
    patch: str  # the lines that mend it, in the language asked for
    patches: dict[str, str]  # the same in every language
    # What to pass to grid_sample instead; None where one call of it cannot do what was meant.
    input: typing.Any  # what was given, where that can stay as it is
    grid: typing.Any  # an array of the kind of what was given
    options: dict | None  # mode, padding_mode and align_corners
    text: str
    json: dict  # everything, as `gridproof diagnose --json` has it
    picture: str  # SVG: where it reads, as asked and as corrected; may be empty

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What a notebook shows. It takes the colors of the page around it."""
        parts = [f"<p><strong>{html.escape(self.sentence)}</strong></p>"]
        if self.patch:
            parts.append(f"<p>{html.escape(self.where)} Confidence: {html.escape(self.confidence)}.</p>")
            parts.append(_preformatted(self.patch))
        parts.append(self.picture)
        parts.append(f"<details><summary>All of it</summary>{_preformatted(self.text)}</details>")
        return f'<div>{"".join(parts)}</div>'


@dataclasses.dataclass(frozen=True, repr=False)
class Explanation:
    """One element of an output, computed step by step."""

    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


@dataclasses.dataclass(frozen=True, repr=False)
class Reduction:
    """The smallest case that shows the same mistake. False where there is none."""

    case: str | None  # in one line, as `gridproof replay` and `explain` take it
    code: str  # the same in PyTorch, to paste
    test: str  # the same as a test of GoogleTest
    text: str

    def __bool__(self) -> bool:
        return self.case is not None

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def diagnose(input, grid=None, *, theta=None, displacement=None, maps=None, output_size=None, expected=None,
             observed=None, intent=None, spacing=None, mode=None, padding_mode=None, align_corners=None,
             language="PyTorch") -> Diagnosis:
    """Finds out why values are not as expected: the implementation, or which mistake in the grid.

    input: what is sampled; every array here may be of NumPy, torch or JAX, or the name of a file
        that `gridproof diagnose` reads (.npy, .pt, .safetensors, PNG, NIfTI …).
    grid: where it reads. Or, instead of a grid, what it was made from:
    theta: affine matrices, with output_size=(H, W) where that is not the input's;
    displacement: in input pixels, x first, such as optical flow;
    maps: OpenCV's two as a pair (x, y), or one array as scipy.ndimage.map_coordinates takes it.
    expected: the output that was wanted. Or, instead of it:
    intent: "identity", "shift 2,0", "rotate 30", "flip x"; or a grid that reads where it was meant to.
    observed: the output of an implementation. If it is not what the documentation demands, that is
        the answer.
    spacing: millimeters per pixel, x first: millimeters are tried as well.
    mode, padding_mode, align_corners: as for grid_sample; other frameworks' names are understood.
    language: of the patch: "PyTorch", "NumPy", "C++" or "ONNX".

    Some seconds for a picture of 4K. Raises ValueError for what cannot be read as a question. Arrays
    that grid_sample refuses are a diagnosis with the fault "refused".

    >>> import numpy
    >>> image = numpy.arange(12, dtype=numpy.float32).reshape(1, 1, 3, 4)
    >>> rows, columns = numpy.float32(numpy.mgrid[:3, :4])
    >>> found = gridproof.diagnose(image, numpy.stack([columns, rows], -1)[None], expected=image)
    >>> found.fault, found.cause
    ('usage', ('units.pixels, align_corners=False',))
    >>> numpy.allclose(gridproof.grid_sample(found.input, found.grid, **found.options), image, atol=1e-5)
    True
    """
    with _Folder() as folder:
        arguments = _question(folder, input, grid, theta, displacement, maps, output_size, expected, observed, intent,
                              spacing, mode, padding_mode, align_corners)
        done = folder.run("diagnose", *arguments, _option("language", language), f"--out={folder.out}")
        found = json.loads((folder.out / "diagnosis.json").read_text(encoding="utf-8"))
        corrected = found["corrected"]
        kind = _kind_of(next((given for given in (grid, theta, displacement) if given is not None), maps))
        picture = folder.out / "reads.svg"
        return Diagnosis(
            fault=found["fault"], sentence=found["sentence"], where=found["where"], cause=tuple(found["causes"]),
            confidence=found["confidence"], ties=tuple(Tie(**tie) for tie in found["ties"]),
            remarks=tuple(found["remarks"]), patch=_patch_in(found["patches"], language), patches=found["patches"],
            grid=folder.array("grid", kind, corrected),
            input=input if _can_stay(input, corrected) else folder.array("input", _kind_of(input), corrected),
            options=corrected and {name: corrected[name] for name in ("mode", "padding_mode", "align_corners")},
            text=done.stdout.rpartition("\nwritten to ")[0], json=found,
            picture=picture.read_text(encoding="utf-8") if picture.exists() else "")


def explain(input, grid=None, *, at=None, channel=None, profile="P1", **question) -> Explanation:
    """Computes one element of the output step by step, in numbers that a person can check.

    input, grid: as `diagnose` takes them, and so are the arguments of `question`; or `input` is a
        case in one line, as findings have it.
    at: the location in the output, (h, w), (d, h, w) or with n before it. None is the one that is
        furthest from what was expected, or the first.
    channel: None is the one that is furthest off, or the first.

    Raises Refused where the operator gives no answer.

    >>> import numpy
    >>> image, grid = numpy.float32([[[[1, 2], [3, 4]]]]), numpy.float32([[[[0.5, 0]]]])
    >>> print(gridproof.explain(image, grid, at=(0, 0), align_corners=True))  # doctest: +ELLIPSIS
      question     bilinear, zeros, align_corners=True; input f32[1,1,2,2], grid f32[1,1,1,2]
    ...
      reference    2.75
    ...
    """
    with _Folder() as folder:
        arguments = _question(folder, input, grid, **question)
        if at is not None:
            arguments.append(_option("at", _indices(at)))
        if channel is not None:
            arguments.append(f"--channel={operator.index(channel)}")
        return Explanation(folder.run("explain", *arguments, _option("profile", profile)).stdout)


def reduce(input, grid=None, **question) -> Reduction:
    """Finds the smallest case that shows the same mistake, to paste into a bug report or a test.

    input, grid: as `diagnose` takes them, and so are the arguments of `question`.

    Raises Refused where the operator gives no answer.

    >>> import numpy
    >>> image = numpy.arange(12, dtype=numpy.float32).reshape(1, 1, 3, 4)
    >>> rows, columns = numpy.float32(numpy.mgrid[:3, :4])
    >>> small = gridproof.reduce(image, numpy.stack([columns, rows], -1)[None], expected=image)
    >>> small.case.partition(" ")[0], bool(small)
    ('grid_sample', True)
    """
    with _Folder() as folder:
        arguments = _question(folder, input, grid, **question)
        done = folder.run("reduce", *arguments, f"--out={folder.out}")
        if not folder.out.exists():
            if refused := _refusal_in(done.stdout):
                raise refused
            return Reduction(None, "", "", done.stdout)
        case, code, test = (folder.out.joinpath(name).read_text(encoding="utf-8")
                            for name in ("case.txt", "reduced.py", "reduced_test.cc"))
        return Reduction(case.strip(), code, test, done.stdout.partition(f"\n{folder.out}")[0])


def _question(folder, input, grid=None, theta=None, displacement=None, maps=None, output_size=None, expected=None,
              observed=None, intent=None, spacing=None, mode=None, padding_mode=None, align_corners=None) -> list[str]:
    """The options of the command line. Arrays become files in the folder."""
    ways = {"grid": grid, "theta": theta, "displacement": displacement, "maps": maps}
    given = [name for name, value in ways.items() if value is not None]
    if expected is not None and intent is not None:
        raise ValueError("expected and intent exclude each other: the intent says in words what is expected")
    if isinstance(input, str) and input.startswith("grid_sample "):
        arguments = [input]
    elif len(given) != 1:
        raise ValueError("where it reads is given " + (f"by {' and '.join(given)}" if given else "by nothing") +
                         ": expected one of grid, theta, displacement and maps")
    else:
        arguments = [folder.option("input", input)]
    for name, array in (("grid", grid), ("theta", theta), ("displacement", displacement), ("expected", expected),
                        ("observed", observed)):
        if array is not None:
            arguments.append(folder.option(name, array))
    if isinstance(maps, (tuple, list)):
        arguments += ["--maps", *(folder.file(f"maps-{axis}", array) for axis, array in _pair(maps))]
    elif maps is not None:
        arguments.append(folder.option("maps", maps))
    if isinstance(intent, str):
        arguments.append(_option("intent", intent))
    elif intent is not None:
        arguments.append(f"--intent=grid {folder.file('intent', intent)}")
    if output_size is not None:
        arguments.append(_option("output-size", _indices(output_size)))
    if spacing is not None:
        arguments.append(_option("spacing", ",".join(repr(float(length)) for length in spacing)))
    for name, value in (("mode", mode), ("padding-mode", padding_mode)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name.replace('-', '_')}: {value!r} is not a string")
        if value is not None:
            arguments.append(_option(name, value))
    if align_corners is not None:
        if align_corners not in (True, False):
            raise TypeError(f"align_corners: {align_corners!r} is not True or False")
        arguments.append(f"--align-corners={str(bool(align_corners)).lower()}")
    return arguments


def _option(name: str, value: str) -> str:
    """One word of the command line. Without a value the program would take the next word for it."""
    if not value:
        raise ValueError(f"{name.replace('-', '_')} is empty")
    return f"--{name}={value}"


def _pair(maps):
    if len(maps) != 2:
        raise ValueError(f"maps: {len(maps)} arrays; expected a pair (x, y), or one array")
    return zip("xy", maps)


def _indices(numbers) -> str:
    return ",".join(str(operator.index(number)) for number in numbers)


def _kind_of(given) -> _arrays.Kind:
    return _arrays.kind_of(given[0] if isinstance(given, (tuple, list)) and given else given)


def _preformatted(text: str) -> str:
    if len(text) > MOST_SHOWN:
        text = text[:MOST_SHOWN] + "…"
    return f'<pre style="overflow-x:auto;white-space:pre;font-family:monospace;line-height:1.3">{html.escape(text)}</pre>'


def _can_stay(input, corrected: dict | None) -> bool:
    """Whether the array that was given is the corrected input."""
    if not corrected or corrected["input_is_mended"] or not hasattr(input, "dtype"):
        return False
    dtype = _arrays.FLOATS.get(str(input.dtype).removeprefix("torch."))
    return dtype == corrected["dtype"] and list(input.shape) == corrected["input_shape"]


def _patch_in(patches: dict[str, str], language: str) -> str:
    return next((lines for name, lines in patches.items() if name.lower() == language.lower()), "")


class _Folder:
    """A folder for one call of the program, with the arrays that are given to it."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="gridproof-")
        self.path = pathlib.Path(self._folder.name)
        self.out = self.path / "out"
        self.elements = 0  # of the largest array
        self.options = []  # whose values are files in here
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def option(self, name: str, array) -> str:
        return _option(name, self.file(name, array))

    def file(self, name: str, array) -> str:
        """The file that holds an array; the name of a file is one already."""
        if isinstance(array, (str, os.PathLike)):
            return os.fspath(array)
        elements, is_bf16 = _elements(array, name)
        self.elements = max(self.elements, elements.size)
        self.options.append(name.partition("-")[0])
        return _arrays.write(self.path / name, elements, is_bf16)

    def run(self, command: str, *arguments):
        try:
            with _patience(command, self.elements):
                return _program.run(command, *arguments)
        except ValueError as why:
            error = _refusal_in(str(why)) or ValueError(self._in_python(str(why)))
        raise error

    def _in_python(self, sentence: str) -> str:
        """A sentence of the program's, with the names of arguments where it has options and files."""
        sentence = sentence.removeprefix("gridproof: ").partition(" (see 'gridproof ")[0]
        if self.options:
            sentence = re.sub(f"--({'|'.join(self.options)}) '.*?':", r"--\1:", sentence)
        return OPTION.sub(lambda option: option[1].replace("-", "_"), sentence)

    def array(self, name: str, kind: _arrays.Kind, corrected: dict | None):
        """An array that the program wrote, as one of that kind; None where it wrote none."""
        path = self.out / f"{name}.npy"
        if not path.exists():
            return None
        return _arrays.like(kind, numpy.load(path), corrected["dtype"])


def _refusal_in(text: str) -> Refused | None:
    """What the program says of a question that the operator refuses."""
    found = re.search(r"(?:refuses this case under|demands a refusal) \[([\w.-]+)\]: (.*)", text)
    if not found:
        return None
    refused = Refused(found[2])
    refused.clause = found[1]
    return refused


def _elements(array, name: str) -> tuple[numpy.ndarray, bool]:
    """The numbers of an array, and whether they are the bits of bf16."""
    kind = _arrays.kind_of(array)
    if kind == "torch" and not array.dtype.is_floating_point and not array.dtype.is_complex:
        array = array.detach().cpu().numpy()
    elif kind == "torch" or getattr(getattr(array, "dtype", None), "name", "") == "bfloat16":
        array, dtype = _arrays.host_array(array, name)
        return array, dtype == "bf16"
    elif not isinstance(array, numpy.ndarray):
        is_plain = isinstance(array, (list, tuple, int, float))
        try:
            array = numpy.asarray(array)
        except ValueError as why:
            raise ValueError(f"{name}: not an array: {why}") from None
        if is_plain and array.dtype.kind in "iuf":  # numbers of Python
            array = array.astype(numpy.float32)
    if array.dtype == bool:
        array = array.view(numpy.uint8)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: an array of {array.dtype.name}; numbers were expected")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("=")), False


@contextlib.contextmanager
def _patience(command: str, elements: int):
    """Says what is going on to whoever sees it, once it takes a while."""
    def say():
        print(f"gridproof {command}: looking at {elements:,} numbers; explanations are tried on some thousand of them",
              file=sys.stderr)

    is_seen = sys.stderr is not None and (sys.stderr.isatty() or "ipykernel" in sys.modules)
    timer = threading.Timer(SAID_AFTER, say) if is_seen else None
    if timer:
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()
