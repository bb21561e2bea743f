"""pytest --gridproof module:function: one test for each clause of the specification.

    pytest --gridproof my_module:my_grid_sample --gridproof-like torch -k padding

All tests of a function come from one campaign, which runs when the first of them does; workers of
pytest-xdist share it. A clause passes, fails with its findings, is skipped where it was not tested, and
is an expected failure where the waivers of --gridproof-waivers accept all of its findings. Three more
tests are those of the gate as a whole: every question gets an answer, every waiver holds, everything was
tested. The fixture gridproof_check does the same in one test for any function.
"""
import dataclasses
import fcntl
import json
import pathlib
import re
import shutil
import sys
import tempfile
import typing
import xml.etree.ElementTree

import pytest

GATE = ("every question gets an answer", "every waiver holds", "everything was tested")
FOLDER = pytest.StashKey[pathlib.Path]()


def pytest_addoption(parser):
    group = parser.getgroup("gridproof", "grid_sample on trial")
    group.addoption("--gridproof", action="append", default=[], metavar="MODULE:FUNCTION", dest="gridproof_functions",
                    help="put a function on trial, one test for each clause; FILE.py:FUNCTION, too")
    group.addoption("--gridproof-like", choices=("numpy", "torch", "jax"), default="numpy", help="whose arrays it takes [numpy]")
    group.addoption("--gridproof-device", metavar="DEVICE", help="where those are, such as cuda:0 [cpu]")
    group.addoption("--gridproof-samples", metavar="N", default="1e6", help="how many samples to ask for [1e6]")
    group.addoption("--gridproof-seed", metavar="N", default="1", help="seed of the cases [1]")
    group.addoption("--gridproof-profile", metavar="P", default="P1", help="how strict to be about arithmetic [P1]")
    group.addoption("--gridproof-waivers", metavar="FILE", help="known failures, in the program's format")


def pytest_configure(config):
    config.addinivalue_line("markers", "gridproof: a clause of the specification of grid_sample")
    if config.option.gridproof_functions:
        inherited = getattr(config, "workerinput", {}).get("gridproof_folder")
        config.stash[FOLDER] = pathlib.Path(inherited or tempfile.mkdtemp(prefix="gridproof-pytest-"))
        if inherited is None:
            config.add_cleanup(lambda: shutil.rmtree(config.stash[FOLDER], ignore_errors=True))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Of pytest-xdist: tells a worker where the results of all workers are."""
    if FOLDER in node.config.stash:
        node.workerinput["gridproof_folder"] = str(node.config.stash[FOLDER])


def pytest_report_header(config):
    if config.option.gridproof_functions:
        from . import _program
        version = _program.run("--version").stdout.strip()
        option = config.option
        return (f"{version}: {', '.join(option.gridproof_functions)}, profile {option.gridproof_profile}, "
                f"{option.gridproof_samples} samples, seed {option.gridproof_seed}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session, config, items):
    for number, name in enumerate(dict.fromkeys(config.option.gridproof_functions)):
        trial = Trial.from_parent(session, name=name, nodeid=name, folder=config.stash[FOLDER] / str(number))
        items.extend(trial.collect())


def clause_names() -> list[str]:
    """Those of the specification, in its order."""
    from . import _program
    return re.findall(r"^([a-z0-9_]+\.[a-z0-9.-]+) +(?:documented|settled|open|erratum) ", _program.run("spec").stdout,
                      flags=re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Of one test of the program's: failed, skipped or neither, and what is said of it."""

    what: typing.Literal["passed", "failed", "waived", "skipped"]
    text: str


