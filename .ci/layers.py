#!/usr/bin/env python3
"""Fails when an include goes upwards: a folder may include what its layer NEEDS in CMakeLists.txt.

Tests, fuzzers, benchmarks and programs may include any layer; a library may include none of them, and
nothing from a folder testing/.
Three foreign libraries are kept in their rooms as well: LibTorch, Boost and ONNX.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
line = re.compile(r"^ *gridproof_layer\((\S+)\s+(\S+)(?:\s+MODULE)?(?:\s+NEEDS\s+([a-z ]+?))?(?:\s+LINKS .*)?\)$", re.M)
include = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)
rooms = {"torch/": {"oracle/subjects/torch"}, "c10/": {"oracle/subjects/torch"}, "ATen/": {"oracle/subjects/torch"},
         "boost/": {"oracle/exact"}, "onnx/": {"reports/vectors"}}

floors = ("reference", "optimized", "oracle", "fuzz", "reports")
folders = {}  # layer → folder
needs = {}    # layer → the layers that it may include, itself included
for name, folder, wanted in line.findall((root / "CMakeLists.txt").read_text()):
    folders[name] = folder
    needs[name] = {name}.union(*(needs[other] for other in wanted.split()))  # KeyError: no such layer below

errors = []
if len(needs) < 2:
    errors.append("CMakeLists.txt: no line gridproof_layer(name folder NEEDS …) was understood")


def layer_of(path):
    """The layer with the longest folder that holds the path, or None."""
    inside = [name for name, folder in folders.items() if path.startswith(folder + "/")]
    return max(inside, key=lambda name: len(folders[name]), default=None)


sources = [path for suffix in ("h", "cc", "cu") for folder in floors
           for path in sorted((root / folder).rglob(f"*.{suffix}"))]
for path in sources:
    name = str(path.relative_to(root))
    layer = layer_of(name)
    is_program = re.search(r"_(test|main|bench|fuzzer)\.cc$|/testing/", name)
    for target in include.findall(path.read_text()):
        for prefix, allowed in rooms.items():
            if target.startswith(prefix) and not any(name.startswith(room) for room in allowed):
                errors.append(f"{name}: <{target}> belongs to {', '.join(sorted(allowed))} alone")
        other = layer_of(target)
        if target.startswith(tuple(f"{floor}/" for floor in floors)) and not (root / target).exists():
            errors.append(f"{name}: {target} does not exist")
        if "/testing/" in target and not is_program:
            errors.append(f"{name}: {target} is for tests alone")
        if other and layer and not is_program and other not in needs[layer]:
            errors.append(f"{name}: layer {layer} may not include {target} of layer {other}")

print("\n".join(errors) if errors else f"{len(sources)} files in {len(folders)} layers: no include goes upwards")
sys.exit(1 if errors else 0)
