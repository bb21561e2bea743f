"""Arrays of other libraries: which kind one is, as something the module can read, and back again.

NumPy is the only library that is imported. An array of torch or JAX is recognized by the module of
its type, so that whoever has neither never loads them, and whoever has them has loaded them already.
"""
import sys
import typing

import numpy

from ._gridproof import Refused

Kind = typing.Literal["numpy", "ml_dtypes", "torch", "jax"]

FLOATS = {"float16": "f16", "bfloat16": "bf16", "float32": "f32", "float64": "f64"}


def kind_of(array) -> Kind:
    """The library whose array this is. A list or a number is as good as a NumPy array."""
    library = type(array).__module__.partition(".")[0]
    if library == "torch":
        return "torch"
    if library in ("jax", "jaxlib"):
        return "jax"
    return "ml_dtypes" if getattr(getattr(array, "dtype", None), "name", "") == "bfloat16" else "numpy"


def is_elsewhere(array) -> str:
    """The device of an array that is not in the memory of this process, or nothing."""
    if kind_of(array) == "torch" and array.device.type != "cpu":
        return str(array.device)
    if kind_of(array) == "jax" and any(device.platform != "cpu" for device in array.devices()):
        return str(next(iter(array.devices())))
    return ""


def host_array(array, name: str) -> tuple[numpy.ndarray, str]:
    """The same elements for the module: a NumPy array and the name of its dtype, such as "f32".

    The elements of bf16 come as their bits, in uint16. Nothing is copied where the strides can be
    said; an array on a device is copied to the host. Raises Refused for a dtype that grid_sample
    does not take, and ValueError for what is not an array.
    """
    kind = kind_of(array)
    if kind == "torch":
        return _torch_array(array, name)
    if kind == "jax":
        array = numpy.asarray(array)
    elif not isinstance(array, numpy.ndarray):
        try:
            array = numpy.asarray(array)
        except ValueError as why:
            raise ValueError(f"{name}: not an array: {why}") from None
        if array.dtype == numpy.float64 or array.dtype.kind in "iu":  # numbers of Python
            array = array.astype(numpy.float32)
    dtype = FLOATS.get(array.dtype.name)
    if dtype is None:
        raise _no_such_dtype(name, array.dtype.name)
    if dtype == "bf16":
        array = array.view(numpy.uint16)
    return _readable(array), dtype


def _no_such_dtype(name: str, dtype: str) -> Refused:
    refused = Refused(f"{name}: grid_sample has no dtype {dtype}; it takes float16, bfloat16, float32 and float64")
    refused.clause = "dtype.supported"
    return refused


def _readable(array: numpy.ndarray) -> numpy.ndarray:
    """The array, or a copy of one whose bytes lie in another order or between elements."""
    odd = any(stride % array.itemsize for stride in array.strides)
    if odd or not array.flags.aligned or not array.dtype.isnative:
        return numpy.ascontiguousarray(array, array.dtype.newbyteorder("="))
    return array


def _torch_array(tensor, name: str) -> tuple[numpy.ndarray, str]:
    torch = sys.modules["torch"]
    short = str(tensor.dtype).removeprefix("torch.")
    dtype = FLOATS.get(short)
    if dtype is None:
        raise _no_such_dtype(name, short)
    tensor = tensor.detach().cpu()
    if tensor.layout != torch.strided:
        raise ValueError(f"{name}: a tensor of layout {tensor.layout}; dense tensors were expected")
    tensor = tensor.resolve_neg()
    if dtype == "bf16":
        return tensor.view(torch.int16).numpy().view(numpy.uint16), dtype
    return tensor.numpy(), dtype


def like(kind: Kind, array: numpy.ndarray, dtype: str):
    """An array of the module's as one of `kind`. Bits of bf16 become its numbers."""
    if kind == "torch":
        torch = sys.modules["torch"]
        if dtype == "bf16":
            return torch.from_numpy(array.view(numpy.int16)).view(torch.bfloat16)
        return torch.from_numpy(array)
    if kind == "jax":
        jax = sys.modules["jax"]
        return jax.numpy.asarray(array.view(jax.numpy.bfloat16) if dtype == "bf16" else array)
    if dtype == "bf16":
        return array.view(sys.modules["ml_dtypes"].bfloat16)
    return array


def write(path, elements: numpy.ndarray, is_bf16: bool) -> str:
    """Writes an array for the program; what to name to it."""
    if is_bf16:  # NumPy's files have no such type
        elements.tofile(path)
        return f"raw:bf16[{','.join(map(str, elements.shape))}]:{path}"
    with open(path, "wb") as file:
        numpy.save(file, elements, allow_pickle=False)
    return str(path)
