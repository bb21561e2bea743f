"""ncnn, its layer GridSample. A Mat has no batch, so batch entries are run one by one."""
import functools

import ncnn
import numpy as np
from adapter import Unsupported
from limits import Refused, dense, f32_only, fitting, no_empty, refusals, word_of

WORDS = {"mode": {"bilinear": 1, "nearest": 2, "bicubic": 3},
         "padding_mode": {"zeros": 1, "border": 2, "reflection": 3}, "align_corners": {False: 0, True: 1}}


@functools.lru_cache(maxsize=256)
def network(parameters):
    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    text = f"7767517\n3 3\nInput a 0 1 a\nInput b 0 1 b\nGridSample s 2 1 a b c {parameters}\n"
    if net.load_param_mem(text) != 0:
        raise RuntimeError("it does not take this adapter's network")
    return net


class subject:
    info = {"name": "ncnn", "version": "1.0.20261020", "homepage": "https://github.com/Tencent/ncnn",
            "issues": "https://github.com/Tencent/ncnn/issues", "supports": {"dtypes": ["f32"]}}

    def grid_sample(self, input, grid, **options):
        # What is left out is left to the layer.
        parameters = " ".join(f"{number}={word_of(WORDS[option], option, options[option])}"
                              for number, option in enumerate(WORDS) if option in options)
        f32_only(input, grid)
        fitting(input, grid)
        if input.ndim == 5 and options.get("mode") == "bicubic":
            raise Unsupported("bicubic is for 4-D")
        no_empty(input, grid)
        net = network(parameters)
        input, grid = dense(input, grid)  # a Mat does not hold the memory that it shows
        with refusals():
            return np.stack([self.entry(net, *arrays) for arrays in zip(input, grid)])

    def entry(self, net, image, places):
        extractor = net.create_extractor()
        extractor.set_light_mode(True)
        extractor.input("a", ncnn.Mat(image))
        extractor.input("b", ncnn.Mat(places))
        code, answer = extractor.extract("c")
        if code != 0:
            raise Refused(f"extract returns {code}")
        return np.array(answer)
