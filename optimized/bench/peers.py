#!/usr/bin/env python3
"""Times other libraries in the table of `gridproof bench`.

    python3 optimized/bench/peers.py build/release/gridproof --quick
    python3 optimized/bench/peers.py --only ncnn,tract build/release/gridproof --quick

runs the benchmark with each as a further rival. ONNX Runtime, OpenVINO and OpenCV are installed as
oracle/subjects/peers/peers.py does (about 550 MB); the others are there where they are installed, or with --only.
OpenCV's remap and JAX are given positions in pixels, computed beforehand, and OpenCV images with channels last.
"""
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve()


class Unsupported(Exception):
    pass


def model_of(call, x, grid, output):
    """One node of ONNX, GridSample of operator set 20, with fixed sizes."""
    from onnx import TensorProto, helper
    kind = {"f32": TensorProto.FLOAT, "f64": TensorProto.DOUBLE}[call["dtype"]]
    node = helper.make_node(
        "GridSample", ["X", "G"], ["Y"], align_corners=int(call["align_corners"]),
        mode={"bilinear": "linear", "bicubic": "cubic"}.get(call["mode"], call["mode"]),
        padding_mode=call["padding_mode"])
    values = [helper.make_tensor_value_info(n, kind, a.shape) for n, a in (("X", x), ("G", grid), ("Y", output))]
    model = helper.make_model(helper.make_graph([node], "g", values[:2], values[2:]),
                              opset_imports=[helper.make_opsetid("", 20)], ir_version=8)
    return model.SerializeToString()


def pixels(grid, size, corners):
    """The positions that the grid means, x first."""
    return (grid + 1) / 2 * (size - 1) if corners else ((grid + 1) * size - 1) / 2


