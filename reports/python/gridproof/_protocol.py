"""A function as a subject: the process protocol (reference/contract/protocol.md), for all who serve it.

Imports nothing of this package and no library of arrays before one is asked for: gridproof.torch runs
in Pythons that have neither NumPy nor this package installed.
"""
import binascii
import ctypes
import functools
import json
import os

DECLARED = {  # what a subject may say that it supports, and the names for it
    "dtypes": ("f16", "bf16", "f32", "f64"),
    "ranks": (4, 5),
    "modes": ("bilinear", "nearest", "bicubic"),
    "padding_modes": ("zeros", "border", "reflection"),
    "align_corners": (False, True),
    "layouts": ("dense", "strided", "negative"),
}
OPTIONS = ("mode", "padding_mode", "align_corners")  # one that is left out is left to the function
SHORT = {"float16": "f16", "bfloat16": "bf16", "float32": "f32", "float64": "f64", "int32": "i32"}
LONG = {short: long for long, short in SHORT.items()}
MOST_BYTES = 192 << 20  # of an output: the program accepts lines of 256 MiB, in base64
MOST_SAID = 1000  # characters of a message


class Unsupported(Exception):
    """To be raised by a function on trial for what it does not support: a dtype, a rank, a mode.

    What is unsupported counts neither for nor against it. NotImplementedError says the same.
    """


class NoAnswer(Exception):
    """What came back is no array that the protocol can say."""


def text(value) -> str:
    """Somebody's text, short and valid."""
    return str(value)[:MOST_SAID].encode("utf-8", "replace").decode()


def sentence(why: BaseException) -> str:
    try:
        return text(f"{type(why).__name__}: {why}")
    except Exception:  # of its own __str__
        return type(why).__name__


# ---- Arrays, library by library ----


class Library:
    """Whose arrays a function takes, and what its exceptions mean; `said` is what they say."""

    differentiates = False  # whether it finds gradients itself

    def is_unsupported(self, why: BaseException, said: str) -> bool:
        return isinstance(why, (Unsupported, NotImplementedError))

    def is_fault(self, why: BaseException, said: str) -> bool:
        """Whether it is about this machine or the function, and not about the question."""
        return isinstance(why, (MemoryError, RecursionError)) or not isinstance(why, Exception)


class NumPy(Library):
    """Arrays with the storage and the strides of the question; bf16 as ml_dtypes has it."""

    def __init__(self, device=None):
        import numpy
        self.numpy = numpy
        self.title = f"NumPy {numpy.__version__}"
        if device not in (None, "cpu"):
            raise ValueError(f"device: {device!r} is not where NumPy's arrays are; expected 'cpu'")
        self.has = dict(DECLARED)
        try:
            import ml_dtypes
            self.bfloat16 = ml_dtypes.bfloat16
        except ImportError:
            self.has["dtypes"] = ("f16", "f32", "f64")
        # NumPy itself has no bf16: whoever takes it says so.
        self.usual = {"dtypes": ("f16", "f32", "f64")}

    def array(self, storage: bytearray, tensor: dict):
        dtype = self.bfloat16 if tensor["dtype"] == "bf16" else LONG[tensor["dtype"]]
        elements = self.numpy.frombuffer(storage, dtype)
        if "strides" not in tensor:
            return elements.reshape(tensor["shape"])
        strides = [stride * elements.itemsize for stride in tensor["strides"]]
        return self.numpy.lib.stride_tricks.as_strided(elements[tensor["offset"]:], tensor["shape"], strides)

    def elements(self, output) -> tuple:
        """dtype, shape and the bytes of the elements."""
        if not hasattr(output, "__array__"):
            raise NoAnswer(f"it returned {_named(output)}, not an array")
        array = self.numpy.asarray(output)
        short = _short(array.dtype.name, array.nbytes)
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        return short, array.shape, self.numpy.ascontiguousarray(array).tobytes()


