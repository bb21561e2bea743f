#!/usr/bin/env python3
"""Holds adapters to the standard of what they adapt.

    adapters_test.py [NAME...]                  peers: those named, or all
    adapters_test.py --command TITLE PROGRAM... another program that speaks the process protocol

It puts the specification's own cases, and some more, to each, and looks at what an adapter can spoil,
whatever the implementation behind it does:

- the answer to tensors in another layout (channels last, transposed, sliced, reversed, expanded,
  overlapping) has the bits of the answer to dense copies of the same values;
- the same question, asked again in another order, gets the same bits, and none the answer of another;
- nothing is declined by its values: other values of the same shapes are not declined either;
- an option that nobody has is no other option's name: no answer, but for those who say so themselves;
- numbers arrive in their own dtype, and batch entries and channels where they belong;
- a view that stands for gigabytes is answered or declined, and does no harm;
- gradients, of those who have them, belong to their batch entries, channels and axes, are the same in
  every layout, alone and together, and nothing is left in them of the question before;
- the scripts for bug reports, which need no adapter, run, and print what is right where nobody is wrong.

A subject that is lost for a question is restarted; that is its own finding, not its adapter's, unless
it answers the same question in another layout. Exit status 1 when something is wrong, 77 when nobody
could be tested.
"""
import base64
import itertools
import json
import math
import os
import pathlib
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile

import peers
import scripts

SEMANTICS = peers.HERE.parent.parent.parent / "reference" / "semantics"
MOST_WRONG = 8
MOST_ELEMENTS = 1 << 16  # of a view that is put in other layouts too: a Python list has 8 bytes and a number for each
DEFAULTS = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": False}
FORMATS = {"f16": "e", "f32": "f", "f64": "d", "i32": "i", "bf16": "H"}

# What was looked up in the library itself, without its adapter: it answers an option that nobody has ...
ANSWERS_UNKNOWN = {
    "opencv-dnn": "its importer looks for the names that it knows, and has a default",
    "mindspore": "it has more names, in small letters and capitals",
    "onnx-reference": "a padding mode that it does not know is reflection",
    "openvino": "it takes names in capitals as well",
}
# ... or computes in another dtype than it was given: a question, and why it is not put.
NARROWER = {
    "onnx-reference": ("coordinates", "its positions are f32"),
    "mindspore": ("f64", "its kernel takes a Float64 through Float32 where the mode is nearest"),
}