class Trial(pytest.Collector):
    """A function, and what its campaign said."""

    def __init__(self, folder, **more):
        super().__init__(**more)
        self.folder, self.outcomes = folder, None
        from . import _protocol, adapter
        here = str(self.config.invocation_params.dir)
        if here not in sys.path:
            sys.path.insert(0, here)
        try:
            self.function = adapter.function_of(self.name)
        except _protocol.NoSubject as why:
            raise pytest.UsageError(f"--gridproof: {why}") from None

    def collect(self):
        return [Clause.from_parent(self, name=name) for name in [*clause_names(), *GATE]]

    def outcome(self, name: str) -> Outcome:
        if self.outcomes is None:
            self.outcomes = self._campaign()
        nothing = Outcome("skipped", "no question to grid_sample is mainly about it")
        return self.outcomes.get(name, nothing)

    def _campaign(self) -> dict[str, Outcome]:
        """Runs it, unless another worker has; whoever comes meanwhile waits."""
        self.folder.mkdir(exist_ok=True)
        done = self.folder / "done.json"
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                done.write_text(json.dumps(self._run()))
        result = json.loads(done.read_text())
        if "error" in result:
            raise Failed(result["error"])
        return {name: Outcome(*outcome) for name, outcome in result["outcomes"].items()}

    def _run(self) -> dict:
        from . import trial
        option = self.config.option
        report = self.folder / "report"
        try:
            checked = trial.checked(
                trial.on_trial(self.function, option.gridproof_like, option.gridproof_device), option.gridproof_samples,
                option.gridproof_seed, option.gridproof_profile, False, option.gridproof_waivers, 1, report, False)
        except Exception as why:  # the function was not judged
            return {"error": f"{type(why).__name__}: {why}"}
        waived = set()
        for finding in checked.findings:
            if finding.waiver:
                waived.update(finding.clauses)
        return {"outcomes": {name: [outcome.what, self._as_typed(outcome.text)]
                             for name, outcome in _outcomes(report / "junit.xml", waived)}}

    def _as_typed(self, text: str) -> str:
        """The program's text with commands that reach the function when it is no longer on trial."""
        from .trial import RELAY
        option = self.config.option
        command = f"process:{sys.executable} -m gridproof.adapter {self.name} --like {option.gridproof_like}"
        if option.gridproof_device:
            command += f" --device {option.gridproof_device}"
        text = re.sub(r"^case \(cases\.txt:[0-9-]+\): ", "case: ", text, flags=re.MULTILINE)
        return re.sub(f"'{RELAY}'", f"'{command}'", text)


def _outcomes(file, waived):
    """The tests that the program itself says there are (junit.xml)."""
    for test in xml.etree.ElementTree.parse(file).iter("testcase"):
        name = test.get("name", "").strip("[]")
        failure = next((test.find(kind) for kind in ("failure", "error") if test.find(kind) is not None), None)
        skipped = test.find("skipped")
        if failure is not None:
            yield name, Outcome("failed", failure.text or failure.get("message"))
        elif skipped is not None:
            yield name, Outcome("waived" if name in waived else "skipped", skipped.get("message"))
        else:
            yield name, Outcome("passed", test.findtext("system-out", ""))


class Failed(Exception):
    """What a test says, without a traceback: it would show this file only."""


class Clause(pytest.Item):
    """One clause, or one test of the gate."""

    def __init__(self, **more):
        super().__init__(**more)
        self.add_marker("gridproof")

    def runtest(self):
        outcome = self.parent.outcome(self.name)
        if outcome.what == "failed":
            raise Failed(outcome.text)
        if outcome.what == "skipped":
            pytest.skip(outcome.text)
        if outcome.what == "waived":
            pytest.xfail(outcome.text)

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, f"{self.parent.name} [{self.name}]"


@pytest.fixture
def gridproof_check(request):
    """gridproof.assert_conforms, with the options of the command line where it is given none."""
    from . import trial
    option = request.config.option
    defaults = {"samples": option.gridproof_samples, "seed": option.gridproof_seed, "profile": option.gridproof_profile,
                "waivers": option.gridproof_waivers, "progress": False}

    def check(function, like=option.gridproof_like, device=option.gridproof_device, **options):
        __tracebackhide__ = True
        return trial.assert_conforms(function, like, device, **{**defaults, **options})

    return check