class Torch(Library):
    """Tensors with the storage and the strides of the question, on a device. Does without NumPy."""

    differentiates = True

    def __init__(self, device=None):
        import torch
        self.torch = torch
        self.device = torch.device(device or "cpu")
        self.title = f"torch {torch.__version__}"
        if self.device.type != "cpu":
            self.title += f" on {self.device}"
        self.has = {**DECLARED, "layouts": ("dense", "strided")}  # torch has no negative strides
        if self.device.type == "mps":
            self.has["dtypes"] = ("f16", "bf16", "f32")
        self.usual = {}
        torch.zeros(1, device=self.device)  # raises where there is no such device

    def array(self, storage: bytearray, tensor: dict):
        torch = self.torch
        dtype = getattr(torch, LONG[tensor["dtype"]])
        elements = torch.frombuffer(storage, dtype=dtype) if storage else torch.empty(0, dtype=dtype)
        elements = elements.to(self.device)
        if "strides" not in tensor:
            return elements.reshape(tensor["shape"])
        # torch takes no negative stride, not even along an axis of one element, where it means nothing.
        strides = [stride if size > 1 else abs(stride) for size, stride in zip(tensor["shape"], tensor["strides"])]
        if min(strides, default=0) < 0:
            raise Unsupported(f"negative strides: {strides}")
        return elements.as_strided(tensor["shape"], strides, tensor["offset"])

    def elements(self, output) -> tuple:
        if not isinstance(output, self.torch.Tensor):
            raise NoAnswer(f"it returned {_named(output)}, not a tensor")
        if output.layout != self.torch.strided:
            raise NoAnswer(f"it returned a tensor of layout {output.layout}")
        size = output.numel() * output.element_size()
        short = _short(str(output.dtype).removeprefix("torch."), size)
        dense = output.detach().cpu().resolve_neg().contiguous()
        return short, tuple(dense.shape), ctypes.string_at(dense.data_ptr(), size) if size else b""

    def gradients(self, function, grad_output, input, grid, output_mask, **options) -> list:
        """By autograd, which is told of those tensors alone whose gradients are wanted."""
        wanted = [tensor.requires_grad_() for tensor, is_wanted in zip((input, grid), output_mask) if is_wanted]
        with self.torch.enable_grad():
            try:
                output = function(input, grid, **options)
            except Exception as why:  # perhaps only because of what autograd notes
                function(input.detach(), grid.detach(), **options)
                raise Unsupported(f"gradients: autograd cannot follow it: {sentence(why)}") from why
        if not isinstance(output, self.torch.Tensor):
            raise NoAnswer(f"it returned {_named(output)}, not a tensor")
        if not wanted:
            return [None, None]
        if not output.requires_grad:
            raise Unsupported("gradients: what it returns does not depend on its tensors, for autograd")
        if grad_output.dtype != output.dtype:  # autograd would convert it, and nobody see what was asked
            raise Unsupported(f"a gradient of {grad_output.dtype} for an output of {output.dtype}")
        found = self.torch.autograd.grad(output, wanted, grad_output, allow_unused=True)
        # None is nothing that is added to anybody's gradient.
        found = iter([self.torch.zeros_like(x) if y is None else y for x, y in zip(wanted, found)])
        return [next(found) if is_wanted else None for is_wanted in output_mask]

    def is_unsupported(self, why: BaseException, said: str) -> bool:
        # "not implemented for 'Half'", an exception of another type in each version.
        return super().is_unsupported(why, said) or "not implemented for" in said

    def is_fault(self, why: BaseException, said: str) -> bool:
        faults = ("OutOfMemoryError", "DefaultCPUAllocator", "INTERNAL ASSERT FAILED")
        return super().is_fault(why, said) or any(fault in said for fault in faults)


