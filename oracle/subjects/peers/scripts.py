"""Findings of `gridproof matrix` as scripts that need the library in question and nothing of this
project, so that they can go into a bug report unchanged. Each text of SCRIPTS computes y from x, grid, mode,
padding_mode and align_corners; each of GRADIENTS computes gradients, a dictionary of those that are wanted,
from grad_output as well."""
import json
import pathlib
import re
import unicodedata

import own_files

MODEL = '''from onnx import TensorProto, helper
names = {{"bilinear": "linear", "bicubic": "cubic"}} if {version} >= 20 else {{}}
node = helper.make_node("GridSample", ["X", "G"], ["Y"], mode=names.get(mode, mode), padding_mode=padding_mode,
                        align_corners=int(align_corners))
kind = helper.np_dtype_to_tensor_dtype(x.dtype)
model = helper.make_model(
    helper.make_graph([node], "g", [helper.make_tensor_value_info("X", kind, x.shape),
                                    helper.make_tensor_value_info("G", kind, grid.shape)],
                      [helper.make_tensor_value_info("Y", kind, (*x.shape[:2], *grid.shape[1:-1]))]),
    opset_imports=[helper.make_opsetid("", {version})], ir_version=8)
'''
PIXELS = '''# Positions in pixels, as the documentation of grid_sample computes them; NaN is taken for -1.
sizes = np.array(x.shape[:1:-1], x.dtype)
at = np.where(np.isnan(grid), grid.dtype.type(-1), grid)
at = (at + 1) / 2 * (sizes - 1) if align_corners else ((at + 1) * sizes - 1) / 2
'''
BORDER = '''{start}
border = {{"zeros": "{zeros}", "border": "nearest", "reflection": "mirror" if align_corners else "reflect"}}
'''
JAX = PIXELS + BORDER.format(zeros="constant", start="import jax\n"
                             'jax.config.update("jax_enable_x64", True)\n'
                             "from jax.scipy.ndimage import map_coordinates")
