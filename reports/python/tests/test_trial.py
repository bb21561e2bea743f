"""check, smoke, replay and assert_conforms: right and wrong functions, and functions that behave badly."""
import concurrent.futures
import contextlib
import doctest
import html
import itertools
import json
import os
import pathlib
import pickle
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import numpy
import pytest

import gridproof
from gridproof import _protocol, adapter, trial

FEW = 1000  # samples; the specification's own cases are asked all the same
PLAIN = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}"
OFTEN = {"samples": FEW, "dtypes": ("f32",), "ranks": (4,)}


def right(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    return gridproof.reference.grid_sample(input, grid, mode, padding_mode, align_corners)


def answering(change):
    """A function whose answers are changed."""
    def changed(input, grid, **options):
        return change(right(input, grid, **options), input, grid)
    return changed


def children() -> set[str]:
    """Processes of this one, the relays' keepers among them."""
    found = set()
    for path in pathlib.Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            found.update(path.read_text().split())
    return found


def files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = children(), files(), threading.active_count()
    yield
    for _ in range(100):
        if (children(), files(), threading.active_count()) == before:
            break
        time.sleep(0.05)
    assert (children(), files(), threading.active_count()) == before
    assert not list(tmp_path.glob("gridproof-*"))


# ---- What is said of right and wrong functions ----


def test_a_right_function_conforms():
    report = gridproof.check(right, samples=FEW)
    assert report and report.conforms and report.findings == ()
    assert report.samples > FEW and sum(report.counts.values()) >= report.samples
    assert {"same-bits"} <= set(report.counts) <= {"same-bits", "admissible", "unsupported"}
    assert report.clauses["padding.zeros"].standing == "tested" and report.clauses["padding.zeros"].decided > 0
    assert len(report.clauses) >= 50
    assert report.json["campaign"]["seed"] == 1 and report.json["passes"]
    assert str(report) == report.text and "\npasses" in report.text and "report:" not in report.text
    assert repr(report) == f"<Report: right conforms: {report.samples:,} samples, 0 findings>"
    assert pickle.loads(pickle.dumps(report)) == report


def reads_nan_as_the_middle(input, grid, **options):
    return right(input, numpy.where(numpy.isnan(grid), 0, grid).astype(grid.dtype), **options)


def test_a_planted_mistake_is_named():
    report = gridproof.check(reads_nan_as_the_middle, samples=FEW, dtypes="f32")
    assert not report
    finding = report.findings[0]
    assert finding.verdict == "deviates" and finding.clause == "coord.nan" and finding.cause == "nan.centre"
    assert "nan" in finding.case and finding.case.startswith("grid_sample ")
    assert finding.title == "reads_nan_as_the_middle deviates from [coord.nan]" and finding.sentence
    assert "deviates" in eval(finding.replay)
    assert str(finding) in f"{finding}" and finding.case in report.text
    with pytest.raises(AssertionError, match="does not conform\n(?s:.*)nan.centre") as failure:
        gridproof.assert_conforms(reads_nan_as_the_middle, samples=FEW, dtypes="f32")
    assert report.text in str(failure.value)


def test_the_report_in_a_notebook_is_data():
    report = gridproof.check(answering(lambda output, *_: output + 1), name="<b>&", **OFTEN)
    page = report._repr_html_()
    assert "<b>&amp;" not in page and "&lt;b&gt;&amp;" in page and "<td>" in page


def test_smoke_and_what_it_tells_to_do():
    smoke = gridproof.smoke(right)
    assert smoke and smoke.ready and "Ready: gridproof.check(right)" in str(smoke)
    wrong = gridproof.smoke(reads_nan_as_the_middle)
    assert not wrong and "_relay" not in wrong.text
    call = next(line for line in wrong.text.splitlines() if "gridproof.replay(" in line).strip()
    assert "deviates" in eval(call)
    assert "Ready: gridproof.check(function)" in gridproof.smoke(lambda *tensors, **options: right(*tensors, **options)).text


def test_the_same_seed_asks_the_same():
    asked = []

    def noting(input, grid, **options):
        asked[-1].append((input.tobytes(), grid.tobytes(), tuple(options.items())))
        return right(input, grid, **options)

    for seed in (1, 1, 2):
        asked.append([])
        assert gridproof.check(noting, seed=seed, **OFTEN)
    assert asked[0] == asked[1] != asked[2]


def test_what_is_declared_is_all_that_is_asked():
    asked = set()

    def noting(input, grid, **options):
        asked.add((str(input.dtype), input.ndim, options.get("mode", "bilinear"), options.get("align_corners", False)))
        return right(input, grid, **options)

    report = gridproof.check(noting, samples=FEW, dtypes=[numpy.float64], ranks=4, modes="nearest", align_corners=True)
    assert report and "passes for nearest; 4-D; f64" in report.text
    of_the_operator = {(dtype, rank, mode, align) for dtype, rank, mode, align in asked
                       if dtype in gridproof._arrays.FLOATS and rank in (4, 5) and mode in _protocol.DECLARED["modes"]}
    assert of_the_operator == {("float64", 4, "nearest", True)}


def test_unsupported_is_neither_right_nor_wrong():
    def only_zeros(input, grid, padding_mode="zeros", **options):
        if padding_mode == "border":
            raise gridproof.Unsupported("border")
        if padding_mode == "reflection":
            raise NotImplementedError("reflection")
        return right(input, grid, padding_mode=padding_mode, **options)

    report = gridproof.check(only_zeros, **OFTEN)
    assert report and report.counts["unsupported"] > 0


def test_refusals_are_exceptions():
    def wrongly(input, grid, **options):
        raise ValueError("not today")

    report = gridproof.check(wrongly, **OFTEN)
    assert {finding.verdict for finding in report.findings} == {"refused-wrongly"} and "ValueError: not today" in report.text
    said = gridproof.replay(wrongly, PLAIN, refusals=KeyError)
    assert "the function raised ValueError: not today" in said and "lost" in said


def test_layouts_are_real():
    seen = set()

    def noting(input, grid, **options):
        seen.update(tensor.strides != numpy.zeros(tensor.shape, tensor.dtype).strides for tensor in (input, grid))
        seen.update("negative" for tensor in (input, grid) if min(tensor.strides, default=0) < 0)
        return right(input, grid, **options)

    assert gridproof.check(noting, **OFTEN) and seen == {False, True, "negative"}


def test_profiles_strict_waivers_out(tmp_path):
    def wider(input, grid, **options):
        with numpy.errstate(all="ignore"):
            return right(input.astype(numpy.float64), grid.astype(numpy.float64), **options).astype(input.dtype)

    assert not gridproof.check(wider, profile="P0", **OFTEN)
    waivers = tmp_path / "waivers.toml"
    waivers.write_text('[[waiver]]\nname = "nan"\nreason = "known"\nexpires = 2999-01-01\nclause = "coord.nan"\n')
    report = gridproof.check(reads_nan_as_the_middle, waivers=waivers, out=tmp_path / "out", **OFTEN)
    assert {finding.waiver for finding in report.findings if "coord.nan" in finding.clauses} == {"nan"}
    # The commands in its files are calls that can be made again, whatever the file makes of a quotation mark.
    for file in ("report.md", "report.html", "report.json", "report.sarif", "junit.xml", "cases.txt"):
        text = html.unescape((tmp_path / "out" / file).read_text())
        commands = re.findall(r"gridproof\.check\(reads_nan_as_the_middle, [^()]*\)", text)
        assert commands and "gridproof check" not in text, file
        assert "_relay.py" not in re.sub('"spec": .*', "", text), file
    assert "gridproof.replay(reads_nan_as_the_middle, 'grid_sample " in (tmp_path / "out" / "report.md").read_text()
    json.loads((tmp_path / "out" / "report.json").read_text())


@pytest.mark.parametrize("arguments, sentence", [
    ({"samples": 0}, "--max-samples is '0'"),
    ({"profile": "P9"}, "--profile is 'P9': expected P0"),
    ({"dialect": "caffe"}, "'caffe' is not known for dialect"),
    ({"timeout": 0}, "timeout: 0 is not a number of seconds"),
    ({"like": "tensorflow"}, "like: 'tensorflow' is not one of numpy, torch, jax"),
    ({"device": "cuda"}, "device: 'cuda' is not where NumPy's arrays are"),
    ({"dtypes": ["f8"]}, "dtypes: 'f8' is not one of f16, bf16, f32, f64"),
    ({"ranks": [True]}, "ranks: True is not one of 4, 5"),
    ({"align_corners": [0]}, "align_corners: 0 is not one of False, True"),
])
def test_arguments_that_are_not_possible(arguments, sentence):
    with pytest.raises(ValueError) as why:
        gridproof.check(right, **{"samples": FEW, **arguments})
    assert sentence in str(why.value)


def test_what_is_no_function_or_no_option():
    with pytest.raises(TypeError, match="3 is not a function"):
        gridproof.check(3)
    with pytest.raises(TypeError, match="'dtype' is no option; what a function supports is said by dtypes, ranks"):
        gridproof.check(right, dtype="f32")


@pytest.mark.parametrize("name", ["reference", "torch-2.15.0", "a b", "x=y", "a'b\"", "α", "x" * 500, ""])
def test_any_name_will_do(name):
    assert gridproof.check(right, name=name, **OFTEN)


# ---- Functions that behave badly ----


class NoWords(Exception):
    def __str__(self):
        raise RuntimeError("nothing to say")


def endless(input, grid, **options):
    return endless(input, grid, **options)


def changing(input, grid, **options):
    output = right(input, grid, **options)
    grid += 1
    return output


def printing(input, grid, **options):
    print('{"type":"answer","id":1}')
    os.write(1, b'{"type":"stop"}\n')
    return right(input, grid, **options)


def raising(why):
    def function(input, grid, **options):
        raise why
    return function


BAD = {
    "prints": (printing, "same-bits"),
    "exits": (raising(SystemExit(3)), "lost: reported an error: the function raised SystemExit: 3"),
    "stops the generator": (raising(GeneratorExit()), "the function raised GeneratorExit"),
    "has no memory": (raising(MemoryError("all gone")), "the function raised MemoryError: all gone"),
    "has no words": (raising(NoWords()), "NoWords"),
    "speaks at length": (raising(ValueError("no " * 10_000_000)), "refused"),
    "speaks no UTF-8": (raising(ValueError("\ud800\x1b[31m\n")), "ValueError: ?"),
    "recurses": (endless, "the function raised RecursionError"),
    "returns None": (lambda input, grid, **options: None, "it returned None, not an array"),
    "returns a list": (lambda input, grid, **options: [[[[1.0]]]], "it returned an object of type list, not an array"),
    "returns another shape": (answering(lambda output, *_: output[0]), "an output of shape"),
    "returns nothing": (answering(lambda output, *_: output[:0]), "deviates"),
    "returns ten dimensions": (answering(lambda output, *_: output.reshape((1,) * 10)), "an array of 10 dimensions"),
    "returns complex numbers": (answering(lambda output, *_: output + 0j), "it returned an array of dtype complex"),
    "returns another dtype": (answering(lambda output, *_: output.astype(numpy.float64)), "deviates"),
    "returns terabytes": (answering(lambda output, *_: numpy.broadcast_to(output, (1 << 40, 1, 1, 1))),
                          "it returned an array of 4,398,046,511,104 bytes"),
    "returns a view": (answering(lambda output, *_: output[..., ::-1]), "same-bits"),
    "returns big endians": (answering(lambda output, *_: output.astype(">f4")), "same-bits"),
    "returns objects": (answering(lambda output, *_: output.astype(object)), "it returned an array of dtype object"),
    "changes its input": (changing, "lost: reported an error: the function changed its grid"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_sentence_for_each(kind):
    function, said = BAD[kind]
    text = gridproof.replay(function, PLAIN)
    assert said in text and len(text) < 10_000 and "\x1b" not in text


def test_a_view_of_the_input_is_an_answer():
    line = "grid_sample mode=nearest input=f32[1,1,1,1]{5} grid=f32[1,1,1,2]{0,0}"
    assert "same-bits" in gridproof.replay(lambda input, grid, **options: input, line)


def test_a_function_that_never_comes_back():
    released = threading.Event()

    def sleeping(input, grid, **options):
        released.wait()

    start = time.monotonic()
    text = gridproof.replay(sleeping, PLAIN, timeout=0.3)
    assert "gave no answer within 300 ms, nor when the case was sent again alone" in text
    report = gridproof.check(sleeping, timeout=0.3, **OFTEN)
    assert "4 calls of the function did not come back within 0.3 s" in report.text
    assert {finding.verdict for finding in report.findings} == {"lost"}
    assert time.monotonic() - start < 60
    released.set()


def test_a_loop_without_end_is_ended():
    def looping(input, grid, **options):
        while True:
            pass

    assert "gave no answer within 200 ms" in gridproof.replay(looping, PLAIN, timeout=0.2)


def test_a_slow_case_is_not_the_next_ones_fault():
    calls = itertools.count()

    def slow_once(input, grid, **options):
        if next(calls) == 100:
            time.sleep(1.5)
        return right(input, grid, **options)

    assert gridproof.check(slow_once, timeout=1, **OFTEN)


def test_answers_by_chance():
    random = numpy.random.default_rng(1)

    def by_chance(input, grid, **options):
        return right(input, grid, **options) + random.integers(2, size=1).astype(input.dtype)

    report = gridproof.check(by_chance, **OFTEN)
    assert not report and {finding.verdict for finding in report.findings} == {"deviates"}


def test_daemons_and_forks_of_the_function():
    released = threading.Event()
    calls = itertools.count()

    def busy(input, grid, **options):
        number = next(calls)
        if number < 20:
            threading.Thread(target=released.wait, daemon=True).start()
        if number == 20 and os.fork() == 0:
            pass  # and comes back like its parent
        return right(input, grid, **options)

    try:
        assert gridproof.check(busy, **OFTEN)
    finally:
        released.set()
        while True:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break


def test_an_interrupt_of_the_function_stops_everything():
    with pytest.raises(KeyboardInterrupt):
        gridproof.check(raising(KeyboardInterrupt()), **OFTEN)


def test_an_interrupt_of_the_user_stops_everything(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent("""
        import os, pathlib, time, gridproof
        def slow(input, grid, **options):
            print("asked", flush=True)
            time.sleep(60)
        try:
            gridproof.check(slow)
        except KeyboardInterrupt:
            left = [path.read_text() for path in pathlib.Path("/proc/self/task").glob("*/children")]
            print("stopped", "".join(left).strip(), os.listdir(os.environ["TMPDIR"]), flush=True)
    """))
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "TMPDIR": str(tmp_path / "tmp")})
    with process:
        assert process.stdout.readline() == "asked\n"
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "stopped  []\n"
        assert process.wait() == 0 and time.monotonic() - start < 10


# ---- Threads, forks, and who else runs here ----


def test_several_at_a_time():
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda seed: gridproof.check(right, seed=seed, **OFTEN), range(3)))
    assert all(reports)


