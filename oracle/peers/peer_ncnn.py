"""ncnn, its layer GridSample. A Mat has no batch, so batch entries are asked one by one."""
import functools

import ncnn
import numpy as np
from adapter import Unsupported
from limits import no_empty

MODES = {"bilinear": 1, "nearest": 2, "bicubic": 3}
PADDINGS = {"zeros": 1, "border": 2, "reflection": 3}


@functools.lru_cache(maxsize=256)
def network(mode, padding, align_corners):
    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    net.load_param_mem(f"7767517\n3 3\nInput a 0 1 a\nInput b 0 1 b\n"
                       f"GridSample s 2 1 a b c 0={mode} 1={padding} 2={align_corners}\n")
    return net


class subject:
    info = {"name": "ncnn", "version": "1.0.20261020", "homepage": "https://github.com/Tencent/ncnn",
            "issues": "https://github.com/Tencent/ncnn/issues", "supports": {"dtypes": ["f32"]}}

    def grid_sample(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        if mode not in MODES or padding_mode not in PADDINGS:
            raise ValueError("the layer has no number for this option")
        if input.dtype != np.float32 or grid.dtype != np.float32 or input.ndim not in (4, 5) or grid.ndim != input.ndim:
            raise Unsupported("f32, 4-D or 5-D")
        if input.ndim == 5 and mode == "bicubic":
            raise Unsupported("bicubic is for 4-D")
        if input.shape[0] != grid.shape[0] or grid.shape[-1] != input.ndim - 2:
            raise Unsupported("the layer does not look at shapes")
        no_empty(input, grid)
        output = np.empty((*input.shape[:2], *grid.shape[1:-1]), np.float32)
        net = network(MODES[mode], PADDINGS[padding_mode], int(align_corners))
        for n in range(input.shape[0]):
            extractor = net.create_extractor()
            extractor.set_light_mode(True)
            extractor.input("a", ncnn.Mat(np.ascontiguousarray(input[n])))
            extractor.input("b", ncnn.Mat(np.ascontiguousarray(grid[n])))
            code, answer = extractor.extract("c")
            if code != 0:
                raise RuntimeError(f"extract returns {code}")
            output[n] = np.array(answer).reshape(output[n].shape)
        return output