MAP_COORDINATES = '''places = np.moveaxis(at, -1, 1)[:, ::-1]
y = np.stack([[map_coordinates(channel, list(places[n]), order={{"nearest": 0, "bilinear": 1}}[mode],
                               mode=border[padding_mode]{more}) for channel in x[n]] for n in range(len(x))])
'''
ONNXRUNTIME = '''import onnxruntime
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
y = session.run(None, {"X": x, "G": grid})[0]
'''
TORCH = '''def call(x, g):
    return torch.nn.functional.grid_sample(x, g, mode=mode, padding_mode=padding_mode, align_corners=align_corners)
'''
TORCH_GRADIENTS = '''x.requires_grad_("input" in wanted)
g.requires_grad_("grid" in wanted)
{call}(x, g).backward(grad_output)
gradients = {{name: a.grad.double().numpy() for name, a in (("input", x), ("grid", g)) if name in wanted}}
'''
SCRIPTS = {
    "torch": TORCH + "y = call(x, g).double().numpy()\n",
    "torch-compile": TORCH + "y = torch.compile(call)(x, g).double().numpy()\n",
    "executorch": TORCH + '''from executorch.exir import to_edge
from executorch.runtime import Runtime
class Call(torch.nn.Module):
    def forward(self, x, g):
        return call(x, g)
program = to_edge(torch.export.export(Call(), (x, g))).to_executorch()
loaded = Runtime.get().load_program(program.buffer)  # holds the bytes that its method reads
y = loaded.load_method("forward").execute([x, g])[0].double().numpy()
''',
    "onnxruntime": MODEL.format(version=22) + ONNXRUNTIME,
    "onnxruntime-16": MODEL.format(version=16) + ONNXRUNTIME,
    "onnx-reference": MODEL.format(version=22) + '''from onnx.reference import ReferenceEvaluator
y = ReferenceEvaluator(model).run(None, {"X": x, "G": grid})[0]
''',
    "tract": MODEL.format(version=20) + '''import tempfile, tract
with tempfile.TemporaryDirectory() as folder:
    open(folder + "/model.onnx", "wb").write(model.SerializeToString())
    loaded = tract.onnx().load(folder + "/model.onnx")
y = loaded.into_model().into_runnable().run([x, grid])[0].to_numpy()
''',
    "tvm": MODEL.format(version=20) + '''import tvm
from tvm import relax
from tvm.relax.frontend.onnx import from_onnx
run = relax.VirtualMachine(relax.build(from_onnx(model), target="llvm"), tvm.cpu())["main"]
y = run(tvm.runtime.tensor(x), tvm.runtime.tensor(grid)).numpy()
''',
    "mnn": MODEL.format(version=16) + '''import _tools
import MNN
import MNN.expr as F
import os, tempfile
os.chdir(tempfile.mkdtemp())
open("m.onnx", "wb").write(model.SerializeToString())
_tools.mnnconvert(["", "-f", "ONNX", "--modelFile", "m.onnx", "--MNNModel", "m.mnn", "--bizCode", "g",
                   "--keepInputFormat=1"])
given = []
for a in (x, grid):
    given.append(F.placeholder(list(a.shape), F.NCHW, F.float))
    given[-1].write(a)
net = MNN.nn.load_module_from_file("m.mnn", ["X", "G"], ["Y"])
y = np.array(F.convert(net.forward(given)[0], F.NCHW).read(), np.float32)
''',
    "litert": MODEL.format(version=20) + '''import glob, os, subprocess, tempfile
from ai_edge_litert.interpreter import Interpreter
os.chdir(tempfile.mkdtemp())
open("m.onnx", "wb").write(model.SerializeToString())
subprocess.run(["onnx2tf", "-i", "m.onnx", "-o", "out", "-b", "1", "-kat", "X", "G", "-n"], check=True)
ready = Interpreter(glob.glob("out/*_float32.tflite")[0])
ready.allocate_tensors()
for detail in ready.get_input_details():
    ready.set_tensor(detail["index"], x if "X" in detail["name"] else grid)
ready.invoke()
y = ready.get_tensor(ready.get_output_details()[0]["index"])
if y.shape != (*x.shape[:2], *grid.shape[1:-1]):
    y = np.moveaxis(y, -1, 1)  # channels come last
''',
    "opencv-dnn": MODEL.format(version=20) + '''import cv2
net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
net.setInput(x, "X")
net.setInput(grid, "G")
y = net.forward()
''',
    "opencv-remap": PIXELS + '''import cv2
borders = {"zeros": cv2.BORDER_CONSTANT, "border": cv2.BORDER_REPLICATE,
           "reflection": cv2.BORDER_REFLECT_101 if align_corners else cv2.BORDER_REFLECT}
modes = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
y = np.stack([[cv2.remap(channel, at[n, ..., 0].copy(), at[n, ..., 1].copy(), modes[mode],
                         borderMode=borders[padding_mode]) for channel in x[n]] for n in range(len(x))])
''',
    "scipy": PIXELS + BORDER.format(zeros="grid-constant", start="from scipy.ndimage import map_coordinates") +
             MAP_COORDINATES.format(more=", prefilter=False"),
    "jax": JAX + MAP_COORDINATES.format(more=""),
    "openvino": '''import openvino
from openvino import opset9
parameters = [opset9.parameter(a.shape, a.dtype) for a in (x, grid)]
node = opset9.grid_sample(*parameters, {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners})
compiled = openvino.Core().compile_model(openvino.Model([node], parameters), "CPU",
                                         {"INFERENCE_PRECISION_HINT": "f32"})
y = compiled([x, grid])[0]
''',
    "ncnn": '''import ncnn
net = ncnn.Net()
modes, paddings = ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection")
net.load_param_mem(f"7767517\\n3 3\\nInput a 0 1 a\\nInput b 0 1 b\\nGridSample s 2 1 a b c "
                   f"0={modes.index(mode) + 1} 1={paddings.index(padding_mode) + 1} 2={int(align_corners)}\\n")
answers = []
for n in range(len(x)):  # a Mat has no batch
    extractor = net.create_extractor()
    extractor.input("a", ncnn.Mat(x[n].copy()))
    extractor.input("b", ncnn.Mat(grid[n].copy()))
    answers.append(np.array(extractor.extract("c")[1]))
y = np.stack(answers)
''',
    "paddle": '''import paddle
paddle.set_device("cpu")
y = paddle.nn.functional.grid_sample(paddle.to_tensor(x), paddle.to_tensor(grid), mode=mode,
                                     padding_mode=padding_mode, align_corners=align_corners).numpy()
''',
    "jittor": '''import jittor
y = jittor.nn.grid_sample(jittor.array(x), jittor.array(grid), mode, padding_mode, align_corners).numpy()
''',
    "mindspore": '''import mindspore
mindspore.set_device("CPU")
y = mindspore.ops.grid_sample(mindspore.Tensor(x), mindspore.Tensor(grid), mode=mode, padding_mode=padding_mode,
                              align_corners=align_corners).asnumpy()
''',
}
GRADIENTS = {
    "torch": TORCH + TORCH_GRADIENTS.format(call="call"),
    "torch-compile": TORCH + TORCH_GRADIENTS.format(call="torch.compile(call)"),
    "jax": JAX + '''def call(x, at):
    places = jax.numpy.moveaxis(at, -1, 1)[:, ::-1]
    return jax.numpy.stack([jax.numpy.stack([
        map_coordinates(channel, list(places[n]), order={"nearest": 0, "bilinear": 1}[mode], mode=border[padding_mode])
        for channel in x[n]]) for n in range(len(x))])
of_input, of_at = map(np.asarray, jax.vjp(call, x, at)[1](grad_output))
# A position moves by so many pixels with each unit of its coordinate; NaN stands still.
gradients = {"input": of_input, "grid": np.where(np.isnan(grid), 0, of_at * (sizes - align_corners) / 2)}
''',
    "paddle": '''import paddle
paddle.set_device("cpu")
x, g = (paddle.to_tensor(a, stop_gradient=name not in wanted) for name, a in (("input", x), ("grid", grid)))
y = paddle.nn.functional.grid_sample(x, g, mode=mode, padding_mode=padding_mode, align_corners=align_corners)
asked = [a for name, a in (("input", x), ("grid", g)) if name in wanted]
gradients = dict(zip(wanted, [a.numpy() for a in paddle.grad(y, asked, paddle.to_tensor(grad_output))]))
''',
    "jittor": '''import jittor
x, g = jittor.array(x), jittor.array(grid)
y = jittor.nn.grid_sample(x, g, mode, padding_mode, align_corners)
asked = [a for name, a in (("input", x), ("grid", g)) if name in wanted]
gradients = dict(zip(wanted, [a.numpy() for a in jittor.grad((y * jittor.array(grad_output)).sum(), asked)]))
''',
    "mindspore": '''import mindspore
mindspore.set_device("CPU")
def call(x, g):
    return mindspore.ops.grid_sample(x, g, mode=mode, padding_mode=padding_mode, align_corners=align_corners)
pull = mindspore.vjp(call, mindspore.Tensor(x), mindspore.Tensor(grid))[1]
gradients = dict(zip(("input", "grid"), [a.asnumpy() for a in pull(mindspore.Tensor(grad_output))]))
''',
}
DTYPES = {"f16": "np.float16", "f32": "np.float32", "f64": "np.float64", "i32": "np.int32"}
TORCH_DTYPES = {**DTYPES, "bf16": "np.float32"}  # NumPy has no bfloat16
BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
DEFAULTS = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": False}


