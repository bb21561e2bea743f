"""What is said of an output that is not admissible."""
import json
import math
import pathlib
import tempfile

import numpy

from . import _arrays, _gridproof, _program, _site
from .operator import question

MOST_GROUPS = 5
SMALL = 64  # elements of an input that is shown as it is
ASKED_FOR_A_CAUSE = 1 << 18  # samples: of more, so many are put to the program


def message(judgment, actual, input, grid, options) -> str:
    """The text of the AssertionError: `options` are mode, padding_mode and align_corners."""
    share = 100 * judgment.findings / judgment.samples
    lines = [f"{judgment.findings:,} of {judgment.samples:,} samples ({_percent(share)}) are not admissible under "
             f"{judgment.profile}."]
    wrong = [group for group in judgment.groups if judgment.is_finding(group.verdict)]
    if judgment.whole:
        return "\n".join([*lines, *(f"  [{group.clause}]: {judgment.message}".rstrip(": ") for group in wrong)])
    arrays = _Arrays(actual, input, grid, options)
    for group in wrong[:MOST_GROUPS]:
        lines.append(f"  [{group.clause}]: {group.samples:,} {_verdict(group)}; the worst is {arrays.place(group)}: "
                     f"{arrays.value(group)}, admissible {arrays.admissible(group, judgment.profile)}")
        if group.reason:
            lines[-1] += f" ({group.reason})"
    if len(wrong) > MOST_GROUPS:
        lines.append(f"  … and {len(wrong) - MOST_GROUPS} more clauses")
    worst = wrong[0]
    lines.append(f"  cause: {arrays.cause([group.sample for group in wrong])}")
    case = arrays.case(worst)
    lines.append(f"  case: {case}")
    if link := _site.question_link(case):
        lines.append(f"  page: {link}")
    return "\n".join(lines)


def _percent(share: float) -> str:
    return "100 %" if share == 100 else "< 0.01 %" if share < 0.01 else f"{share:.3g} %"


def _verdict(group) -> str:
    words = {"deviates": "deviates" if group.samples == 1 else "deviate"}
    within = f", but inside {group.within}" if group.within else ""
    return words.get(group.verdict, group.verdict) + within


def _decimal(value, dtype) -> str:
    """The shortest decimal that is this number of the dtype."""
    if dtype == "bf16":
        value = (numpy.uint32(value) << 16).view(numpy.float32)
    return str(value).removesuffix(".0")


class _Arrays:
    """The arrays of a judgment, as the module reads them."""

    def __init__(self, actual, input, grid, options):
        self.actual, self.dtype = _arrays.host_array(actual, "actual")
        self.input, _ = _arrays.host_array(input, "input")
        self.grid, _ = _arrays.host_array(grid, "grid")
        self.options = options
        self.asked = question(input, grid, *options)
        self.spatial = self.grid.shape[1:-1]

    def index(self, sample):
        return tuple(map(int, numpy.unravel_index(sample, self.grid.shape[:-1])))

    def place(self, group):
        names = ("n", "d", "h", "w") if len(self.spatial) == 3 else ("n", "h", "w")
        return ", ".join(f"{name}={i}" for name, i in zip(names, self.index(group.sample))) + f", channel {group.channel}"

    def value(self, group):
        n, *rest = self.index(group.sample)
        return _decimal(self.actual[(n, group.channel, *rest)], self.dtype)

    def admissible(self, group, profile):
        """The set of the worst sample, in decimals where it is one interval or one number."""
        image, row, _ = self.part([group.sample])
        asked = self.question(image, row)
        lower, upper, flags = (array.reshape(-1)[group.channel] for array in _gridproof.admissible(asked, profile, 1))
        if flags:
            return _gridproof.admissible_text(asked, 0, group.channel, profile)
        ends = _decimal(lower, self.dtype), _decimal(upper, self.dtype)
        return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"

    def question(self, image, row):
        return _gridproof.Question(image, self.asked.dtype, row, self.asked.dtype, *self.options)

    def part(self, samples):
        """Some samples of one batch entry as a question of their own, in one row; and their answers."""
        n = self.index(samples[0])[0]
        size = math.prod(self.spatial)
        inside = [sample % size for sample in samples if sample // size == n]
        ones = (1,) * (len(self.spatial) - 1)
        row = self.grid[n].reshape(size, -1)[inside].reshape(1, *ones, len(inside), -1)
        answers = self.actual[n].reshape(self.actual.shape[1], size)[:, inside].reshape(1, -1, *ones, len(inside))
        return self.input[n:n + 1], row, answers

    def case(self, group):
        """The worst element as a question of its own; the whole line of a small one."""
        if self.input.size <= SMALL:
            image, row, _ = self.part([group.sample])
            return _gridproof.case_line(self.question(image, row))
        return _gridproof.element_line(self.asked, group.sample, group.channel)

    def cause(self, worst):
        """What the program makes of the answers: all of them, or of the worst and some others."""
        total = math.prod(self.grid.shape[:-1])
        if total <= ASKED_FOR_A_CAUSE:
            tensors, of = (self.input, self.grid, self.actual), ""
        else:
            size = math.prod(self.spatial)
            first = self.index(worst[0])[0] * size
            some = range(first, first + size, max(1, size // ASKED_FOR_A_CAUSE))
            tensors = self.part([*worst, *some])
            of = f"in {tensors[1].size // self.grid.shape[-1]:,} samples that were looked at: "
        try:
            found = _diagnosis(tensors, self.dtype, self.options)
        except (RuntimeError, OSError, ValueError) as why:
            return f"not looked for: {why}"
        if not found["mutants"] and not found["misreading"]:
            return "no known mistake gives these answers"
        sentence = found["sentence"].partition(", channel ")[2].partition(". ")[2] or found["sentence"]
        if of:
            sentence = sentence.replace("The whole output is right", "All of these are right")
        return of + (f"{', '.join(found['mutants'])}. " if found["mutants"] else "") + sentence


def _diagnosis(tensors, dtype, options) -> dict:
    """What `gridproof diagnose` says of an observed output."""
    with tempfile.TemporaryDirectory(prefix="gridproof-") as folder:
        arguments = []
        for name, array in zip(("input", "grid", "observed"), tensors):
            arguments += [f"--{name}", _arrays.write(pathlib.Path(folder, name), array, dtype == "bf16")]
        for option, value in zip(("--mode", "--padding-mode", "--align-corners"), options):
            arguments += [] if value is None else [option, value]
        return json.loads(_program.run("diagnose", "--json", *arguments).stdout)