class OnnxRuntime:
    """Input and output bound to fixed memory."""

    def __init__(self):
        import onnxruntime
        self.library = onnxruntime
        self.name = f"ONNX Runtime {onnxruntime.__version__}"

    def prepare(self, call, x, grid, output):
        if call["dtype"] not in ("f32", "f64"):
            raise Unsupported("no 16-bit kernels")
        options = self.library.SessionOptions()
        options.intra_op_num_threads = call["threads"]
        options.log_severity_level = 4
        try:
            session = self.library.InferenceSession(model_of(call, x, grid, output), options,
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
        maps = [(numpy.ascontiguousarray(a[..., 0]), numpy.ascontiguousarray(a[..., 1]))
                for a in pixels(grid, size, corners)]
        mode = {"nearest": cv.INTER_NEAREST, "bilinear": cv.INTER_LINEAR, "bicubic": cv.INTER_CUBIC}[call["mode"]]
        border = {"zeros": cv.BORDER_CONSTANT, "border": cv.BORDER_REPLICATE,
                  "reflection": cv.BORDER_REFLECT_101 if corners else cv.BORDER_REFLECT}[call["padding_mode"]]
        answers = numpy.empty((*grid.shape[:3], x.shape[1]), numpy.float32)

        def run():
            for image, (u, v), answer in zip(images, maps, answers):
                cv.remap(image, u, v, mode, dst=answer, borderMode=border, borderValue=0)

        run.finish = lambda: output.__setitem__(..., answers.transpose(0, 3, 1, 2))
        return run


class Torch:
    """grid_sample of PyTorch: compiled for the shapes, or on a device, where its kernels alone are timed."""
    has_bf16 = True

    def __init__(self, device):
        import torch
        self.torch, self.device = torch, device
        version = torch.__version__.split("+")[0]
        if device == "cuda":
            self.name = f"PyTorch {version} on {torch.cuda.get_device_name()}"
        else:
            self.name = f"torch.compile {version}"
            torch._dynamo.config.recompile_limit = 10000
        self.calls = {}  # of each kind of question, compiled

    def call(self, options):
        def grid_sample(x, grid):
            return self.torch.nn.functional.grid_sample(x, grid, **dict(options))
        if self.device == "cuda":
            return grid_sample
        return self.calls.setdefault(options, self.torch.compile(grid_sample, dynamic=False))

    def prepare(self, call, x, grid, output):
        torch = self.torch
        torch.set_num_threads(call["threads"])
        torch.inference_mode().__enter__()
        is_bf16 = call["dtype"] == "bf16"
        x, grid = (torch.from_numpy(a) for a in (x, grid))
        if is_bf16:
            x, grid = x.view(torch.bfloat16), grid.view(torch.bfloat16)
        x, grid = x.to(self.device), grid.to(self.device)
        names = ("mode", "padding_mode", "align_corners")
        function = self.call(tuple((name, call[name]) for name in names))
        answer = []

        def run():
            answer[:] = []  # frees the last one first
            answer.append(function(x, grid))

        def seconds():
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            run()
            end.record()
            torch.cuda.synchronize()
            return begin.elapsed_time(end) / 1000

        def finish():
            result = answer[0].cpu()
            output[...] = (result.view(torch.int16) if is_bf16 else result).numpy()

        run.finish = finish
        run.seconds = seconds if self.device == "cuda" else None
        return run


class Jax:
    """jax.scipy.ndimage.map_coordinates, compiled for the shapes, over all planes; nearest and linear."""

    def __init__(self):
        import jax
        self.library = jax
        jax.config.update("jax_enable_x64", True)
        self.name = f"JAX {jax.__version__} map_coordinates"

    def prepare(self, call, x, grid, output):
        import numpy
        from jax.scipy.ndimage import map_coordinates
        jax = self.library
        order = {"nearest": 0, "bilinear": 1}.get(call["mode"])
        if order is None or call["dtype"] not in ("f32", "f64"):
            raise Unsupported("nearest and bilinear, f32 and f64")
        corners = call["align_corners"]
        border = {"zeros": "constant", "border": "nearest",
                  "reflection": "mirror" if corners else "reflect"}[call["padding_mode"]]
        size = numpy.array(x.shape[:1:-1], grid.dtype)
        at = numpy.moveaxis(pixels(grid, size, corners)[..., ::-1], -1, 1)  # the first axis of a plane first

        def of_plane(plane, places):
            return map_coordinates(plane, list(places), order=order, mode=border)

        function = jax.jit(jax.vmap(jax.vmap(of_plane, (0, None)), (0, 0)))
        x, at = jax.device_put(x), jax.device_put(at)
        answer = []

        def run():
            answer[:] = [function(x, at).block_until_ready()]

        run.finish = lambda: output.__setitem__(..., numpy.asarray(answer[0]))
        return run


class Ncnn:
    """A layer GridSample; a Mat has no batch, so that the entries of one are run one by one."""

    def __init__(self):
        import ncnn
        self.library = ncnn
        self.name = f"ncnn {ncnn.__version__}"

    def prepare(self, call, x, grid, output):
        import numpy
        if call["dtype"] != "f32" or (x.ndim == 5 and call["mode"] == "bicubic"):
            raise Unsupported("f32, and 4-D for bicubic")
        ncnn = self.library
        net = ncnn.Net()
        net.opt.num_threads = call["threads"]
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
        net.opt.use_bf16_storage = False
        mode = {"bilinear": 1, "nearest": 2, "bicubic": 3}[call["mode"]]
        padding = {"zeros": 1, "border": 2, "reflection": 3}[call["padding_mode"]]
        net.load_param_mem("7767517\n3 3\nInput a 0 1 a\nInput b 0 1 b\n"
                           f"GridSample s 2 1 a b c 0={mode} 1={padding} 2={int(call['align_corners'])}\n")
        entries = [(ncnn.Mat(image), ncnn.Mat(places)) for image, places in zip(x, grid)]
        answers = []

        def run():
            answers.clear()
            for image, places in entries:
                extractor = net.create_extractor()
                extractor.input("a", image)
                extractor.input("b", places)
                code, answer = extractor.extract("c")
                if code != 0:
                    raise RuntimeError(f"extract returns {code}")
                answers.append(answer)

        run.finish = lambda: numpy.stack([numpy.array(answer) for answer in answers], out=output)
        run.keeps = (net, x, grid)  # whose memory the Mats show
        return run


class Tract:
    """The node of ONNX, optimized; one thread."""

    def __init__(self):
        import importlib.metadata
        import tract
        self.library = tract
        self.name = f"tract {importlib.metadata.version('tract')}, one thread"

    def prepare(self, call, x, grid, output):
        import tempfile
        if call["dtype"] != "f32":
            raise Unsupported("f32")
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            file.write(model_of(call, x, grid, output))
            file.flush()
            try:
                model = self.library.onnx().load(file.name).into_model().into_runnable()
            except Exception as error:
                raise Unsupported(str(error).splitlines()[0]) from error
        inputs = [self.library.Tensor.from_numpy(a) for a in (x, grid)]
        answer = []

        def run():
            answer[:] = model.run(inputs)

        run.finish = lambda: output.__setitem__(..., answer[0].to_numpy())
        return run


PEERS = {"onnxruntime": OnnxRuntime, "openvino": OpenVino, "opencv-remap": OpenCv,
         "torch-compile": lambda: Torch("cpu"), "jax": Jax, "ncnn": Ncnn, "tract": Tract}
LIGHT = ("onnxruntime", "openvino", "opencv-remap")
ON_DEVICES = {"torch-cuda": lambda: Torch("cuda")}  # with the torch of the Python that serves it


def read(path, shape, dtype):
    import numpy
    # NumPy has no bf16: its bits.
    return numpy.fromfile(path, {"bf16": "<i2", "f16": "<f2", "f32": "<f4", "f64": "<f8"}[dtype]).reshape(shape)


def seconds_of(run):
    if getattr(run, "seconds", None):
        return run.seconds()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def serve(peer):
    """The child's side of optimized/bench/peer.h."""
    import numpy
    run = None
    for line in sys.stdin:
        message = json.loads(line)
        if "start" in message:
            answer = {"name": peer.name}
        elif "run" in message:
            answer = {"seconds": seconds_of(run)}
        else:
            call = message["prepare"]
            run = None
            try:
                if call["dtype"] == "bf16" and not getattr(peer, "has_bf16", False):
                    raise Unsupported("no bf16")
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


def python_with(name, peers):
    """The interpreter of the environment that the peer has as a subject, installed if it is not."""
    peers.install(name)
    return peers.folder_of(name) / "bin" / "python"


def bench(program, options, only):
    """Becomes the benchmark, with the peers beside LibTorch."""
    sys.path.insert(0, str(HERE.parents[2] / "oracle" / "subjects" / "peers"))
    import peers
    names = only or [name for name in PEERS if name in LIGHT or peers.is_installed(name)]
    for name in names:
        options += ["--peer", f"{python_with(name, peers)} {HERE} --serve {name}"]
    os.execv(program, [program, "bench", *options])


def main(arguments):
    served = {**PEERS, **ON_DEVICES}
    only = []
    if arguments[:1] == ["--only"] and len(arguments) > 1:
        only = arguments[1].split(",")
        arguments = arguments[2:]
    unknown = [name for name in only if name not in PEERS]
    if unknown:
        sys.exit(f"there is no peer '{unknown[0]}' to time: expected some of {', '.join(PEERS)}")
    if len(arguments) == 2 and arguments[0] == "--serve" and arguments[1] in served:
        out = os.dup(1)
        os.dup2(2, 1)  # some libraries greet when they are imported, or compile
        sys.stdout = os.fdopen(out, "w")
        serve(served[arguments[1]]())
    elif arguments and not arguments[0].startswith("-"):
        bench(arguments[0], arguments[1:], only)
    else:
        sys.exit("expected the program and options of the benchmark: peers.py build/release/gridproof --quick")


if __name__ == "__main__":
    main(sys.argv[1:])
