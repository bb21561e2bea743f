#!/usr/bin/env python3
"""Times other libraries in the table of `gridproof bench`.

    python3 optimized/bench/peers.py build/release/gridproof --quick

installs them as oracle/subjects/peers/peers.py does (about 550 MB) and runs the benchmark with each as a
further rival.
OpenCV's remap is given positions in pixels, computed beforehand, and images with channels last.
"""
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve()


class Unsupported(Exception):
    pass


class OnnxRuntime:
    """One node, GridSample of operator set 20, input and output bound to fixed memory."""

    def __init__(self):
        import onnxruntime
        self.library = onnxruntime
        self.name = f"ONNX Runtime {onnxruntime.__version__}"

    def prepare(self, call, x, grid, output):
        import onnx
        from onnx import TensorProto, helper
        kind = {"f32": TensorProto.FLOAT, "f64": TensorProto.DOUBLE}.get(call["dtype"])
        if kind is None:
            raise Unsupported("no 16-bit kernels")
        node = helper.make_node(
            "GridSample", ["X", "G"], ["Y"], align_corners=int(call["align_corners"]),
            mode={"bilinear": "linear", "bicubic": "cubic"}.get(call["mode"], call["mode"]),
            padding_mode=call["padding_mode"])
        values = [helper.make_tensor_value_info(n, kind, a.shape) for n, a in (("X", x), ("G", grid), ("Y", output))]
        model = helper.make_model(helper.make_graph([node], "g", values[:2], values[2:]),
                                  opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        options = self.library.SessionOptions()
        options.intra_op_num_threads = call["threads"]
        options.log_severity_level = 4
        try:
            session = self.library.InferenceSession(model.SerializeToString(), options,
                                                    providers=["CPUExecutionProvider"])
        except Exception as error:
            raise Unsupported(str(error).splitlines()[0]) from error
        binding = session.io_binding()
        for n, a in (("X", x), ("G", grid)):
            binding.bind_input(n, "cpu", 0, a.dtype, a.shape, a.ctypes.data)
        binding.bind_output("Y", "cpu", 0, output.dtype, output.shape, output.ctypes.data)
        return lambda: session.run_with_iobinding(binding)


class OpenVino:
    """GridSample of operator set 9, compiled for the shapes, computed in float."""

    def __init__(self):
        import openvino
        self.library = openvino
        self.name = f"OpenVINO {openvino.__version__.split('-')[0]}"

    def prepare(self, call, x, grid, output):
        from openvino import opset9
        if x.ndim != 4:
            raise Unsupported("4-D only")
        if call["dtype"] != "f32":
            raise Unsupported("computes in f32")
        parameters = [opset9.parameter(a.shape, a.dtype) for a in (x, grid)]
        node = opset9.grid_sample(*parameters, {"align_corners": call["align_corners"], "mode": call["mode"],
                                                "padding_mode": call["padding_mode"]})
        compiled = self.library.Core().compile_model(
            self.library.Model([node], parameters), "CPU",
            {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": call["threads"], "NUM_STREAMS": 1})
        request = compiled.create_infer_request()
        tensors = [self.library.Tensor(a, shared_memory=True) for a in (x, grid, output)]
        request.set_input_tensor(0, tensors[0])
        request.set_input_tensor(1, tensors[1])
        request.set_output_tensor(0, tensors[2])
        return request.infer


class OpenCv:
    """remap: images of 1 to 4 channels, positions in pixels."""

    def __init__(self):
        import cv2
        self.library = cv2
        self.name = f"OpenCV {cv2.__version__} remap"

    def prepare(self, call, x, grid, output):
        import numpy
        cv = self.library
        if x.ndim != 4 or x.shape[1] > 4 or call["dtype"] != "f32":
            raise Unsupported("images of 1 to 4 channels, f32")
        if max(x.shape[2:]) >= 32767 or max(grid.shape[1:3]) >= 32767:
            raise Unsupported("sizes below 32767")
        cv.setNumThreads(call["threads"])
        images = numpy.ascontiguousarray(x.transpose(0, 2, 3, 1))
        size = numpy.array([x.shape[3], x.shape[2]], numpy.float32)
        corners = call["align_corners"]
        at = (grid + 1) / 2 * (size - 1) if corners else ((grid + 1) * size - 1) / 2
        maps = [(numpy.ascontiguousarray(a[..., 0]), numpy.ascontiguousarray(a[..., 1])) for a in at]
        mode = {"nearest": cv.INTER_NEAREST, "bilinear": cv.INTER_LINEAR, "bicubic": cv.INTER_CUBIC}[call["mode"]]
        border = {"zeros": cv.BORDER_CONSTANT, "border": cv.BORDER_REPLICATE,
                  "reflection": cv.BORDER_REFLECT_101 if corners else cv.BORDER_REFLECT}[call["padding_mode"]]
        answers = numpy.empty((*grid.shape[:3], x.shape[1]), numpy.float32)

        def run():
            for image, (u, v), answer in zip(images, maps, answers):
                cv.remap(image, u, v, mode, dst=answer, borderMode=border, borderValue=0)

        run.finish = lambda: output.__setitem__(..., answers.transpose(0, 3, 1, 2))
        return run


PEERS = {"onnxruntime": OnnxRuntime, "openvino": OpenVino, "opencv-remap": OpenCv}


def read(path, shape, dtype):
    import numpy
    if dtype == "bf16":
        raise Unsupported("no bf16")
    return numpy.fromfile(path, {"f16": "<f2", "f32": "<f4", "f64": "<f8"}[dtype]).reshape(shape)


def serve(peer):
    """The child's side of optimized/bench/peer.h."""
    import numpy
    run = None
    for line in sys.stdin:
        message = json.loads(line)
        if "start" in message:
            answer = {"name": peer.name}
        elif "run" in message:
            start = time.perf_counter()
            run()
            answer = {"seconds": time.perf_counter() - start}
        else:
            call = message["prepare"]
            run = None
            try:
                x = read(call["input"], call["input_shape"], call["dtype"])
                grid = read(call["grid"], call["grid_shape"], call["dtype"])
                output = numpy.zeros((*x.shape[:2], *grid.shape[1:-1]), x.dtype)
                run = peer.prepare(call, x, grid, output)
                run()
                getattr(run, "finish", lambda: None)()
                output.tofile(call["output"])
                answer = {"ready": True}
            except Unsupported as why:
                answer = {"unsupported": str(why)}
        print(json.dumps(answer), flush=True)


def python_with(name):
    """The interpreter of the environment that the peer has as a subject, installed if it is not."""
    sys.path.insert(0, str(HERE.parents[2] / "oracle" / "subjects" / "peers"))
    import peers
    peers.install(name)
    return peers.folder_of(name) / "bin" / "python"


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--serve" and arguments[1] in PEERS:
        serve(PEERS[arguments[1]]())
    elif arguments and not arguments[0].startswith("-"):
        options = [part for name in PEERS for part in ("--peer", f"{python_with(name)} {HERE} --serve {name}")]
        os.execv(arguments[0], [arguments[0], "bench", *arguments[1:], *options])
    else:
        sys.exit("expected the program and options of the benchmark: peers.py build/release/gridproof --quick")


if __name__ == "__main__":
    main(sys.argv[1:])
