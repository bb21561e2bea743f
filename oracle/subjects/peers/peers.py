#!/usr/bin/env python3
"""Other implementations as subjects. Each is pinned with all its dependencies and has its own virtual
environment.

    peers.py list                  shows all of them, and whether each is installed
    peers.py install NAME...       or --light (below 200 MB each), or --all
    peers.py lock NAME...          writes what is installed, with dependencies and hashes, to locks/
    peers.py scripts MATRIX.json   a script for each finding of `gridproof matrix`, for bug reports
    peers.py serve NAME            speaks the process protocol; what `--subject peer:NAME` starts

The environments lie in $GRIDPROOF_CACHE or ~/.cache/gridproof, in peers/. The adapter of NAME is
peer_*.py beside this file: `info` describes the peer, grid_sample answers, and so does
grid_sample_backward, where there are gradients.
"""
import contextlib
import fcntl
import importlib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


class Peer:
    def __init__(self, adapter, requirements, megabytes, environment=None, variables=None, builds=False):
        self.adapter, _, self.variant = adapter.partition(":")  # module, and what it is to serve
        self.requirements = requirements
        self.megabytes = megabytes
        self.environment = environment  # the name of the folder, where several share one
        self.variables = variables or {}
        self.builds = builds  # whether something it needs has no wheel


ONNX = ["numpy==2.4.6", "onnx==1.23.2"]
TORCH = ["torch==2.15.0", "numpy==2.4.6"]
PEERS = {
    "onnxruntime": Peer("peer_onnxruntime:22", ONNX + ["onnxruntime==1.31.1"], 180, "onnxruntime"),
    "onnxruntime-16": Peer("peer_onnxruntime:16", ONNX + ["onnxruntime==1.31.1"], 180, "onnxruntime"),
    "onnx-reference": Peer("peer_onnx_reference", ONNX, 110),
    "openvino": Peer("peer_openvino", ["numpy==2.4.6", "openvino==2026.4.1"], 190),
    "opencv-remap": Peer("peer_opencv:remap", ONNX + ["opencv-python-headless==5.0.0.93"], 190, "opencv"),
    "opencv-dnn": Peer("peer_opencv:dnn", ONNX + ["opencv-python-headless==5.0.0.93"], 190, "opencv"),
    "ncnn": Peer("peer_ncnn", ["numpy==2.4.6", "ncnn==1.0.20261020"], 120),
    "tract": Peer("peer_tract", ONNX + ["tract==0.23.9"], 190),
    "scipy": Peer("peer_map_coordinates:scipy", ["numpy==2.4.6", "scipy==1.17.1"], 190),
    "jax": Peer("peer_map_coordinates:jax", ["numpy==2.4.6", "jax==0.10.2"], 400),
    "mnn": Peer("peer_mnn", ONNX + ["MNN==3.6.1"], 250),
    "tvm": Peer("peer_tvm", ONNX + ["apache-tvm==0.27.0.post1"], 500),
    "paddle": Peer("peer_paddle", ["numpy==2.4.6", "paddlepaddle==3.3.1"], 700),
    "jittor": Peer("peer_jittor", ["jittor==1.3.11.0"], 300, variables={"use_mkl": "0", "nvcc_path": ""},
                   builds=True),
    "mindspore": Peer("peer_mindspore", ["mindspore==2.10.0"], 2900),
    "litert": Peer("peer_litert", ["onnx2tf==1.29.24"], 2700),
    "torch-compile": Peer("peer_torch:compile", TORCH, 5400, "torch"),
    "executorch": Peer("peer_torch:executorch", TORCH + ["executorch==1.5.1"], 6200, "torch", builds=True),
}


def cache():
    base = os.environ.get("GRIDPROOF_CACHE") or os.path.join(os.path.expanduser("~"), ".cache", "gridproof")
    return pathlib.Path(base) / "peers"


def folder_of(name):
    return cache() / (PEERS[name].environment or name)


def is_installed(name):
    stamp = folder_of(name) / name
    return stamp.exists() and stamp.read_text() == "\n".join(PEERS[name].requirements)


