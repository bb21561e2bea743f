#!/usr/bin/env python3
"""Estimates what the kernels in the given objects take on devices that are not here: a roofline, no measurement.

    python3 optimized/cuda/estimate.py build/release/cuda/kernels_*.o

Counts the instructions that a thread executes for one sample, and for each channel or pack of channels of it, in
the machine code of each device (by NVIDIA's cuobjdump; without it the exit code is 77), and holds three bounds
against each other: instructions, loads and stores, and bytes of memory, each moved once. The largest is printed.
Neither latencies nor caches are in it: what is measured is longer. Reflection's slow remainder is left out.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

# Multiprocessors, GHz, TB/s; warps of f64 instructions that a multiprocessor begins in a clock (of others: 4, of
# loads and stores one line of 128 bytes).
DEVICES = {"sm_80": ("A100", 108, 1.41, 2.0, 1), "sm_90": ("H100", 132, 1.83, 3.35, 2),
           "sm_120": ("RTX 5090", 170, 2.41, 1.79, 1 / 16)}
MODES = ["bilinear", "nearest", "bicubic"]
SIZES = {"f16": 2, "bf16": 2, "f32": 4, "f64": 8}
CHANNELS = (1, 3, 32)
NAME = re.compile(r"6kernelI(?P<element>.+?)LNS_4ModeE(?P<mode>\d)ELi(?P<axes>\d)E(?P<offset>[il])Li(?P<width>\d)E")
INSTRUCTION = re.compile(r"/\*([0-9a-f]{4,})\*/\s+(?:(@!?U?P\w+)\s+)?([A-Z0-9_.]+)([^;]*);")


def tool():
    cache = pathlib.Path(os.environ.get("GRIDPROOF_CACHE") or pathlib.Path.home() / ".cache" / "gridproof")
    places = [shutil.which("cuobjdump"), "/usr/local/cuda/bin/cuobjdump",
              *cache.glob("peers/torch/lib/python3*/site-packages/triton/backends/nvidia/bin/cuobjdump")]
    return next((str(place) for place in places if place and os.access(place, os.X_OK)), None)


def functions(text):
    """The instructions of each function: address, name and operands."""
    for part in re.split(r"Function : ", text)[1:]:
        name = NAME.search(part.splitlines()[0])
        if name:
            yield name, [(int(at, 16), word, rest) for at, _, word, rest in INSTRUCTION.findall(part)]


def target(instruction):
    at, word, rest = instruction
    found = re.search(r"0x([0-9a-f]+)\s*$", rest.strip()) if word.startswith("BRA") else None
    return int(found[1], 16) if found else None


def loops(code):
    """Backward branches as ranges of addresses, without the one to itself that ends the code."""
    return [(to, at) for at, word, rest in code if (to := target((at, word, rest))) is not None and to < at]


def counted(code):
    """The instructions for a sample, without its channels, and those for a channel or pack."""
    def inside(interval, words):
        return any(interval[0] <= at <= interval[1] and word.startswith(words) for at, word, _ in code)
    stores = [loop for loop in loops(code) if inside(loop, "STG")]
    inner = min(stores, key=lambda loop: loop[1] - loop[0])
    outer = min((loop for loop in stores if loop != inner and inside(loop, "LDG") and loop[0] < inner[0]),
                key=lambda loop: loop[1] - loop[0])
    skipped = []  # what branches jump over if it has a loop of its own
    for instruction in code:
        to = target(instruction)
        if to is not None and to > instruction[0] and not instruction[0] < inner[0] < to and any(
                instruction[0] < loop[0] and loop[1] < to for loop in loops(code)):
            skipped.append((instruction[0], to))
    channel = [i for i in code if inner[0] <= i[0] <= inner[1]]
    sample = [i for i in code if outer[0] <= i[0] <= outer[1] and not inner[0] <= i[0] <= inner[1]
              and not any(begin < i[0] < end for begin, end in skipped)]
    return sample, channel


def is_f64(word):
    return word.startswith(("DADD", "DMUL", "DFMA", "DSETP", "DMNMX"))


def clocks(code, f64_rate, bytes_of_an_access):
    """Of a multiprocessor, for a warp: by instructions, and by loads and stores."""
    f64 = sum(is_f64(word) for _, word, _ in code)
    accesses = sum(word.startswith(("LDG", "STG")) for _, word, _ in code)
    return max(len(code) / 4, f64 / f64_rate), accesses * max(1, bytes_of_an_access * 32 / 128)


def estimate(name, code, dtype, device):
    mode, axes, width = MODES[int(name["mode"])], int(name["axes"]), int(name["width"])
    _, processors, ghz, terabytes, f64_rate = DEVICES[device]
    size = SIZES[dtype]
    sample, channel = counted(code)
    cells = []
    for channels in CHANNELS:
        if channels % width:
            cells.append("–")
            continue
        outputs = 32 * channels
        in_sample = clocks(sample, f64_rate, size)
        in_channels = clocks(channel, f64_rate, size * width)
        bounds = {}  # picoseconds an output
        for i, what in enumerate(("instructions", "accesses")):
            warp = in_sample[i] + channels / width * in_channels[i]
            bounds[what] = warp / (processors * ghz) / outputs * 1e3
        bounds["bytes"] = size * (axes + 2 * channels) / channels / terabytes
        worst = max(bounds, key=bounds.get)
        cells.append(f"{bounds[worst]:.1f} {worst}")
    return (f"| {dtype} {mode} {axes}-D, packs of {width} | {DEVICES[device][0]} | {len(sample)} | {len(channel)} | "
            + " | ".join(cells) + " |")


def main(objects):
    cuobjdump = tool()
    if cuobjdump is None:
        print("there is no cuobjdump here, so that nothing is estimated (the wheel of triton has one)")
        return 77
    print("An estimate, not a measurement: picoseconds an output, and what bounds them\n")
    print("| kernel, 32-bit offsets | device | instructions of a sample | of a channel or pack | "
          + " | ".join(f"C = {c}" for c in CHANNELS) + " |\n|---|---|---:|---:|" + "---:|" * len(CHANNELS))
    rows = 0
    for path in map(pathlib.Path, objects):
        dtype = path.name.split(".")[0].removeprefix("kernels_")
        for device in DEVICES:
            text = subprocess.run([cuobjdump, "-sass", "-arch", device, path], check=True, capture_output=True,
                                  text=True).stdout
            for name, code in functions(text):
                if name["offset"] == "i":
                    print(estimate(name, code, dtype, device))
                    rows += 1
    if rows == 0:
        print("no kernel was found in the objects")
    return rows == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
