#!/usr/bin/env python3
"""A grid_sample in Python, to be judged. Copy this file, put yours in, and try it:
    gridproof smoke --subject 'process:python3 adapter.py'"""
import base64, json, os, sys
import numpy as np
NAMES = {"f16": "<f2", "f32": "<f4", "f64": "<f8", "i32": "<i4", "bf16": "<u2"}  # bf16 as its bits
DTYPES = {name: dtype for dtype, name in NAMES.items()}
OPTIONS = "mode", "padding_mode", "align_corners"  # one that is left out is left to the function

class Unsupported(Exception): """Raise this for what you do not support (a dtype, a rank, a mode)."""

def array_of(tensor):
    storage = np.frombuffer(base64.b64decode(tensor["data"]), NAMES[tensor["dtype"]])
    if "strides" not in tensor:
        return storage.reshape(tensor["shape"])
    return np.lib.stride_tricks.as_strided(storage[tensor["offset"]:], tensor["shape"],
                                           [n * storage.itemsize for n in tensor["strides"]])

def message_of(array):
    return {"dtype": DTYPES[array.dtype.str], "shape": array.shape,
            "data": base64.b64encode(np.ascontiguousarray(array)).decode()}

def answer(case, grid_sample, refusals, backward=None):
    of_output = case["type"] == "case"
    tensors = ("input", "grid") if of_output else ("grad_output", "input", "grid")
    options = OPTIONS if of_output else (*OPTIONS, "output_mask")
    arrays = [array_of(case[name]) for name in tensors]
    try:
        unknown = case.keys() - {"type", "id", *tensors, *options}  # may change the question
        if unknown: raise Unsupported(f"a case with {', '.join(sorted(unknown))}")
        function = grid_sample if of_output else backward
        result = function(*arrays, **{key: case[key] for key in options if key in case})
    except Unsupported as why: return {"type": "unsupported", "what": str(why)}
    except MemoryError: raise  # which is about this machine, not about the question
    except refusals as why: return {"type": "refused", "message": f"{type(why).__name__}: {why}"[:1000]}
    if of_output: return {"type": "answer", "output": message_of(result)}
    gradients = zip(("grad_input", "grad_grid"), result, case["output_mask"])
    return {"type": "gradients", **{name: message_of(array) for name, array, is_wanted in gradients if is_wanted}}

def serve(grid_sample, refusals=Exception, backward=None, **info):
    """Answers the questions. An exception that is not in `refusals` is an error, not an answer.
    Gradients, for those who have them: backward(grad_output, input, grid, output_mask=, **options) returns
    that of the input and that of the grid; what output_mask does not ask for may be None."""
    if backward: info["supports"] = {"gradients": ["input", "grid"], **info.get("supports", {})}
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not get among the messages
    for message in map(json.loads, sys.stdin):
        if message["type"] == "stop": break
        if message["type"] == "start": reply = {"type": "started", "protocol": 1, **info}
        else:
            try: reply = answer(message, grid_sample, refusals, backward)
            except Exception as why: reply = {"type": "error", "message": f"{type(why).__name__}: {why}"[:1000]}
            reply["id"] = message["id"]
        print(json.dumps(reply), file=out, flush=True)

if __name__ == "__main__":
    from numpy_grid_sample import grid_sample, grid_sample_backward  # here come yours
    serve(grid_sample, backward=grid_sample_backward, name="NumPy example", version="1",
          supports={"dtypes": ["f32", "f64"]})