MORE = [
    # Overlapping rows and columns; one image and one row of coordinates for a whole batch.
    "grid_sample input=f32[1,2,3,4]strides[1,2,1,1]{1..8} grid=f32[1,2,2,2]strides[1,1,1,1]offset[1]{9,-0.5,0,0.25,0.75}",
    "grid_sample mode=nearest input=f32[3,2,4,4]strides[0,16,4,1]{1..32} grid=f32[3,2,2,2]strides[0,4,2,1]{-0.25,0.25,0.5,-0.75,0.75,0.75,-0.75,0}",
    "grid_sample padding_mode=border input=f32[2,3,3,5]strides[15,0,5,1]{1..30} grid=f32[2,3,2,2]strides[12,0,2,1]{1..24}",
    "grid_sample input=f32[2,4,3,3,3]strides[0,0,9,3,1]{1..27} grid=f32[2,1,2,2,3]strides[0,0,6,3,1]{0.5,0.25,0,-0.75,0,0.25,0.5,0.5,-0.25,1,1,1}",
    # More channels and samples than a vector has lanes.
    "grid_sample input=f32[2,9,7,11]{1..1386} grid=f32[2,5,7,2]strides[70,14,2,1]{0.5,0.25,-0.375,0.125*137}",
    "grid_sample mode=bicubic input=f64[1,8,7,5]{1..280} grid=f64[1,3,3,2]{0.5,0.25,-0.375,0.125*15}",
]
# Nobody is wrong there: pixels in the middle of the input, at their centers, and what each must be.
CENTERS = {
    "grid_sample mode=nearest input={0}[3,2,2,4]{{1..48}} grid={0}[3,1,2,2]{{0.25,0.5,-0.25,-0.5,-0.75,0.5,0.75,-0.5,-0.25,0.5,0.25,-0.5}}":
        [7, 2, 15, 10, 21, 20, 29, 28, 38, 35, 46, 43],
    "grid_sample mode=nearest input={0}[2,2,2,1,4]{{1..32}} grid={0}[2,1,1,1,3]{{0.25,0,0.5,-0.25,0,-0.5}}": [7, 15, 18, 26],
}
# Values that a narrower dtype does not have; and coordinates that it would take for ties.
EXACT = {
    "f64": ("grid_sample mode=nearest align_corners=False input=f64[1,1,1,4]{0x1.0000000000001p+0,0x1p+1023,0x1p-1022,0} grid=f64[1,1,3,2]"
            "{-0.75,0,-0.25,0,0.25,0}", [1 + 2.0 ** -52, 2.0 ** 1023, 2.0 ** -1022]),
    "f32": ("grid_sample mode=nearest align_corners=False input=f32[1,1,1,4]{0x1.000002p+0,0x1.fffffep+127,0x1p-126,0} grid=f32[1,1,3,2]"
            "{-0.75,0,-0.25,0,0.25,0}", [1 + 2.0 ** -23, 2.0 ** 128 - 2.0 ** 104, 2.0 ** -126]),
    "coordinates": ("grid_sample mode=nearest align_corners=False input=f64[1,1,1,4]{1,2,4,8} grid=f64[1,1,2,2]"
                    "{-0x1.fffffffffcp-2,0,0x1.0000000004p-1,0}", [2, 8]),
    "f16": ("grid_sample mode=nearest align_corners=False input=f16[1,1,1,4]{0x1.004p+0,0x1.ffcp+15,0x1p-14,0} grid=f16[1,1,3,2]"
            "{-0.75,0,-0.25,0,0.25,0}", [1 + 2.0 ** -10, 65504.0, 2.0 ** -14]),
}
# Gradients of nearest, and of bilinear, away from kinks and from the rim.
GRADIENTS = [
    "grid_sample_backward align_corners=False input={0}[1,1,2,4]{{1,2,4,8,3,5,7,6}} grid={0}[1,1,1,2]{{-0.125,0.125}} grad_output={0}[1,1,1,1]{{1}}",
    "grid_sample_backward align_corners=True input={0}[2,2,3,4]{{1..24,9,4,7,1,8,3,6,2,5,0,9,1,2,6,3,8,4,7,5,9,1,6,2,4}} "
    "grid={0}[2,1,3,2]{{-0.5,0.25,0.5,-0.75,0.5,-0.75,0.25,-0.25,-0.75,0.75,0.125,0.5}} grad_output={0}[2,2,1,3]{{1..12}}",
    "grid_sample_backward align_corners=False input={0}[1,2,2,3,4]{{1..24,9,4,7,1,8,3,6,2,5,0,9,1,2,6,3,8,4,7,5,9,1,6,2,4}} "
    "grid={0}[1,1,2,1,3]{{0.125,-0.25,0.25,-0.375,0.125,-0.25}} grad_output={0}[1,2,1,2,1]{{2,-1,3,5}}",
    "grid_sample_backward align_corners=False input={0}[1,2,2,2]{{1..8}} grid={0}[1,2,2,2]{{-0.25,0.25,0.25,0.125,0.375,-0.25,0.125,0.25}} grad_output={0}[1,2,2,2]{{3*8}}",
]
GRADIENTS += [line.replace("_backward ", "_backward mode=nearest ") for line in GRADIENTS]
# What scripts are written for, with what they must print: a pixel at its center, and gradients of bilinear.
ROW = {"input": {"dtype": "f32", "shape": [1, 1, 1, 4], "values": ["1", "2", "4", "8"]},
       "grid": {"dtype": "f32", "shape": [1, 1, 1, 2], "values": ["0.25", "0"]}, "sample": 0, "channel": 0}
ONE = {"dtype": "f32", "shape": [1, 1, 1, 1], "values": ["1"]}
SCRIPTED = {
    "y": {**ROW, "options": {"mode": "nearest"}, "admissible": "4.0"},
    "input": {**ROW, "options": {"align_corners": True}, "admissible": "0.125",
              "backward": {"grad_output": ONE, "wanted": ["input"], "gradient": "input", "element": 1}},
    "grid": {**ROW, "options": {"align_corners": True}, "admissible": "3.0",
             "backward": {"grad_output": ONE, "wanted": ["input", "grid"], "gradient": "grid", "element": 0}},
}
HUGE = "grid_sample mode=nearest input=f32[1,1,32769,65536]strides[0,0,0,1]{0*65536} grid=f32[1,1,1,2]{0,0}"
HUGE_COPIES = [  # whose answers are as large: for those alone that say how much they copy
    "grid_sample input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,65536,65536,2]strides[0,0,0,1]{0,0}",
    "grid_sample input=f32[65536,16384,1,1]strides[0,0,0,0]{1} grid=f32[65536,1,1,2]strides[0,0,0,1]{0,0}",
]


