#!/usr/bin/env python3
"""Fails when a kernel of the given logs of `nvcc -Xptxas -v` spills or has a stack. Prints the registers."""
import collections
import pathlib
import re
import sys

usage = re.compile(r"Compiling entry function '(\S+)' for '(sm_\d+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
                   r"(\d+) bytes spill loads.*?Used (\d+) registers", re.S)
forward = re.compile(r"6kernelI(.+?)LNS_4ModeE(\d)ELi(\d)E([il])Li(\d)E")
backward = re.compile(r"15backward_kernelI.*?\d(Plan|Count|Sum|Scan|Place|Gather|Grid)Thread(?:.+?LNS_4ModeE(\d)ELi(\d)E)?")
modes = ["bilinear", "nearest", "bicubic"]


def name_of(function):
    if found := forward.search(function):
        mode, axes, offset, width = found.groups()[1:]
        return f"{modes[int(mode)]:9} {axes} axes, {32 if offset == 'i' else 64}-bit offsets, packs of {width}"
    task, mode, axes = backward.search(function).groups()
    return f"backward, {task.lower()}" + (f", {modes[int(mode)]} {axes} axes" if mode else "")


registers = collections.defaultdict(dict)  # kernel → device → registers
errors = []
for path in map(pathlib.Path, sys.argv[1:]):
    for function, device, stack, stores, loads, used in usage.findall(path.read_text()):
        kernel = f"{path.name.split('.')[0].partition('_')[2]:5} {name_of(function)}"
        registers[kernel][device] = int(used)
        if int(stack) or int(stores) or int(loads):
            errors.append(f"{kernel}, {device}: {stack} bytes of stack, {stores} of spill stores, {loads} of spill loads")

for kernel, devices in sorted(registers.items()):
    print(f"{kernel}: " + ", ".join(f"{used} ({device})" for device, used in sorted(devices.items())))
if not registers:
    errors.append("no kernel was found in the logs")
print("\n".join(errors) or f"{sum(map(len, registers.values()))} kernels: nothing spills")
sys.exit(bool(errors))
