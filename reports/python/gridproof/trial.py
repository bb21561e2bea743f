"""A function on trial: the program's whole campaign, put to a function of this interpreter.

The program asks a subject in a process of its own. Here that is a relay (_relay.py) which hands its
standard streams over to this interpreter through a socket and only waits: closures and what a notebook
holds are asked where they live. The socket has a random name instead of a file, and whoever is not of
this user is sent away. The relay runs at `--isolation none`, since nothing foreign runs in it: the
function runs here, where its caller put it. What shall be kept apart is asked by gridproof.adapter.

The function runs in a thread of its own, in a copy of the caller's context, so that a call that never
comes back keeps neither the caller nor the program waiting.
"""
import contextlib
import contextvars
import ctypes
import dataclasses
import functools
import html
import json
import os
import pathlib
import re
import secrets
import selectors
import shlex
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from . import _program, _protocol
from ._protocol import Unsupported

OWN_NAMES = ("reference", "exact", "portable", "neon", "avx2", "avx512", "cuda-host", "cuda", "torch")
MOST_LATE = 4  # calls that do not come back, until the function is asked nothing more
RELAY = r"[^']*_relay\.py gridproof-\d+-[0-9a-f]+"  # in the program's text
OPTIONS = r"(?: --[a-z-]+(?: [^\s\"<'-][^\s\"<']*)?)*"  # that follow it
QUOTE = "(?:'|&#39;|&apos;)"  # in a file of a report
COMMAND = re.compile(rf"gridproof (?:check|replay)[^\n<]*? --subject {QUOTE}[^'&\n]*_relay\.py gridproof-\d+-[0-9a-f]+{QUOTE}"
                     + OPTIONS)
COUNTED = 4096  # samples of one case, at most, as the program counts them


