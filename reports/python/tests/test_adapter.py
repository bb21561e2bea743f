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
                           "sampler:right", "--like", like], capture_output=True, text=True)
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