def test_a_function_is_called_by_one_thread_unless_it_may_be_by_more():
    most = {}

    for threads in (1, 4):
        lock, now, most[threads] = threading.Lock(), set(), 0

        def counting(input, grid, **options):
            now.add(threading.get_ident())
            most[threads] = max(most[threads], len(now))
            time.sleep(0.001)
            output = right(input, grid, **options)
            now.discard(threading.get_ident())
            return output

        assert gridproof.check(counting, threads=threads, **OFTEN)
    assert most[1] == 1 < most[4]


def test_the_context_of_the_caller_is_there():
    import contextvars
    variable = contextvars.ContextVar("variable")
    variable.set("the caller's")
    seen = set()

    def looking(input, grid, **options):
        seen.add(variable.get())
        return right(input, grid, **options)

    gridproof.replay(looking, PLAIN)
    assert seen == {"the caller's"}


def test_after_a_fork():
    gridproof.replay(right, PLAIN)
    child = os.fork()
    if child == 0:
        os._exit(0 if gridproof.check(right, **OFTEN) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_shards_and_jobs_of_others_do_not_change_it(monkeypatch):
    for name, value in {"TEST_TOTAL_SHARDS": "4", "TEST_SHARD_INDEX": "1", "GITHUB_ACTIONS": "true"}.items():
        monkeypatch.setenv(name, value)
    report = gridproof.check(reads_nan_as_the_middle, **OFTEN)
    assert "shard" not in report.text and "::error" not in report.text


def test_progress_is_told():
    told = []
    assert gridproof.check(right, progress=told.append, **OFTEN)
    assert told == sorted(told) and told[-1] > FEW / 2


@pytest.mark.skipif(os.geteuid() != 0, reason="takes another user")
def test_another_user_is_sent_away():
    said = []

    def stranger(name, told):
        """In a process of its own."""
        os.setuid(65534)
        with socket.socket(socket.AF_UNIX) as program:
            program.connect(name.replace("@", "\0"))
            with contextlib.suppress(ConnectionError):
                socket.send_fds(program, [b"."], [0, 1])
                os.write(told, program.recv(1))
            os.write(told, b"sent away")

    def watched(input, grid, **options):
        if not said:
            said.extend(os.pipe())
            name, = {word for word in pathlib.Path("/proc/net/unix").read_text().split() if f"@gridproof-{os.getpid()}-" in word}
            if os.fork() == 0:
                try:
                    stranger(name, said[1])
                finally:
                    os.write(said[1], b".")
                    os._exit(0)
        return right(input, grid, **options)

    assert gridproof.check(watched, **OFTEN)
    os.wait()
    assert os.read(said[0], 100) == b"sent away."
    for file in said:
        os.close(file)


def test_the_examples_of_the_docstrings():
    for module in (trial, adapter):
        result = doctest.testmod(module, extraglobs={"gridproof": gridproof})
        assert result.attempted > 0 and result.failed == 0


# ---- Other libraries ----


def test_torch():
    torch = pytest.importorskip("torch")
    seen = set()

    def sampled(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        seen.update((input.dtype, input.is_contiguous()))
        return torch.from_numpy(right(input.float().numpy(), grid.float().numpy(), mode, padding_mode, align_corners))

    assert gridproof.check(sampled, "torch", dtypes=torch.float32, samples=FEW)
    assert seen == {torch.float32, torch.int32, False, True}  # i32 is asked to be refused
    report = gridproof.check(torch.nn.functional.grid_sample, "torch", samples=FEW)
    assert "gradients: not asked, torch's own crash at infinite coordinates" in report.text
    assert "coord.nan" in {clause for finding in report.findings for clause in finding.clauses}
    assert report.clauses["dtype.16-bit"].decided > 0
    assert not [finding for finding in report.findings if finding.verdict != "deviates"]
    bf16 = "grid_sample input=bf16[1,1,1,2]{1,2} grid=bf16[1,1,1,2]{0,0}"
    assert "same-bits" in gridproof.replay(torch.nn.functional.grid_sample, bf16, like="torch")
    assert "it returned an object of type ndarray, not a tensor" in gridproof.replay(lambda *_, **options: numpy.zeros(1), PLAIN, like="torch")
    with pytest.raises(ValueError, match="layouts: torch .* has no negative"):
        gridproof.check(sampled, "torch", layouts="negative")


def test_jax():
    jax = pytest.importorskip("jax")
    seen = set()

    def sampled(input, grid, **options):
        assert isinstance(input, jax.Array)
        seen.add(str(input.dtype))
        return gridproof.grid_sample(input, grid, **options)

    assert gridproof.check(sampled, "jax", samples=FEW)
    assert {"float16", "bfloat16", "float32"} <= seen and "float64" not in seen


def test_bf16_of_ml_dtypes():
    pytest.importorskip("ml_dtypes")
    bf16 = "grid_sample input=bf16[1,1,1,2]{1,2} grid=bf16[1,1,1,2]{0,0}"
    assert "same-bits" in gridproof.replay(right, bf16, dtypes="bf16")
    assert "unsupported" in gridproof.replay(right, bf16)


# ---- gradients ----


def backward(grad_output, input, grid, output_mask, **options):
    return gridproof.grid_sample_backward(grad_output, input, grid, output_mask=output_mask, **options)


def test_gradients_of_a_function_of_them():
    report = gridproof.check(right, gradients=backward, **OFTEN)
    assert report and report.clauses["grad.kink-right"].standing == "tested", report.text
    assert " gradients judged, 0 findings" in report.text
    forward = gridproof.check(right, gradients=backward, direction="forward", **OFTEN)
    assert forward and "grad.kink-right" not in forward.clauses


def test_wrong_gradients_are_findings():
    def wrong(grad_output, input, grid, output_mask, **options):
        return [None if one is None else -one for one in backward(grad_output, input, grid, output_mask, **options)]

    report = gridproof.check(right, gradients=wrong, direction="backward", **OFTEN)
    assert not report and all(finding.clause.startswith("grad.") for finding in report.findings), report.text
    finding = next(finding for finding in report.findings if finding.verdict == "deviates")
    assert finding.case.startswith("grid_sample_backward ")
    assert f"deviates [{finding.clause}]" in gridproof.replay(right, finding.case, gradients=wrong)


def test_without_gradients_none_are_asked():
    report = gridproof.check(right, **OFTEN)
    assert report and "gradients: not asked, the subject declares none" in report.text
    with pytest.raises(ValueError, match="expected forward, backward or both"):
        gridproof.check(right, direction="sideways", **OFTEN)


@pytest.mark.parametrize("like", ["torch", "jax"])
def test_gradients_of_a_function_that_can_be_differentiated(like):
    library = pytest.importorskip(like)

    def by_torch(input, grid, **options):  # torch's own gradients crash at infinity
        return library.nn.functional.grid_sample(input, grid.nan_to_num(-1).clamp(-4, 4), **options)

    def by_jax(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        if mode != "nearest":
            raise gridproof.Unsupported(mode)
        return library.numpy.zeros((*input.shape[:2], *grid.shape[1:-1]), input.dtype) * input.sum()

    report = gridproof.check({"torch": by_torch, "jax": by_jax}[like], like, direction="backward", **OFTEN)
    assert any(clause.startswith("grad.") for clause in report.clauses), report.text