# ---- What a trial says ----


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is wrong, on a case that was reduced to what it takes."""

    verdict: str  # "deviates", "refused-wrongly", "lost", ...
    clause: str  # of the specification, such as "coord.nan"; empty where none says it
    clauses: tuple[str, ...]  # all that it breaks
    cause: str  # the known mistake that gives the same bits, or what the answer looks like
    title: str
    sentence: str  # what the function does, and what is right
    samples: int
    case: str  # a line of text, exact
    before: tuple[str, ...]  # what has to be asked before it, where that matters
    replay: str  # a call that puts it to the function again
    waiver: str  # the name of the waiver that accepts it, or empty

    def __str__(self) -> str:
        return f"{self.title}. {self.sentence}\n    {self.case}"


@dataclasses.dataclass(frozen=True)
class ClauseResult:
    """What became of the questions about one clause."""

    standing: str  # "tested", "untested" or "unsupported"
    decided: int  # samples about which the judge decided
    verdicts: dict[str, int]  # samples that are neither same-bits nor admissible


@dataclasses.dataclass(frozen=True, repr=False)
class Report:
    """What a campaign says of a function. True when it conforms."""

    conforms: bool
    name: str
    counts: dict[str, int]  # how many samples got which verdict
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]  # what fails only when strict
    clauses: dict[str, ClauseResult]  # of all that bind grid_sample
    text: str  # what `gridproof check` prints
    json: dict  # report.json

    @property
    def samples(self) -> int:
        """How many samples were asked."""
        return self.json["totals"]["samples"]

    def __bool__(self) -> bool:
        return self.conforms

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Report: {self.name} {self._outcome()}>"

    def _outcome(self) -> str:
        count = len(self.findings)
        verdict = "conforms" if self else "does not conform"
        return f"{verdict}: {self.samples:,} samples, {count} finding{'' if count == 1 else 's'}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(finding.title)}</td><td>{html.escape(finding.sentence)}</td>"
            f"<td>{html.escape(finding.cause)}</td><td><code>{html.escape(finding.case[:200])}</code></td></tr>"
            for finding in self.findings[:20])
        head = "<tr><th>finding</th><th>what it does</th><th>cause</th><th>case</th></tr>"
        counts = ", ".join(f"{count:,} {verdict}" for verdict, count in self.counts.items())
        return (f"<div><b>{html.escape(self.name)}</b> {html.escape(self._outcome())}<br>{html.escape(counts)}"
                f"{f'<table>{head}{rows}</table>' if rows else ''}</div>")


@dataclasses.dataclass(frozen=True)
class Smoke:
    """What the first simple questions say of a function. True when nothing is wrong."""

    ready: bool
    text: str  # what `gridproof smoke` prints

    def __bool__(self) -> bool:
        return self.ready

    def __str__(self) -> str:
        return self.text


# ---- What people call ----


def check(function, like="numpy", device=None, *, samples=1_000_000, seed=1, profile="P1", strict=False, waivers=None,
          threads=1, timeout=60.0, name=None, dialect="pytorch", refusals=Exception, out=None, progress=None,
          direction=None, gradients=None, **declare) -> Report:
    """Puts a function on trial: random and special cases from the whole domain, every answer judged.

    function: called as function(input, grid, mode=, padding_mode=, align_corners=); an option that a
        case leaves out is left out of the call. It raises gridproof.Unsupported for what it does not
        support, `refusals` for what the operator has no answer to; any other exception is a finding,
        and so is a change of its tensors. It runs in a thread of its own: what is set for a thread,
        such as torch.no_grad(), it sets itself.
    like: whose arrays it takes and returns, "numpy", "torch" or "jax"; on `device`, such as "cuda:0".
    samples: output locations to ask for. A rare mistake takes many; 1e6 take about half a minute.
    seed: the same seed asks the same.
    profile: how strict to be about arithmetic, "P0" (the reference's bits) to "P5(8)".
    strict: whether latitude and quality warnings are findings.
    waivers: a file of known failures, with which it still conforms.
    threads: how many calls may be under way at a time.
    timeout: seconds that a call may take; what takes longer is lost.
    name: what the report calls it.
    dialect: the text that binds it: "pytorch", "onnx" or "onnx-16".
    out: a folder for the report's files. The commands in them are calls like this one.
    progress: called with the number of samples asked so far; without one a bar of tqdm is shown,
        where that is installed and it takes long on a terminal. False for none.
    direction: "forward" for values only, "backward" for gradients only, or "both". Gradients are
        asked of a function of torch or JAX that can be differentiated, by torch.autograd or jax.vjp,
        of torch only when this says so: its own crash at infinite coordinates, and take this process
        along (gridproof.adapter and gridproof.torch ask in one of their own),
    gradients: or of this function, called as gradients(grad_output, input, grid, output_mask=, ...),
        which returns both; what output_mask, two of True and False, does not ask for may be None.
    declare: what it supports, else everything that its library has: dtypes=("f32", "f64"),
        ranks=(4,), modes=, padding_modes=, align_corners=(False,), layouts=("dense",).

    Raises ValueError with the program's sentence when an argument is not possible.

    >>> report = gridproof.check(gridproof.grid_sample, samples=10_000)
    >>> bool(report), len(report.findings)
    (True, 0)
    """
    trial = _Trial(function, like, device, name, dialect, refusals, timeout, declare, gradients)
    report = checked(trial, samples, seed, profile, strict, waivers, threads, out, progress, direction)
    if out is not None:
        _files_in_python(pathlib.Path(out), trial.name)
    return report


def checked(trial, samples, seed, profile, strict, waivers, threads, out, progress, direction=None) -> Report:
    """`check` of a function that is on trial; the files of its report have the program's own commands."""
    with contextlib.ExitStack() as stack:
        folder = out
        if folder is None:
            folder = os.path.join(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridproof-")), "report")
        options = ["--max-samples", samples if isinstance(samples, str) else int(samples), "--seed", seed,
                   "--profile", profile, "--threads", threads, "--out", folder]
        asked = direction or ("both" if trial.is_safe_to_differentiate else "forward")
        if asked != "both":
            options += ["--direction", asked]
        if strict:
            options += ["--strict"]
        if waivers is not None:
            options += ["--waivers", waivers]
        # Imported here: it needs the module of this package, and this file does not.
        from .judging import _Bar
        with _Bar(None, progress) as bar:
            done = trial.run("check", options, bar)
        data = json.loads((pathlib.Path(folder) / "report.json").read_text(encoding="utf-8"))
    text = done.stdout
    if out is None:
        text = re.sub(r"^report: .*\n", "", text, flags=re.MULTILINE)
    if direction is None and asked == "forward":
        text += "gradients: not asked, torch's own crash at infinite coordinates; direction=\"both\" asks in this process\n"
    return report_of(data, text, done.returncode == 0)


def smoke(function, like="numpy", device=None, *, timeout=60.0, name=None, dialect="pytorch", refusals=Exception,
          gradients=None, **declare) -> Smoke:
    """Tries a function on simple questions and says what it does wrong, within seconds.

    The arguments are those of `check`.

    >>> bool(gridproof.smoke(gridproof.grid_sample))
    True
    """
    trial = _Trial(function, like, device, name, dialect, refusals, timeout, declare, gradients)
    done = trial.run("smoke", [])
    return Smoke(done.returncode == 0, done.stdout)


def replay(function, *case, like="numpy", device=None, profile="P1", strict=False, timeout=60.0, name=None,
           dialect="pytorch", refusals=Exception, gradients=None, **declare) -> str:
    """Puts cases, lines of text such as that of a finding, to a function; what the judge says of each.

    The arguments are those of `check`.

    >>> line = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{nan,0}"
    >>> "same-bits" in gridproof.replay(gridproof.grid_sample, line)
    True
    """
    trial = _Trial(function, like, device, name, dialect, refusals, timeout, declare, gradients)
    return trial.run("replay", [*case, "--profile", profile, *["--strict"] * bool(strict)]).stdout


def assert_conforms(function, like="numpy", device=None, **options) -> Report:
    """`check` for unit tests: raises AssertionError with the program's text when it does not conform.

    >>> _ = gridproof.assert_conforms(gridproof.grid_sample, samples=10_000)
    """
    __tracebackhide__ = True
    report = check(function, like, device, **options)
    if not report:
        raise AssertionError(f"{report.name} does not conform\n{report.text}")
    return report


def report_of(data: dict, text: str, conforms: bool) -> Report:
    """The report of a campaign about one subject, from report.json and what the program printed."""
    name = data["subjects"][0]["name"]
    counts, verdicts = {}, {}
    for row in data["summary"]:
        if row["clause"] is None:
            counts = row["verdicts"]
        else:
            verdicts[row["clause"]] = row["verdicts"]
    clauses = {}
    for part in data["participation"]:
        standings = {**dict.fromkeys(part["clauses"], "tested"), **dict.fromkeys(part["untested"], "untested"),
                     **dict.fromkeys(part["unsupported"], "unsupported")}
        clauses = {clause: ClauseResult(standing, part["clauses"].get(clause, 0), verdicts.get(clause, {}))
                   for clause, standing in sorted(standings.items())}
    findings, remarks = (tuple(_finding(name, finding) for finding in data[key]) for key in ("findings", "remarks"))
    return Report(conforms, name, counts, findings, remarks, clauses, text, data)


def _finding(name: str, data: dict) -> Finding:
    first = data["incidents"][0]
    before = tuple(first["before"])
    return Finding(data["verdict"], (data["clause"] or {}).get("name", ""),
                   tuple(clause["name"] for clause in data["clauses"] if clause["name"]), data["cause"], data["title"],
                   data["sentence"], data["samples"], first["case"], before, _call(name, [*before, first["case"]]),
                   data["waiver"] or "")


def in_python(text: str, name: str) -> str:
    """The program's text with calls in the place of commands that nobody else can give."""
    text = re.sub(f"'/bin/sh -c exec {RELAY}' cannot be started: (?:it says: )?", "", text)
    text = re.sub(f"gridproof check --subject '{RELAY}'({OPTIONS})", lambda found: _check_call(name, found[1].split()), text)
    return re.sub(f"gridproof replay (.*) --subject '{RELAY}'", lambda found: _call(name, shlex.split(found[1])), text)


def _files_in_python(folder: pathlib.Path, name: str) -> None:
    """The same in the files of a report, each of which has its own way to write a quotation mark."""
    ways = {".json": (lambda text: json.loads(f'"{text}"'), lambda text: json.dumps(text)[1:-1]),
            ".html": (html.unescape, html.escape), ".xml": (html.unescape, html.escape)}
    for file in folder.iterdir():
        if file.suffix in (".svg", ".tmp") or not file.is_file():
            continue
        read, write = ways.get(file.suffix, (str, str))
        before = file.read_text(encoding="utf-8")
        after = COMMAND.sub(lambda found: write(in_python(read(found[0]), name)), before)
        if after != before:
            file.write_text(after, encoding="utf-8")


def _call(name: str, lines) -> str:
    return f"gridproof.replay({_variable(name)}, {', '.join(map(repr, lines))})"


def _check_call(name: str, options: list[str]) -> str:
    values = dict(zip(options, options[1:]))
    given = [f"{argument}={values[option]}" for option, argument in (("--max-samples", "samples"), ("--seed", "seed"), ("--threads", "threads"))
             if option in values]
    given += [f"{argument}={values[option]!r}"
              for option, argument in (("--profile", "profile"), ("--waivers", "waivers"), ("--direction", "direction"))
              if option in values]
    given += ["strict=True"] * ("--strict" in options)
    return f"gridproof.check({', '.join([_variable(name), *given])})"


def _variable(name: str) -> str:
    """How the caller may call the function; a lambda has no name."""
    return name if name.isidentifier() else "function"


# ---- The program, and the function that it asks ----


class _Late(BaseException):
    """Raised in a call that nobody waits for any more."""


def on_trial(function, like, device):
    """A function on trial for `checked`, as `check` puts it there by default."""
    return _Trial(function, like, device, None, "pytorch", Exception, 60.0, {})


class _Trial:
    """One run of the program about one function."""

    def __init__(self, function, like, device, name, dialect, refusals, timeout, declare, gradients=None):
        for given in (function, *[gradients] * (gradients is not None)):
            if not callable(given):
                raise TypeError(f"{given!r} is not a function")
        if not timeout > 0:
            raise ValueError(f"timeout: {timeout!r} is not a number of seconds")
        arrays = _protocol.library(like, device)
        supports = _protocol.supports(arrays, declare)
        self.name = _name_of(function, name)
        self.timeout = timeout
        info = {"name": self.name, "version": f"with {arrays.title}", "language": "Python", "dialect": dialect,
                "supports": supports}
        self.asked = 0  # samples
        self.make_subject = lambda watched, gradients: _protocol.Subject(watched, arrays, info, refusals, gradients)
        self.function, self.gradients = function, gradients
        self.is_safe_to_differentiate = like != "torch" or gradients is not None
        self.late = 0
        self.failure = None  # an exception that is nobody's answer
        self.workers = []

    def run(self, command: str, options, bar=None) -> subprocess.CompletedProcess:
        """Runs the program on the function. Raises as _program.run does."""
        address = f"gridproof-{os.getpid()}-{secrets.token_hex(8)}"
        relay = [sys.executable, "-I", "-S", str(_program.HERE / "_relay.py"), address]
        spec = f"{self.name}=process:{shlex.join(relay)}"
        arguments = [_program.path(), command, *map(str, options), "--subject", spec, "--isolation", "none",
                     "--timeout", f"{max(1, round(self.timeout * 1000))}ms"]
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind("\0" + address)
            listener.listen()
            stack.callback(self.end)
            program = stack.enter_context(subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                           stderr=subprocess.PIPE, env=_environment()))
            stack.callback(program.kill)  # where it has not ended by itself
            output, errors = _Loop(self, listener, program, bar).run()
            if self.failure is not None:
                raise self.failure
            program.wait()
        return _program.judged(subprocess.CompletedProcess(
            arguments, program.returncode, in_python(output, self.name), in_python(errors, self.name)))

    def end(self) -> None:
        """Once the program is gone: nothing is left but calls that do not come back."""
        for worker in self.workers:
            worker.leave()
        deadline = time.monotonic() + 1.0
        for worker in self.workers:
            worker.join(max(0.0, deadline - time.monotonic()))
            worker.relay.close()

    def fail(self, why: BaseException) -> None:
        self.failure = self.failure or why


class _Loop:
    """What the caller waits in: takes what the program says, and a worker for each of its relays."""

    def __init__(self, trial: _Trial, listener, program, bar):
        self.trial, self.listener, self.bar = trial, listener, bar
        self.output, self.errors = [], []
        self.selector = selectors.DefaultSelector()
        self.open = 2
        self.selector.register(program.stdout, selectors.EVENT_READ, functools.partial(self.read, self.output))
        self.selector.register(program.stderr, selectors.EVENT_READ, functools.partial(self.read, self.errors))
        self.selector.register(listener, selectors.EVENT_READ, self.accept)

    def run(self) -> tuple[str, str]:
        with self.selector:
            while self.open and self.trial.failure is None:
                for key, _ in self.selector.select(0.2):
                    key.data(key.fileobj)
                for worker in self.trial.workers:
                    worker.leave_if_late()
                if self.bar:
                    self.bar(self.trial.asked)
        return tuple(b"".join(parts).decode("utf-8", "replace") for parts in (self.output, self.errors))

    def read(self, parts, pipe) -> None:
        part = os.read(pipe.fileno(), 1 << 16)
        if not part:
            self.selector.unregister(pipe)
            self.open -= 1
        parts.append(part)

    def accept(self, listener) -> None:
        relay, _ = listener.accept()
        user = struct.unpack("3i", relay.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
        if user != os.geteuid():
            relay.close()
            return
        relay.settimeout(5)
        try:
            _, streams, _, _ = socket.recv_fds(relay, 1, 2, socket.MSG_CMSG_CLOEXEC)
        except OSError:
            streams = []
        if len(streams) != 2:  # it was killed at once
            relay.close()
            for stream in streams:
                os.close(stream)
            return
        worker = _Worker(self.trial, relay, streams)
        self.trial.workers.append(worker)
        self.selector.register(relay, selectors.EVENT_READ, functools.partial(self.part, worker))
        worker.start()

    def part(self, worker, relay) -> None:
        """The relay has been killed, or its worker is done."""
        self.selector.unregister(relay)
        relay.close()
        worker.is_alone = True


class _Worker(threading.Thread):
    """Answers the questions of one relay."""

    def __init__(self, trial: _Trial, relay, streams):
        super().__init__(name=f"gridproof: {trial.name}", daemon=True)
        self.trial, self.relay, self.streams = trial, relay, streams
        self.context = contextvars.copy_context()
        self.called = None  # when the call began that is under way
        self.is_alone = False  # without a relay
        self.is_left = False  # without anybody who waits

    def run(self) -> None:
        try:
            with open(self.streams[0], "rb") as questions, open(self.streams[1], "wb") as replies:
                if self.trial.late >= MOST_LATE:
                    why = f"{MOST_LATE} calls of the function did not come back within {self.trial.timeout:g} s"
                    replies.write(json.dumps({"type": "error", "message": why}).encode() + b"\n")
                else:
                    subject = self.trial.make_subject(self.call, self.trial.gradients and self.call_gradients)
                    self.context.run(_protocol.serve, questions, replies, subject)
        except (_Late, BrokenPipeError):
            pass
        except BaseException as why:  # a KeyboardInterrupt of the function's, or a fault of this file
            if not self.is_left:
                self.trial.fail(why)
        finally:
            with contextlib.suppress(OSError):
                self.relay.shutdown(socket.SHUT_RDWR)  # which tells the relay, and the caller

    def call(self, input, grid, **options):
        return self.watched(self.trial.function, grid, input, grid, **options)

    def call_gradients(self, grad_output, input, grid, **options):
        return self.watched(self.trial.gradients, grid, grad_output, input, grid, **options)

    def watched(self, function, grid, *tensors, **options):
        count = 1
        for size in grid.shape[:-1]:
            count *= size
        self.trial.asked += min(count, COUNTED)
        self.called = time.monotonic()
        try:
            return function(*tensors, **options)
        finally:
            self.called = None

    def leave_if_late(self) -> None:
        """The program has given up on a call: so does this trial."""
        called = self.called
        if self.is_alone and not self.is_left and called and time.monotonic() - called >= self.trial.timeout:
            self.trial.late += 1
            self.leave()

    def leave(self) -> None:
        """Ends a call that is under way as soon as it executes Python again, if it ever does."""
        if self.is_left:
            return
        self.is_left = True
        if self.called is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(_Late))


def _name_of(function, name) -> str:
    """What reports call it: a word that is no subject's of the program's own."""
    if name is None:
        name = getattr(function, "__name__", None) or type(function).__name__
    word = re.sub(r"[\s:/.=\\'\"\x00-\x1f]+", "_", _protocol.text(name))[:60] or "function"
    return f"my_{word}" if word in OWN_NAMES or word.startswith("torch-") else word


def _environment() -> dict:
    """Without what would make a part of a campaign of it, or write among the lines of a job."""
    away = ("TEST_TOTAL_SHARDS", "TEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX", "GITHUB_ACTIONS")
    return {name: value for name, value in os.environ.items() if name not in away}
