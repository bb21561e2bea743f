"""MNN, from the ONNX model by its own converter. The converter only warns about what it does not know
and continues with something else, so a warning counts as "unsupported"."""
import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import MNN
import MNN.expr as F
import numpy as np
from adapter import Unsupported
from limits import Refused, dense, f32_only, fitting, no_empty, refusals
from onnx_model import model_bytes

folder = tempfile.TemporaryDirectory(prefix="gridproof-mnn-")


@functools.lru_cache(maxsize=1024)
def network(model):
    source, target = (pathlib.Path(folder.name) / name for name in ("model.onnx", "model.mnn"))
    source.write_bytes(model)
    target.unlink(missing_ok=True)
    # Not its program mnnconvert, which installs a package and reports every call to its makers.
    done = subprocess.run([sys.executable, "-c", "import _tools, sys; _tools.mnnconvert(sys.argv)", "-f", "ONNX",
                           "--modelFile", source, "--MNNModel", target, "--bizCode", "g", "--keepInputFormat=1"],
                          capture_output=True, text=True, cwd=folder.name)
    said = (done.stdout + done.stderr).strip()
    for line in said.splitlines():
        if re.search("(n't|not) support", line, re.IGNORECASE):
            raise Unsupported(line.strip()[:200])
    if done.returncode != 0 or not target.exists():
        raise Refused(f"the converter fails with status {done.returncode}: {said[-200:]}")
    return MNN.nn.load_module_from_file(str(target), ["X", "G"], ["Y"])


class subject:
    info = {"name": "MNN", "version": MNN.version(), "homepage": "https://www.mnn.zone",
            "issues": "https://github.com/alibaba/MNN/issues", "dialect": "onnx-16",
            "supports": {"dtypes": ["f32"], "modes": ["bilinear", "nearest"]}}

    def grid_sample(self, input, grid, **options):
        f32_only(input, grid)
        fitting(input, grid)
        no_empty(input, grid)
        input, grid = dense(input, grid)
        model = model_bytes(16, input, grid, options)
        with refusals():
            net = network(model)
            given = []
            for array in (input, grid):
                variable = F.placeholder(list(array.shape), F.NCHW, F.float)
                variable.write(array)
                given.append(variable)
            answer = F.convert(net.forward(given)[0], F.NCHW)
            return np.array(answer.read())
