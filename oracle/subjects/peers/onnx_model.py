"""One-node ONNX models of GridSample, for the peers that run such models."""
import functools

from adapter import Unsupported
from onnx import TensorProto, helper

KINDS = {"float16": TensorProto.FLOAT16, "float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE,
         "int32": TensorProto.INT32}
LATER_NAMES = {"bilinear": "linear", "bicubic": "cubic"}  # from version 20 on


@functools.lru_cache(maxsize=4096)
def _bytes(version, dtypes, shapes, ranks, options):
    options = dict(options)
    if version >= 20 and "mode" in options:
        if options["mode"] in LATER_NAMES.values():  # nobody's mode here, but the model's word for another
            raise Unsupported(f"mode {options['mode']!r}, which means something else to ONNX")
        options["mode"] = LATER_NAMES.get(options["mode"], options["mode"])
    if "align_corners" in options:
        options["align_corners"] = int(options["align_corners"])
    node = helper.make_node("GridSample", ["X", "G"], ["Y"], **options)
    if shapes is None:  # every size is left to the run
        shapes = tuple(tuple(f"{name}{i}" for i in range(rank)) for name, rank in zip("xg", ranks))
        output = tuple(f"y{i}" for i in range(ranks[0]))
    else:
        output = shapes[0][:2] + shapes[1][1:-1]
    values = [helper.make_tensor_value_info(name, KINDS[dtype], shape)
              for name, dtype, shape in zip("XGY", dtypes + dtypes[:1], shapes + (output,))]
    model = helper.make_model(helper.make_graph([node], "g", values[:2], values[2:]), ir_version=8,
                              opset_imports=[helper.make_opsetid("", version)])
    return model.SerializeToString()


def model_bytes(version, input, grid, options, static=False):
    """The model for this question. An option that is left out is left out of the node, and an unknown
    one is passed on unchanged."""
    if not {input.dtype.name, grid.dtype.name} <= KINDS.keys():
        raise Unsupported("bf16, which NumPy lacks")
    shapes = (input.shape, grid.shape) if static else None
    return _bytes(version, (input.dtype.name, grid.dtype.name), shapes, (input.ndim, grid.ndim),
                  tuple(sorted(options.items())))