def number(text):
    value = float.fromhex(text) if "0x" in text else float(text)
    return repr(value) if abs(value) != float("inf") and value == value else f'float("{value}")'


def array(tensor):
    values = [number(text) for text in tensor["values"]]
    shape = [int(size) for size in tensor["shape"]]
    dtype = TORCH_DTYPES[tensor["dtype"]]
    if len(values) > 8 and len(set(values)) == 1:
        return f"np.full({shape}, {values[0]}, {dtype})"
    return f"np.array([{', '.join(values)}], {dtype}).reshape({shape})"


def torch_tensor(name, tensor):
    return f"torch.from_numpy({name})" + ".bfloat16()" * (tensor["dtype"] == "bf16")


def comment(text):
    """Foreign text as comments. Only a line feed ends a line, and no character changes the display order."""
    def shown(character):
        is_control = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in BIDIRECTIONAL
        return "\ufffd" if is_control else character

    return "".join(f"# {''.join(map(shown, line))}\n" for line in text.split("\n"))


def name_of(subject):
    """The script's peer; None where no script can be written, so that an alias is never mistaken for a library."""
    name = subject["subject"]
    if name.startswith("peer:"):
        return name.removeprefix("peer:")
    return name if re.fullmatch(r"torch-[0-9.]+", name) else None