class Jax(NumPy):
    """Arrays of JAX, which have no strides: they are only asked in dense layouts."""

    differentiates = True

    def __init__(self, device=None):
        super().__init__()
        import jax
        self.jax = jax
        platform, _, number = (device or "").partition(":")
        self.device = jax.devices(platform)[int(number or 0)] if device else None
        self.title = f"JAX {jax.__version__}" + (f" on {device}" if device not in (None, "cpu") else "")
        self.has = {**DECLARED, "layouts": ("dense",)}
        if not jax.config.jax_enable_x64:
            self.has["dtypes"] = ("f16", "bf16", "f32")
        self.usual = {}

    def array(self, storage: bytearray, tensor: dict):
        return self.jax.device_put(super().array(storage, tensor), self.device)

    def gradients(self, function, grad_output, input, grid, output_mask, **options) -> tuple:
        """By vjp. What that cannot follow is unsupported, unless the function refuses the question itself."""
        try:
            _, pull = self.jax.vjp(lambda *tensors: function(*tensors, **options), input, grid)
        except Exception as why:
            function(input, grid, **options)
            raise Unsupported(f"gradients: jax.vjp cannot follow it: {sentence(why)}") from why
        return pull(grad_output)


LIBRARIES = {"numpy": NumPy, "torch": Torch, "jax": Jax}


def library(like: str, device=None):
    if like not in LIBRARIES:
        raise ValueError(f"like: {like!r} is not one of {', '.join(LIBRARIES)}")
    return LIBRARIES[like](device)


def _named(output) -> str:
    return "None" if output is None else text(f"an object of type {type(output).__qualname__}")


def _short(name: str, size: int) -> str:
    if name not in SHORT:
        raise NoAnswer(f"it returned an array of dtype {name}")
    if size > MOST_BYTES:
        raise NoAnswer(f"it returned an array of {size:,} bytes")
    return SHORT[name]


# ---- What is supported ----


def supports(arrays, declared: dict) -> dict:
    """`declared` in the protocol's words, beside what the library of the arrays can say at all.

    A single value is as good as a list of one; dtypes may be named as the libraries name them.
    """
    said = {key: list(arrays.usual.get(key, arrays.has[key])) for key in DECLARED
            if arrays.usual.get(key, arrays.has[key]) != DECLARED[key]}
    for key, values in declared.items():
        if key not in DECLARED:
            raise TypeError(f"{key!r} is no option; what a function supports is said by {', '.join(DECLARED)}")
        if values is None:
            continue
        if isinstance(values, (str, int)) or not hasattr(values, "__iter__"):
            values = [values]
        said[key] = [_one(key, value, arrays) for value in values]
    return said


def _one(key: str, value, arrays):
    if key == "dtypes":
        name = str(getattr(value, "__name__", value)).removeprefix("torch.")
        value = SHORT.get(name, name)
    if value not in DECLARED[key] or (key == "align_corners") != isinstance(value, bool):
        raise ValueError(f"{key}: {value!r} is not one of {', '.join(map(str, DECLARED[key]))}")
    if value not in arrays.has[key]:
        raise ValueError(f"{key}: {arrays.title} has no {value}" +
                         (" (pip install ml_dtypes)" if value == "bf16" else ""))
    return value


# ---- Questions and replies ----


