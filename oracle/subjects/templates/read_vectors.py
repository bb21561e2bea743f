#!/usr/bin/env python3
"""Runs the cases that `gridproof vectors --out FOLDER` wrote on a grid_sample of NumPy arrays:
    python3 read_vectors.py FOLDER [MODULE [PROFILE]]"""
import base64, importlib, json, math, pathlib, sys
import numpy as np
DTYPES = {"f32": "<f4", "f64": "<f8", "i32": "<i4"}  # and "f16": "<f2" where that is computed in f32

def array_of(tensor):
    storage = np.frombuffer(base64.b64decode(tensor["data"]), DTYPES[tensor["dtype"]])
    strides = [n * storage.itemsize for n in tensor["strides"]] if "strides" in tensor else None
    return np.ndarray(tensor["shape"], storage.dtype, storage, tensor.get("offset", 0) * storage.itemsize, strides)

def admits(answers, x):
    def place(number): return float(number), math.copysign(1, float(number))  # -0 stands before +0
    others = [float(other["value"]) for other in answers.get("latitude", [])]
    if "silent" in answers or math.isnan(x):
        return "silent" in answers or "nan" in answers or any(map(math.isnan, others))
    return x in others or any(place(lo) <= place(x) <= place(hi) for lo, hi in answers["intervals"])

def complaint(vector, profile, grid_sample):
    options = {key: vector[key] for key in ("mode", "padding_mode", "align_corners") if key in vector}
    try:
        output = grid_sample(array_of(vector["input"]), array_of(vector["grid"]), **options)
    except Exception as why:
        return "" if "refusal" in vector else f"refused: {why}"
    if "refusal" in vector: return f"answered what [{vector['refusal']['clause']}] refuses"
    right = array_of(vector["output"])
    if (output.dtype, output.shape) != (right.dtype, right.shape):
        return f"{output.dtype}{output.shape} where {right.dtype}{right.shape} is right"
    pairs = zip(output.ravel().tolist(), vector["admissible"][profile])
    return "; ".join(f"{x!r} is not one of {answers}" for x, answers in pairs if not admits(answers, x))

def gradient_complaint(vector, profile, backward):
    options = {key: vector[key] for key in ("mode", "padding_mode", "align_corners", "output_mask") if key in vector}
    try:
        both = backward(*(array_of(vector[key]) for key in ("grad_output", "input", "grid")), **options)
    except Exception as why:
        return "" if "refusal" in vector else f"refused: {why}"
    if "refusal" in vector: return f"answered what [{vector['refusal']['clause']}] refuses"
    return "; ".join(f"{name}: {x!r} is not one of {answers}" for name, given in zip(("grad_input", "grad_grid"), both)
                     if name in vector for x, answers in zip(given.ravel().tolist(), vector["admissible"][profile][name])
                     if "undecided" not in answers and not admits(answers, x))

if __name__ == "__main__":
    folder, module, profile = [*sys.argv[1:], *["numpy_grid_sample", "P1"][len(sys.argv) - 2:]]
    index, judged = json.loads(pathlib.Path(folder, "vectors.json").read_text()), importlib.import_module(module)
    backward = getattr(judged, "grid_sample_backward", None)  # a module without it is asked for no gradients
    files = [clause["file"] for clause in [*index["clauses"], *(index["gradients"] if backward else [])]]
    vectors = [vector for file in files for vector in json.loads(pathlib.Path(folder, file).read_text())["vectors"]
               if {vector[key]["dtype"] for key in ("input", "grid", "grad_output") if key in vector} <= DTYPES.keys()]
    whys = [gradient_complaint(vector, profile, backward) if "grad_output" in vector else
            complaint(vector, profile, judged.grid_sample) for vector in vectors]
    print(*(f"{vector['case']}\n    {why}\n" for vector, why in zip(vectors, whys) if why), sep="", end="")
    sys.exit(print(f"{whys.count('')} of {len(whys)} cases are right") or int(any(whys)))