@contextlib.contextmanager
def alone(name):
    """Keeps others from installing into the peer's environment at the same time."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{folder_of(name).name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(name):
    with alone(name):
        if is_installed(name):
            return
        print(f"installing {name}: about {PEERS[name].megabytes} MB in {folder_of(name)}", flush=True)
        folder = folder_of(name)
        if not (folder / "bin" / "pip").exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "pip", "--quiet", "--disable-pip-version-check", "install", "--no-input"]
        # All that is needed is in the lock, each file by its hash; what has no wheel is built with
        # tools that have theirs too.
        pip += ["--require-hashes", "--no-deps"]
        if PEERS[name].builds:
            subprocess.run(pip + ["--requirement", HERE / "locks" / "build.txt"], check=True)
            pip += ["--no-build-isolation"]
        else:
            pip += ["--only-binary=:all:"]
        subprocess.run(pip + ["--requirement", lock_of(name)], check=True)
        (folder / name).write_text("\n".join(PEERS[name].requirements))


def lock_of(name):
    """The file with the version of every package that the peer needs, and the hashes of its files."""
    own = HERE / "locks" / f"{name}.txt"
    return own if own.exists() else HERE / "locks" / f"{folder_of(name).name}.txt"


def lock(name):
    """Writes down what is installed; hashes come from the package index, through uv (pip install uv)."""
    if not is_installed(name):
        fail(f"{name} is not installed")
    freeze = [folder_of(name) / "bin" / "pip", "--disable-pip-version-check", "freeze", "--all", "--exclude=pip"]
    installed = subprocess.run(freeze, check=True, stdout=subprocess.PIPE, text=True).stdout
    hashes = ["uv", "pip", "compile", "--quiet", "--no-deps", "--generate-hashes", "--no-header", "--no-annotate",
              f"--python={folder_of(name) / 'bin' / 'python'}", f"--output-file={lock_of(name)}", "-"]
    subprocess.run(hashes, check=True, input=installed, text=True)


def fail(sentence):
    print(f"gridproof: {sentence}", file=sys.stderr)
    sys.exit(2)


def names_of(arguments):
    if arguments == ["--all"]:
        return list(PEERS)
    if arguments == ["--light"]:
        return [name for name, peer in PEERS.items() if peer.megabytes < 200]
    unknown = [name for name in arguments if name not in PEERS]
    if unknown or not arguments:
        what = f"there is no peer '{unknown[0]}'" if unknown else "no peer was named"
        fail(f"{what}: expected --light, --all, or some of {', '.join(PEERS)}")
    return arguments


def list_peers():
    print(f"{'peer':<16} {'installed':<10} {'about':>8}  requirements")
    for name, peer in PEERS.items():
        print(f"{name:<16} {'yes' if is_installed(name) else 'no':<10} {peer.megabytes:>5} MB  "
              f"{' '.join(peer.requirements)}")


def cannot_start(why):
    print(json.dumps({"type": "error", "message": why}), flush=True)
    sys.exit(2)


def serve(name):
    """Becomes the adapter's process, in its environment."""
    if name not in PEERS:
        cannot_start(f"there is no peer '{name}': expected one of {', '.join(PEERS)}")
    if not is_installed(name):
        cannot_start(f"it is not installed: gridproof peers install {name}")
    python = folder_of(name) / "bin" / "python"
    path = f"{folder_of(name) / 'bin'}:{os.environ.get('PATH', '')}"
    os.execve(python, [python, __file__, "run", name],
              {**os.environ, **PEERS[name].variables, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"})


def run(name):
    """The adapter itself, inside its environment."""
    sys.path.insert(0, str(HERE.parent / "templates"))
    peer = PEERS[name]
    out = os.dup(1)
    os.dup2(2, 1)  # some libraries greet when they are imported
    module = importlib.import_module(peer.adapter)
    subject = module.subject(peer.variant) if peer.variant else module.subject()
    os.dup2(out, 1)
    os.close(out)
    from adapter import serve as serve_protocol
    from limits import Refused
    backward = getattr(subject, "grid_sample_backward", None)
    serve_protocol(subject.grid_sample, Refused, backward, language="Python", **subject.info)


def main(arguments):
    if arguments == ["list"]:
        list_peers()
    elif len(arguments) == 2 and arguments[0] == "scripts":
        import own_files
        import scripts
        try:
            count = scripts.write(arguments[1], lambda name: PEERS[name].requirements if name in PEERS else [])
        except (own_files.InTheWay, OSError) as error:
            fail(error)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            fail(f"'{arguments[1]}' is not a matrix.json of gridproof: {error!r}")
        print(f"scripts: {pathlib.Path(arguments[1]).parent / 'scripts'} ({count})")
    elif arguments == ["installed"]:
        print("".join(f"{name}\n" for name in PEERS if is_installed(name)), end="")
    elif arguments[:1] in (["install"], ["lock"]):
        for name in names_of(arguments[1:]):
            try:
                {"install": install, "lock": lock}[arguments[0]](name)
            except (subprocess.CalledProcessError, OSError) as error:
                fail(f"{arguments[0]} {name}: {error}")
    elif len(arguments) == 2 and arguments[0] in ("serve", "run"):
        {"serve": serve, "run": run}[arguments[0]](arguments[1])
    elif arguments[:1] in (["--help"], ["-h"]):
        print("Install other implementations, or list them\n"
              "Usage: gridproof peers list | install NAME...|--light|--all\n\n"
              "list shows all of them and whether each is installed. install puts each one into its\n"
              "own environment: those you name, the light ones, or all.\n\n"
              "Example:\n  gridproof peers install onnxruntime")
    else:
        given = " ".join(arguments)[:60]
        fail(f"{'no command of peers' if not given else repr(given) + ' is not a command of peers'}: expected list, or "
             "install with NAME..., --light or --all ('gridproof peers --help' tells more)")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(141)