class Tensor:
    """A storage (a list of numbers, or of elements as bytes) and how it is seen."""

    def __init__(self, dtype, shape, storage, strides=None, offset=0):
        self.dtype, self.shape, self.storage, self.offset = dtype, shape, storage, offset
        self.strides = strides

    def values(self):
        """The elements, row-major."""
        if self.strides is None:
            return self.storage
        steps = [[i * stride for i in range(size)] for size, stride in zip(self.shape, self.strides)]
        return [self.storage[self.offset + sum(place)] for place in itertools.product(*steps)]

    def is_huge(self):
        return math.prod(self.shape) > MOST_ELEMENTS

    def dense(self):
        return Tensor(self.dtype, self.shape, self.values())

    def message(self):
        data = base64.b64encode(b"".join(map(self.packed, self.storage))).decode()
        layout = {} if self.strides is None else {"strides": self.strides, "offset": self.offset}
        return {"dtype": self.dtype, "shape": self.shape, "data": data, **layout}

    def packed(self, value):
        if self.dtype == "bf16":
            value = struct.unpack("<I", struct.pack("<f", value))[0] >> 16  # those of the cases are exact
        return struct.pack("<" + FORMATS[self.dtype], value)

    def layout(self):
        if self.strides is None:
            return "dense"
        negative = any(size > 1 and stride < 0 for size, stride in zip(self.shape, self.strides))
        return "negative" if negative else "strided"


def number(text):
    return float.fromhex(text) if "0x" in text else float(text) if not re.fullmatch(r"-?\d+", text) else int(text)


def parse_tensor(text):
    dtype, shape, strides, offset, body = re.fullmatch(
        r"(\w+)\[([\d,]*)\](?:strides\[([-\d,]*)\])?(?:offset\[(\d+)\])?\{(.*)\}", text).groups()
    storage = []
    for item in body.split(",") if body else []:
        if ".." in item:
            first, last = map(int, item.split(".."))
            storage += range(first, last + 1)
        else:
            value, _, count = item.partition("*")
            storage += [-0.0 if value == "-0" else number(value)] * int(count or 1)
    def integers(some): return [int(n) for n in some.split(",")] if some else []
    return Tensor(dtype, integers(shape), storage, None if strides is None else integers(strides), int(offset or 0))


def parse_case(line):
    fields = dict(field.split("=", 1) for field in line.split()[1:])
    tensors = [parse_tensor(fields.pop(name)) for name in ("input", "grid")]
    if "align_corners" in fields:
        fields["align_corners"] = fields["align_corners"] == "True"
    return fields, *tensors


def parse_backward(line):
    fields = dict(field.split("=", 1) for field in line.split()[1:])
    grad_output = parse_tensor(fields.pop("grad_output"))
    return *parse_case("grid_sample " + " ".join(f"{key}={value}" for key, value in fields.items())), grad_output


def places(sizes):
    return itertools.product(*map(range, sizes))


def gradients_of(options, input, grid, grad_output):
    """Those of the input and of the grid, of nearest and of bilinear inside, by the definition."""
    (N, C, *sizes), outputs = input.shape, grid.shape[1:-1]
    is_nearest, align_corners = options.get("mode") == "nearest", options.get("align_corners", False)
    texels = dict(zip(places(input.shape), input.values()))
    coordinates = dict(zip(places(grid.shape), grid.values()))
    given = dict(zip(places(grad_output.shape), grad_output.values()))
    of_input, of_grid = dict.fromkeys(texels, 0.0), dict.fromkeys(coordinates, 0.0)
    for n, *output in places([N, *outputs]):
        xs = [coordinates[(n, *output, len(sizes) - 1 - axis)] for axis in range(len(sizes))]
        at = [(x + 1) / 2 * (size - 1) if align_corners else ((x + 1) * size - 1) / 2 for x, size in zip(xs, sizes)]
        # Along each axis the pixels that are read: which, its weight, and how that grows with the position.
        taps = [[(round(p), 1, 0)] if is_nearest else
                [(math.floor(p), 1 - p % 1, -1), (math.floor(p) + 1, p % 1, 1)] for p in at]
        for corner, c in itertools.product(itertools.product(*taps), range(C)):
            pixel, weights, slopes = zip(*corner)
            g = given[(n, c, *output)]
            of_input[(n, c, *pixel)] += math.prod(weights) * g
            for axis, slope in enumerate(slopes):
                others = math.prod(weights[:axis] + weights[axis + 1:])
                of_grid[(n, *output, len(sizes) - 1 - axis)] += \
                    (sizes[axis] - align_corners) / 2 * slope * others * texels[(n, c, *pixel)] * g
    return list(of_input.values()), list(of_grid.values())