def heading_of(subject, finding, requirements):
    # The second line may name an encoding, so that is said here and not in somebody's words.
    text = "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n" + comment(f"{subject['name']}: {finding['title']}")
    text += comment(f"{finding['sentence']} {finding['cause']}".strip())
    return text + comment(f"pip install {' '.join(requirements)}")


def arguments_of(tensors, options, is_torch):
    """x, grid and, of gradients, grad_output; and the options."""
    text = "import numpy as np\n" + "import torch\n" * is_torch
    text += "".join(f"\n{name} = {array(tensor)}" for name, tensor in tensors.items())
    options = {**DEFAULTS, **options}
    text += (f"\nmode, padding_mode, align_corners = {options['mode']!r}, {options['padding_mode']!r}, "
             f"{bool(options['align_corners'])}\n")
    if is_torch:
        for name, own in (("x", "x"), ("grid", "g"), ("grad_output", "grad_output")):
            if name in tensors:
                text += f"{own} = {torch_tensor(name, tensors[name])}\n"
    return text


def output_of(finding):
    """Prints the sample of the output that the finding is about; all of it, where there is none."""
    shape = [int(size) for size in finding["grid"]["shape"]]
    if len(shape) <= 2 or not all(shape[:-1]):
        return "\nprint(y)\n"
    place, sample = [], int(finding["sample"])
    for size in shape[-2:0:-1]:
        place.insert(0, sample % size)
        sample //= size
    where = ", ".join(map(str, [sample, int(finding["channel"]), *place]))
    return f"\nprint('got     ', np.asarray(y)[{where}])\nprint('expected', {finding['admissible']!r})\n"


def gradient_of(finding, backward):
    """Prints the number of the gradient that the finding is about."""
    name = str(backward["gradient"])
    return (f"\nprint({f'gradient of the {name}: got     '!r}, gradients[{name!r}].flatten()[{int(backward['element'])}])\n"
            f"print({f'gradient of the {name}: expected'!r}, {finding['admissible']!r})\n")


def script_of(subject, finding, requirements):
    """The script, or None where none can be written."""
    name = name_of(subject)
    if name is not None and re.fullmatch(r"torch-[0-9.]+", name):
        requirements, name = ["numpy", name.replace("-", "==")], "torch"
    backward = finding.get("backward")
    texts = GRADIENTS if backward else SCRIPTS
    tensors = {"x": finding["input"], "grid": finding["grid"]}
    if backward:
        tensors["grad_output"] = backward["grad_output"]
    is_torch = texts.get(name, "").startswith(TORCH)
    dtypes = TORCH_DTYPES if is_torch else DTYPES
    if name not in texts or any(t["dtype"] not in dtypes or t["values"] is None for t in tensors.values()):
        return None
    text = heading_of(subject, finding, requirements) + arguments_of(tensors, finding["options"], is_torch)
    if backward:
        text += f"wanted = {[str(of) for of in backward['wanted']]!r}\n"
    return text + "\n" + texts[name] + (gradient_of(finding, backward) if backward else output_of(finding))


def write(matrix_file, requirements_of):
    """Writes a script for each finding of a matrix.json into scripts/ beside it; returns how many."""
    matrix = json.loads(pathlib.Path(matrix_file).read_text())
    contents = {}
    for subject in matrix["subjects"]:
        name = name_of(subject)
        for number_, finding in enumerate(subject["findings"], 1):
            text = script_of(subject, finding, requirements_of(name))
            if text is not None:
                contents[f"{name}-{number_}.py"] = text.encode()
    own_files.write(pathlib.Path(matrix_file).parent / "scripts", contents)
    return len(contents)
