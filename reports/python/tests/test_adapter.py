"""python -m gridproof.adapter and python -m gridproof.torch: functions in processes of their own."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

import gridproof
from gridproof import _program, _protocol, adapter

PLAIN = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}"
PACKAGE = pathlib.Path(gridproof.__file__).parent
PEERS = pathlib.Path(__file__).resolve().parents[3] / "oracle/subjects/peers/adapters_test.py"
F32 = {"dtype": "f32", "shape": [1, 1, 1, 2], "data": "AACAPwAAAEA="}
GRID = {"dtype": "f32", "shape": [1, 1, 1, 2], "data": "AAAAAAAAAAA="}

FUNCTIONS = '''
import os, sys, time
import gridproof

print("greetings from the module")

def right(input, grid, **options):
    return gridproof.grid_sample(input, grid, **options)

def printing(input, grid, **options):
    print('{"type":"answer","id":1}', flush=True)
    os.write(1, b"more\\n")
    os.system("echo and more")
    assert sys.stdin.read() == ""
    return gridproof.grid_sample(input, grid, **options)

def crashing(input, grid, **options):
    os.kill(os.getpid(), 11)

def leaving(input, grid, **options):
    os._exit(3)

class Sampler:
    @staticmethod
    def sample(input, grid, **options):
        return gridproof.grid_sample(input, grid, **options)

number = 3

def backward(grad_output, input, grid, **options):
    return gridproof.grid_sample_backward(grad_output, input, grid, **options)

def half(grad_output, input, grid, **options):
    return backward(grad_output, input, grid, **options)[0]

def spoiling(grad_output, input, grid, **options):
    both = backward(grad_output, input, grid, **options)
    grad_output[...] = 7
    return both

def by_torch(input, grid, **options):
    import torch
    return torch.nn.functional.grid_sample(input, grid, **options)

def by_jax(input, grid, align_corners=False):  # bilinear with zeros, of one plane
    from jax.scipy.ndimage import map_coordinates
    if grid.shape[-1] != 2:
        raise ValueError("two coordinates")
    height, width = input.shape[2:]
    x, y = ((grid[0, ..., 0] + 1) * width - 1) / 2, ((grid[0, ..., 1] + 1) * height - 1) / 2
    return map_coordinates(input[0, 0], [y, x], order=1, mode="constant")[None, None]
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "sampler.py").write_text(FUNCTIONS)
    (tmp_path / "broken.py").write_text("import no_such_module\n")
    (tmp_path / "leaves.py").write_text("raise SystemExit('enough')\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*arguments) -> str:
    return " ".join(["process:" + sys.executable, "-m", "gridproof.adapter", *arguments])


def run(*arguments, code=0, **environment) -> str:
    if "--subject" in arguments:  # the package in a build folder is links to files elsewhere
        arguments += ("--readable", pathlib.Path(adapter.__file__).resolve().parent)
    done = subprocess.run([_program.path(), *arguments], capture_output=True, encoding="utf-8",
                          env={**os.environ, **environment})
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def talk(*arguments, say=()) -> list[dict]:
    """What an adapter says to these messages."""
    lines = "".join(json.dumps(message) + "\n" for message in say)
    done = subprocess.run([sys.executable, *arguments], input=lines, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()] + [{"status": done.returncode}]


# ---- The program and an adapter ----


def test_smoke_of_a_module_and_of_a_file(folder):
    assert "Ready" in run("smoke", "--subject", command("sampler:right"))
    assert "Ready" in run("smoke", "--subject", command("sampler.py:Sampler.sample"))


def test_check(folder):
    said = run("check", "--subject", command("sampler:right", "--dtypes", "f32"), "--max-samples", "1000", "--validate")
    assert "passes for f32" in said and "sandbox" in said


def test_what_it_prints_spoils_nothing(folder):
    assert "same-bits" in run("replay", PLAIN, "--subject", command("sampler:printing"))


@pytest.mark.parametrize("function, why", [("crashing", "was killed by signal 11"), ("leaving", "exited with status 3")])
def test_a_crash_costs_one_case(folder, function, why):
    assert why in run("replay", PLAIN, "--subject", command(f"sampler:{function}"), code=1)


@pytest.mark.parametrize("arguments, why", [
    (["sampler"], "'sampler' names no function; expected module:function or FILE.py:function"),
    (["nowhere:f"], "nowhere cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
    (["nowhere.py:f"], "nowhere.py cannot be imported: FileNotFoundError: there is no file nowhere.py"),
    (["broken:f"], "broken cannot be imported: ModuleNotFoundError: No module named 'no_such_module'"),
    (["leaves:f"], "leaves cannot be imported: SystemExit: enough"),
    (["sampler:wrong"], "sampler has no wrong"),
    (["sampler:number"], "sampler:number is not a function"),
    (["sampler:right", "--dtypes", "f8"], "ValueError: dtypes: 'f8' is not one of f16, bf16, f32, f64"),
])
def test_what_cannot_be_served(folder, arguments, why):
    assert f"it says: {why}\n" in run("smoke", "--subject", command(*arguments), code=2)


@pytest.mark.skipif(not PEERS.exists(), reason="takes the source tree")
@pytest.mark.parametrize("like", ["numpy", "torch", "jax"])
def test_nothing_is_spoiled(folder, like):
    """What the adapters of peers are held to: layouts, options, dtypes, refusals, views of gigabytes."""
    pytest.importorskip(like)
    done = subprocess.run([sys.executable, PEERS, "--command", like, sys.executable, "-m", "gridproof.adapter",
                           "sampler:right", "--like", like, "--gradients", "sampler:backward"], capture_output=True, text=True)
    assert done.returncode == 0 and ": nothing wrong" in done.stdout, done.stdout + done.stderr


# ---- The protocol ----


def test_a_conversation(folder):
    start, case = {"type": "start", "protocol": 1}, {"type": "case", "id": 7, "input": F32, "grid": GRID}
    said = talk("-m", "gridproof.adapter", "sampler:right", "--name", "mine", "--ranks", "4", "--align-corners", "false",
                say=[start, case, {**case, "id": 8, "gamma": 2}, {**case, "id": 9, "mode": "linear"}, {"type": "stop"}])
    started, answer, unknown, refused, ended = said
    assert started["name"] == "mine" and started["supports"]["ranks"] == [4] and started["version"].startswith("NumPy ")
    assert started["supports"]["align_corners"] == [False] and started["supports"]["dtypes"] == ["f16", "f32", "f64"]
    assert answer == {"type": "answer", "id": 7, "output": {"dtype": "f32", "shape": [1, 1, 1, 1], "data": "AADAPw=="}}
    assert unknown == {"type": "unsupported", "id": 8, "what": "a case with gamma"}
    assert refused["type"] == "refused" and refused["clause"] == "options.mode" and ended == {"status": 0}


# ---- Gradients ----

ROW = {"dtype": "f32", "shape": [1, 1, 1, 4], "data": "AACAPwAAAEAAAIBAAAAAQQ=="}  # 1, 2, 4, 8
EIGHTH = {"dtype": "f32", "shape": [1, 1, 1, 2], "data": "AAAAvgAAAAA="}  # (-1/8, 0)
ONE = {"dtype": "f32", "shape": [1, 1, 1, 1], "data": "AACAPw=="}
BACKWARD = {"type": "backward", "id": 7, "input": ROW, "grid": EIGHTH, "grad_output": ONE, "output_mask": [True, True]}
GRADIENTS = {"type": "gradients", "id": 7, "grad_input": {"dtype": "f32", "shape": [1, 1, 1, 4], "data": "AAAAAAAAQD8AAIA+AAAAAA=="},
             "grad_grid": {"dtype": "f32", "shape": [1, 1, 1, 2], "data": "AACAQAAAoL8="}}


def asked(function, *arguments, questions=(BACKWARD,)):
    started, *answers, ended = talk("-m", "gridproof.adapter", f"sampler:{function}", *arguments,
                                    say=[{"type": "start", "protocol": 1}, *questions])
    assert ended == {"status": 0}
    return started["supports"].get("gradients"), answers


def test_gradients_of_a_function(folder):
    one = {**BACKWARD, "output_mask": [False, True]}
    wrong = {**BACKWARD, "grad_output": EIGHTH}
    unknown = {**BACKWARD, "create_graph": True}
    has, answers = asked("right", "--gradients", "sampler:backward", questions=[BACKWARD, one, wrong, unknown])
    assert has == ["input", "grid"] and answers[0] == GRADIENTS
    assert answers[1] == {name: value for name, value in GRADIENTS.items() if name != "grad_input"}
    assert answers[2]["type"] == "refused" and answers[2]["clause"] == "grad.shape"
    assert answers[3] == {"type": "unsupported", "id": 7, "what": "a case with create_graph"}
    assert asked("right", questions=[]) == (None, [])  # NumPy finds none


def test_gradients_that_are_none(folder):
    assert "not two gradients" in asked("right", "--gradients", "sampler:half")[1][0]["message"]
    assert asked("right", "--gradients", "sampler:spoiling")[1][0]["message"] == "the function changed its grad_output"
    _, answers = asked("right", "--gradients", "sampler:backward", questions=[{"type": "case", "id": 1, "input": ROW,
                                                                            "grid": EIGHTH, "grad_output": ONE}])
    assert answers[0]["what"] == "a case with grad_output"


def test_gradients_by_autograd(folder):
    pytest.importorskip("torch")
    double = {"dtype": "f64", "shape": [1, 1, 1, 1], "data": "AAAAAAAA8D8="}
    questions = [BACKWARD, {**BACKWARD, "output_mask": [False, True]}, {**BACKWARD, "output_mask": [False, False]},
                 {**BACKWARD, "grad_output": EIGHTH}, {**BACKWARD, "grad_output": double}]
    has, answers = asked("by_torch", "--like", "torch", questions=questions)
    assert has == ["input", "grid"] and answers[0] == GRADIENTS
    assert answers[1]["grad_grid"] == GRADIENTS["grad_grid"] and "grad_input" not in answers[1]
    assert answers[2] == {"type": "gradients", "id": 7}
    assert [answer["type"] for answer in answers[3:]] == ["refused", "unsupported"]
    assert "for autograd" in asked("right", "--like", "torch")[1][0]["what"]


def test_gradients_by_vjp(folder):
    pytest.importorskip("jax")
    wrong = {**BACKWARD, "grid": {"dtype": "f32", "shape": [1, 1, 1, 1], "data": "AAAAAA=="}}
    has, answers = asked("by_jax", "--like", "jax", questions=[BACKWARD, wrong])
    assert has == ["input", "grid"] and answers[0]["type"] == "gradients"
    assert answers[0]["grad_input"] == GRADIENTS["grad_input"]
    assert answers[1] == {"type": "refused", "id": 7, "message": "ValueError: two coordinates"}
    assert "jax.vjp cannot follow it" in asked("right", "--like", "jax")[1][0]["what"]


def test_function_of_and_declarations():
    assert adapter.function_of("os.path:join") is os.path.join
    arrays = _protocol.library("numpy")
    assert _protocol.supports(arrays, {"dtypes": ["float32", "f16"]})["dtypes"] == ["f32", "f16"]
    assert "layouts" not in _protocol.supports(arrays, {})


# ---- torch ----


def test_a_python_without_torch(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('none here')\n")
    # A Python of no packages at all says so, without this package and without NumPy.
    bare = subprocess.run([sys.executable, "-I", "-S", str(PACKAGE / "torch.py")], capture_output=True, text=True)
    assert json.loads(bare.stdout)["message"].startswith(f"{sys.executable} has no torch (No module named 'torch')")
    assert bare.returncode == 2
    sentence = run("check", "--subject", "torch", code=2, GRIDPROOF_PYTHON=sys.executable, PYTHONPATH=str(tmp_path))
    assert sentence.endswith(f"cannot be started: it says: {sys.executable} has no torch (none here); "
                             "set GRIDPROOF_PYTHON to a Python that has it\n")
    assert "cannot be run" in run("smoke", "--subject", "torch", code=2, GRIDPROOF_PYTHON="/nowhere/python")


def test_subjects_says_that_there_is_torch():
    assert "is the subject torch" in run("subjects")


def test_the_torch_of_this_python(tmp_path):
    pytest.importorskip("torch")
    options = ["--max-samples", "1000", "--out", str(tmp_path / "out")]
    said = run("check", "--subject", "torch", *options, code=1, GRIDPROOF_PYTHON=sys.executable)
    assert "torch deviates from [coord.nan]" in said
    done = subprocess.run([sys.executable, "-m", "gridproof", "smoke", "--subject", "torch"], capture_output=True, text=True)
    assert "PyTorch " in done.stdout and "started in" in done.stdout
    assert "has no device quantum" in run("smoke", "--subject", "torch:quantum", code=2, GRIDPROOF_PYTHON=sys.executable)
    assert "PyTorch" in run("smoke", "--subject", f"process:{sys.executable} -m gridproof.torch", code=1)


def test_a_custom_op_and_a_kernel(tmp_path):
    """The examples of the page."""
    pytest.importorskip("torch")
    examples = pathlib.Path(__file__).parent / "examples"
    for name in ("custom_op.py", "block_kernel.py"):
        done = subprocess.run([sys.executable, examples / name], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0 and "conforms" in done.stdout, done.stdout + done.stderr
