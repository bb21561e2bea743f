#!/usr/bin/env python3
"""Counts the instructions of our kernels for aarch64, one by one, by QEMU: a table in Markdown.

    python3 optimized/bench/instructions.py build/aarch64/gridproof-calls [--dtype f16] [WORKLOAD...]

A call's instructions are those of a program with two calls less those of a program with one. They are
no times, but say where a target needs more of them than another. The workloads are those of the
benchmark, made small: 4,096 locations.
"""

import argparse
import concurrent.futures
import os
import subprocess

TARGETS = ("portable", "neon")
WORKLOADS = ("W1", "W2", "W3", "W4", "W7", "W9", "W10", "W10v", "W12", "W12c", "W12n", "W15", "W16")
FIELDS = ("smooth", "affine", "random")


def count(program, target, workload, field, dtype, calls):
    """Instructions of the whole program, and outputs of a call."""
    emulator = subprocess.Popen(
        ["qemu-aarch64-static", "-singlestep", "-d", "exec,nochain", program, workload, field, dtype, str(calls)],
        env={**os.environ, "GRIDPROOF_TARGET": target}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = subprocess.run(["grep", "-c", "^Trace"], stdin=emulator.stderr, stdout=subprocess.PIPE, check=True).stdout
    outputs = emulator.communicate()[0]
    if emulator.returncode != 0:
        raise SystemExit(f"{program} {workload} {field} {dtype} failed with {target}: exit code {emulator.returncode}")
    return int(lines), int(outputs)


def instructions_per_output(program, target, workload, field, dtype):
    first, outputs = count(program, target, workload, field, dtype, 1)
    second, _ = count(program, target, workload, field, dtype, 2)
    return (second - first) / outputs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="gridproof-calls of a build for aarch64")
    parser.add_argument("workloads", nargs="*", default=WORKLOADS, metavar="WORKLOAD")
    parser.add_argument("--dtype", default="f32", choices=("f16", "bf16", "f32", "f64"))
    options = parser.parse_args()
    print("| workload | grid | portable | neon | ratio |")
    print("| --- | --- | ---: | ---: | ---: |")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = [(workload, field, [pool.submit(instructions_per_output, options.program, target, workload, field,
                                               options.dtype) for target in TARGETS])
                for workload in options.workloads for field in FIELDS]
        for workload, field, counts in rows:
            portable, neon = (one.result() for one in counts)
            print(f"| {workload} | {field} | {portable:.1f} | {neon:.1f} | {portable / neon:.1f} |", flush=True)


if __name__ == "__main__":
    main()