class Subject:
    """A function that answers questions.

    info: what `started` says of it: name, version, supports, ...
    refusals: the exceptions by which the function says that the operator has no answer. Any other
        is an error: the question then counts as lost.
    gradients: a function of gradients, called as gradients(grad_output, input, grid, output_mask=, ...);
        without one, those that the library of the arrays finds, if it does.
    """

    def __init__(self, function, arrays, info: dict, refusals=Exception, gradients=None):
        if gradients is None and arrays.differentiates:
            gradients = functools.partial(arrays.gradients, function)
        if gradients is not None:
            info = {**info, "supports": {**info.get("supports", {}), "gradients": ["input", "grid"]}}
        self.function, self.arrays, self.info, self.refusals = function, arrays, info, refusals
        self.gradients = gradients

    def reply(self, message: dict) -> dict:
        if message["type"] == "start":
            return {"type": "started", "protocol": 1, **self.info}
        return {"id": message["id"], **self._answer(message)}

    def _answer(self, case: dict) -> dict:
        of_output = case["type"] == "case"
        names = ("input", "grid") if of_output else ("grad_output", "input", "grid")
        mask = {} if of_output else {"output_mask": case["output_mask"]}
        unknown = case.keys() - {"type", "id", *names, *mask, *OPTIONS}
        if unknown:  # it may change the question
            return {"type": "unsupported", "what": text(f"a case with {', '.join(sorted(unknown))}")}
        given = {name: binascii.a2b_base64(case[name]["data"]) for name in names}
        storages = {name: bytearray(data) for name, data in given.items()}
        try:
            tensors = [self.arrays.array(storages[name], case[name]) for name in names]
        except Unsupported as why:
            return {"type": "unsupported", "what": str(why)}
        except Exception as why:
            return {"type": "error", "message": f"its tensors cannot be made: {sentence(why)}"}
        process = os.getpid()
        try:
            function = self.function if of_output else self.gradients
            result = function(*tensors, **mask, **{key: case[key] for key in OPTIONS if key in case})
        except KeyboardInterrupt:
            raise
        except NoAnswer as why:
            return {"type": "error", "message": str(why)}
        except BaseException as why:
            return self._exception(why)
        finally:
            if os.getpid() != process:  # a fork of the function's came back as well
                os._exit(0)
        for name, data in given.items():
            if storages[name] != data:
                return {"type": "error", "message": f"the function changed its {name}"}
        try:
            if of_output:
                return {"type": "answer", "output": self._tensor(result)}
            if not isinstance(result, (tuple, list)) or len(result) != 2:
                raise NoAnswer(f"it returned {_named(result)}, not two gradients")
            both = zip(("grad_input", "grad_grid"), result, mask["output_mask"])
            return {"type": "gradients", **{name: self._tensor(gradient) for name, gradient, wanted in both if wanted}}
        except NoAnswer as why:
            return {"type": "error", "message": str(why)}

    def _exception(self, why: BaseException) -> dict:
        said = sentence(why)
        is_fault = self.arrays.is_fault(why, said)
        if not is_fault and self.arrays.is_unsupported(why, said):
            return {"type": "unsupported", "what": said}
        if is_fault or not isinstance(why, self.refusals):
            return {"type": "error", "message": f"the function raised {said}"}
        clause = getattr(why, "clause", None)  # gridproof.Refused has one
        known = {"clause": text(clause)} if isinstance(clause, str) and clause else {}
        return {"type": "refused", "message": said, **known}

    def _tensor(self, array) -> dict:
        """Raises NoAnswer with the reason why it is none."""
        try:
            dtype, shape, data = self.arrays.elements(array)
        except NoAnswer:
            raise
        except Exception as why:
            raise NoAnswer(f"what it returned cannot be read: {sentence(why)}") from why
        if len(shape) > 8:
            raise NoAnswer(f"it returned an array of {len(shape)} dimensions")
        return {"dtype": dtype, "shape": [int(size) for size in shape],
                "data": binascii.b2a_base64(data, newline=False).decode()}


def serve(questions, replies, subject: Subject) -> None:
    """Answers what comes on a binary file until it ends or says stop."""
    for line in questions:
        message = json.loads(line)
        if message["type"] == "stop":
            return
        replies.write(json.dumps(subject.reply(message)).encode() + b"\n")
        replies.flush()


def serve_process(make_subject) -> None:
    """Answers on the standard streams, in a process of its own, and ends that.

    What a library prints, when it is imported or later, goes to the standard error, and nobody else
    reads the questions. make_subject: makes the subject; an exception of it says why there is none.
    """
    questions = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    status = 0
    try:
        subject = make_subject()
    except KeyboardInterrupt:
        os._exit(130)
    except BaseException as why:
        message = str(why) if isinstance(why, NoSubject) else sentence(why)
        replies.write(json.dumps({"type": "error", "message": text(message)}).encode() + b"\n")
        replies.flush()
        status = 2
    else:
        try:
            serve(questions, replies, subject)
        except KeyboardInterrupt:
            status = 130
        except BrokenPipeError:  # nobody listens any more
            status = 1
    os._exit(status)  # the function may have left threads


class NoSubject(Exception):
    """Why there is nothing to serve, in a sentence."""