def layouts(tensor):
    """The same values in other layouts; what lies between them is a NaN, or a number that none of them is."""
    dense, rank = tensor.dense(), len(tensor.shape)
    gap = 77 if tensor.dtype == "i32" else math.nan
    if tensor.strides is not None:
        yield "as it is", tensor

    def placed(name, order, steps=1, signs=1, margin=0):
        """With the axes in this order in memory, the last of them the fastest."""
        strides, extent = [0] * rank, 1
        for axis in reversed(order):
            strides[axis] = extent * steps
            extent *= max(tensor.shape[axis], 1) * steps
        first = margin
        for axis in range(rank):
            if signs < 0 and tensor.shape[axis] > 0:
                first += (tensor.shape[axis] - 1) * strides[axis]
        strides = [signs * stride for stride in strides]
        storage = [gap] * (extent + 2 * margin)
        places = itertools.product(*[[i * stride for i in range(size)] for size, stride in zip(tensor.shape, strides)])
        for place, value in zip(places, dense.values()):
            storage[first + sum(place)] = value
        return name, Tensor(tensor.dtype, tensor.shape, storage, strides, first)

    natural = list(range(rank))
    yield placed("with a margin", natural, margin=3)
    yield placed("sliced", natural, steps=2, margin=1)
    yield placed("reversed", natural, signs=-1)
    yield placed("transposed", natural[::-1])
    if rank > 2:
        yield placed("channels last", [0, *natural[2:], 1])
        yield placed("planar", [0, rank - 1, *natural[1:-1]])
        yield placed("transposed in the plane", [*natural[:-2], rank - 1, rank - 2])
    values = dense.values()
    if len(values) > 1 and len({struct.pack("<d", value) for value in values}) == 1:
        yield "expanded", Tensor(tensor.dtype, tensor.shape, values[:1], [0] * rank)


class Lost(Exception):
    """There is no answer, and the process is of no use any more."""


class Enough(Exception):
    """So much is wrong that no more need be looked for."""


class Subject:
    def __init__(self, command, seconds):
        self.command, self.seconds, self.process, self.id = command, seconds, None, 0
        self.info = self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        self.buffer = b""
        return self.exchange({"type": "start", "protocol": 1}, 300)

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            self.process = None

    def exchange(self, message, seconds):
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # what it said last may still be read
        while b"\n" not in self.buffer:
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                raise Lost(f"no answer within {seconds} s")
            more = os.read(self.process.stdout.fileno(), 1 << 20)
            if not more:
                raise Lost("it is gone")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, options, input, grid, **more):
        """The answer without its id: what of it must be the same when the question is."""
        self.id += 1
        try:
            if not self.process:
                self.start()
            reply = self.exchange({"type": "case", "id": self.id, **options, "input": input.message(),
                                   "grid": grid.message(), **more}, self.seconds)
            assert reply.pop("id") == self.id, reply
            return reply
        except Lost as why:
            self.stop()
            return {"type": "lost", "why": str(why)}

    def ask_backward(self, options, input, grid, grad_output, mask=(True, True), **more):
        return self.ask(options, input, grid, type="backward", grad_output=grad_output.message(), output_mask=mask, **more)

    def gradients(self):
        """Whether it has that of the input, and that of the grid."""
        return tuple(name in self.info.get("supports", {}).get("gradients", []) for name in ("input", "grid"))

    def takes_part(self, options, input, grid):
        supports = self.info.get("supports", {})

        def has(key, *values):
            return key not in supports or all(value in supports[key] for value in values)

        options = {**DEFAULTS, **options}
        dtypes = [t.dtype for t in (input, grid) if t.dtype != "i32"]
        ranks = [len(input.shape)] if len(input.shape) in (4, 5) else []
        modes = [options["mode"]] if options["mode"] in ("bilinear", "nearest", "bicubic") else []
        paddings = [options["padding_mode"]] if options["padding_mode"] in ("zeros", "border", "reflection") else []
        return (has("dtypes", *dtypes) and has("ranks", *ranks) and has("modes", *modes) and
                has("padding_modes", *paddings) and has("align_corners", options["align_corners"]) and
                has("layouts", input.layout(), grid.layout()))


def same(one, other, fields):
    if one["type"] == other["type"] == "gradients":
        return one == other
    if one["type"] != "answer" or other["type"] != "answer":
        return one["type"] == other["type"]
    return all(one["output"][field] == other["output"][field] for field in fields)


def numbers(reply):
    if reply["type"] != "answer":
        return reply
    return elements(reply["output"])


def elements(output):
    return [value for value, in struct.iter_unpack("<" + FORMATS[output["dtype"]], base64.b64decode(output["data"]))]


# What must be the same. Where the operator gives no answer, some read beyond their tensors.
ANSWER = ["dtype", "shape", "data"]
VALUELESS = ["dtype", "shape"]


def cases():
    for path in sorted(SEMANTICS.glob("*.md")):
        for line in path.read_text().splitlines():
            match = re.match(r" *case: (grid_sample .*) -> (\w+)", line)
            if match:
                yield match[1], VALUELESS if match[2] == "refused" else ANSWER
    yield from ((line, ANSWER) for line in MORE)


class Test:
    def __init__(self, name, subject, is_peer):
        self.name, self.subject, self.is_peer = name, subject, is_peer
        self.wrong, self.kinds = [], {"answer": 0, "gradients": 0, "refused": 0, "unsupported": 0, "lost": 0, "error": 0}

    def fail(self, line, what, *replies):
        shown = "".join(f"\n      {json.dumps(reply)[:300]}" for reply in replies)
        self.wrong.append(f"{what}\n      {line[:300]}{shown}")
        if len(self.wrong) == MOST_WRONG:
            raise Enough

    def ask(self, *question, **more):
        reply = self.subject.ask(*question, **more)
        self.kinds[reply["type"]] += 1
        return reply

    def run(self):
        try:
            self.unknown_options()
            self.exact_values()
            self.refusals()
            if any(self.subject.gradients()):
                self.gradients()
            self.specification()
            self.huge_tensors()
            if self.is_peer:
                self.scripts()
        except Enough:
            pass

    def gradients(self):
        has = self.subject.gradients()
        asked = []
        for line, dtype in itertools.product(GRADIENTS, ("f32", "f64")):
            line = line.format(dtype)
            options, *tensors = parse_backward(line)
            if not self.subject.takes_part(options, *tensors[:2]):
                continue
            reply = self.ask_backward(options, *tensors, has)
            asked.append((line, options, tensors, reply))
            if reply["type"] in ("unsupported", "lost"):
                continue
            self.right_gradients(line, options, tensors, has, reply)
            for axis, name in enumerate(("input", "grid", "grad_output")):
                for layout, other in layouts(tensors[axis]):
                    others = tensors[:axis] + [other] + tensors[axis + 1:]
                    if other.layout() not in self.subject.info.get("supports", {}).get("layouts", [other.layout()]):
                        continue
                    other_reply = self.ask_backward(options, *others, has)
                    if other_reply["type"] == "unsupported" and "strides" in other_reply["what"]:
                        continue  # by layout
                    if not same(reply, other_reply, ANSWER):
                        self.fail(line, f"gradients are not the same with the {name} {layout}", reply, other_reply)
            if all(has):
                for mask, left_out in (((True, False), "grad_grid"), ((False, True), "grad_input")):
                    alone = self.ask_backward(options, *tensors, mask)
                    if alone["type"] != "lost" and alone != {name: value for name, value in reply.items() if name != left_out}:
                        self.fail(line, f"not the same without {left_out}", reply, alone)
        for line, options, tensors, before in reversed(asked):
            reply = self.ask_backward(options, *tensors, has)
            if reply != before and "lost" not in (reply["type"], before["type"]):
                self.fail(line, "gradients are not the same when asked again", before, reply)
        if asked:
            line, options, tensors, _ = asked[0]
            reply = self.ask_backward(options, *tensors, has, create_graph=True)
            if reply["type"] != "unsupported":
                self.fail(line, "a field that it does not know is ignored", reply)

    def right_gradients(self, line, options, tensors, has, reply):
        if reply["type"] != "gradients":
            return self.fail(line, "no gradients", reply)
        for name, asked, expected, like in zip(("grad_input", "grad_grid"), has, gradients_of(options, *tensors), tensors):
            if not asked:
                continue
            given = reply[name]
            if (given["dtype"], given["shape"]) != (like.dtype, like.shape) or \
                    not all(math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-5) for a, b in zip(elements(given), expected)):
                self.fail(line, f"{name} is not {expected}", elements(given), reply)

    def ask_backward(self, *question, **more):
        reply = self.subject.ask_backward(*question, **more)
        self.kinds[reply["type"]] += 1
        return reply

    def specification(self):
        asked = []
        for line, fields in cases():
            options, input, grid = parse_case(line)
            if input.is_huge() or grid.is_huge():
                self.huge_tensor(line)
                continue
            dense = input.dense(), grid.dense()
            if self.subject.takes_part(options, *dense):
                reply = self.ask(options, *dense)
                asked.append((line, fields, options, dense, reply))
                if reply["type"] == "error":
                    self.fail(line, "an error", reply)
                if reply["type"] not in ("lost", "unsupported"):
                    self.other_layouts(line, fields, options, input, grid, reply)
                self.other_values(line, options, *dense, reply)
        for line, fields, options, dense, before in reversed(asked):
            if before["type"] != "lost":
                reply = self.ask(options, *dense)
                if not same(before, reply, fields):
                    self.fail(line, "not the same when asked again", before, reply)

    def other_layouts(self, line, fields, options, input, grid, expected):
        dense = ("dense", input.dense()), ("dense", grid.dense())
        pairs = [(other, dense[1]) for other in layouts(input)] + [(dense[0], other) for other in layouts(grid)]
        for (name, x), (grid_name, g) in pairs + list(zip(layouts(input), layouts(grid))):
            if not self.subject.takes_part(options, x, g):
                continue
            reply = self.ask(options, x, g)
            if reply["type"] == "unsupported" and "strides" in reply["what"]:
                continue  # by layout
            if not same(expected, reply, fields):
                self.fail(line, f"not the same with the input {name}, the grid {grid_name}", expected, reply)

    def other_values(self, line, options, input, grid, reply):
        """Whatever the values are, a question is declined or it is not."""
        if "f" not in input.dtype or "f" not in grid.dtype or reply["type"] == "lost":
            return
        for x, g in ((0.0, 0.0), (1.0, math.nan), (math.nan, 0.5), (1.0, math.inf), (math.inf, -0.5), (1.0, 60000.0), (-0.0, 2.0 ** -14)):
            other = self.ask(options, Tensor(input.dtype, input.shape, [x] * len(input.values())),
                             Tensor(grid.dtype, grid.shape, [g] * len(grid.values())))
            if (other["type"] == "unsupported") != (reply["type"] == "unsupported") and other["type"] != "lost":
                self.fail(line, f"declined by its values: with texels of {x} and coordinates of {g}", reply, other)

    def unknown_options(self):
        for option, text in [("mode", "no-such-mode"), ("mode", "linear"), ("mode", "cubic"), ("mode", "Nearest"), ("mode", ""),
                             ("mode", "1"), ("padding_mode", "no-such-padding"), ("padding_mode", "reflect"), ("padding_mode", "constant"),
                             ("padding_mode", "mirror"), ("padding_mode", "replicate"), ("padding_mode", "")]:
            line = f"grid_sample {option}={text} input=f32[1,1,1,4]{{1,2,4,8}} grid=f32[1,1,1,2]{{1.5,0}}"
            question = parse_case(line)
            if self.subject.takes_part(*question):
                reply = self.ask(*question)
                if reply["type"] == "answer" and self.name not in ANSWERS_UNKNOWN:
                    self.fail(line, "an option that nobody has is answered", reply)
        question = parse_case("grid_sample input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0,0}")
        if self.subject.takes_part(*question):
            reply = self.ask(*question, gamma=2)
            if reply["type"] != "unsupported":
                self.fail("…, \"gamma\":2", "a field that it does not know is ignored", reply)

    def exact_values(self):
        questions = [(line.format(dtype), answer) for line, answer in CENTERS.items() for dtype in ("f16", "f32", "f64")]
        narrower = NARROWER.get(self.name, [None])[0]
        questions += [question for what, question in EXACT.items() if what != narrower]
        for line, answer in questions:
            question = parse_case(line)
            if self.subject.takes_part(*question):
                reply = self.ask(*question)
                if reply["type"] != "unsupported" and numbers(reply) != answer or \
                        reply["type"] == "answer" and reply["output"]["dtype"] != question[1].dtype:
                    self.fail(line, f"not {answer}", numbers(reply), reply)

    def refusals(self):
        """What the operator refuses does not get the answer to the question before."""
        bad = parse_case("grid_sample input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,3]{0,0,0}")
        replies = []
        for line in ("grid_sample input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{0,0}",
                     "grid_sample input=f32[1,2,2,2]{1..8} grid=f32[1,3,1,2]{0*6}"):
            good = parse_case(line)
            if self.subject.takes_part(*good):
                self.ask(*good)
                replies.append(self.ask(*bad))
        if replies and not same(*replies, VALUELESS):
            self.fail("…grid=f32[1,1,1,3]{0,0,0}", "not the same after another question", *replies)

    def huge_tensors(self):
        for line in [HUGE] + HUGE_COPIES * self.is_peer:
            self.huge_tensor(line)

    def huge_tensor(self, line):
        """It is answered, or declined by its size; and the next question is answered as ever."""
        small = parse_case("grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.25,0}")
        question = parse_case(line)
        if self.subject.takes_part(*question):
            before = self.ask(*small)
            reply = self.ask(*question)
            if reply["type"] not in ("answer", "unsupported"):
                self.fail(line, "neither answered nor declined", reply)
            if not same(before, self.ask(*small), ANSWER):
                self.fail(line, "the next question is not answered as before", before)


    def scripts(self):
        asked = dict(zip(("input", "grid"), self.subject.gradients()))
        for of, finding in SCRIPTED.items():
            if not asked.get(of, True):
                continue
            finding = {**finding, "title": "", "sentence": "", "cause": ""}
            text = scripts.script_of({"subject": f"peer:{self.name}", "name": self.name}, finding, [])
            with tempfile.NamedTemporaryFile("w", prefix="script_", suffix=".py") as file:
                file.write(text)
                file.flush()
                python = [peers.folder_of(self.name) / "bin" / "python", file.name]
                path = f"{python[0].parent}:{os.environ.get('PATH', '')}"
                done = subprocess.run(python, capture_output=True, text=True, check=False,
                                      env={**os.environ, **peers.PEERS[self.name].variables, "PATH": path})
            printed = [line.split()[-1] for line in done.stdout.splitlines() if line.strip()]
            if printed[-2:] != [finding["admissible"]] * 2:
                self.fail(f"the script of {of}", "does not print what is right", done.returncode, done.stdout, done.stderr)


def test(name, command, is_peer):
    try:
        subject = Subject(command, 60)
    except Lost as why:
        print(f"{name}: does not start: {why}")
        return False
    if subject.info["type"] != "started":
        print(f"{name}: does not start: {subject.info.get('message')}")
        return False
    tried = Test(name, subject, is_peer)
    tried.run()
    subject.stop()
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in tried.kinds.items() if count)
    verdict = f"at least {MOST_WRONG}" if len(tried.wrong) == MOST_WRONG else len(tried.wrong) or "nothing"
    print(f"{name}: {sum(tried.kinds.values()):,} questions ({kinds}): {verdict} wrong")
    for what in tried.wrong:
        print(f"    {what}")
    return not tried.wrong


def main(arguments):
    if arguments[:1] == ["--command"]:
        return 0 if test(arguments[1], arguments[2:], False) else 1
    tested = []
    for name in arguments or peers.PEERS:
        if peers.is_installed(name):
            tested.append(test(name, [sys.executable, str(peers.HERE / "peers.py"), "serve", name], True))
        else:
            print(f"{name}: skipped, it is not installed: gridproof peers install {name}")
        sys.stdout.flush()
    return 77 if not tested else 0 if all(tested) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
