"""torch.nn.functional.grid_sample of the torch that this Python has, as a subject:

    gridproof check --subject torch            the program finds this file, and a Python that has torch
    gridproof check --subject torch:cuda       on a device
    gridproof check --subject 'process:python -m gridproof.torch --device cuda'
"""
import os
import sys

if not __package__:  # started as a file, by a Python that may have no gridproof
    if os.path.exists(os.path.join(sys.path[0], "_protocol.py")):  # its folder, with names of libraries
        del sys.path[0]
    import types
    sys.modules["gridproof"] = _package = types.ModuleType("gridproof")
    _package.__path__ = [os.path.dirname(os.path.abspath(__file__))]
    __package__ = "gridproof"

import argparse

from . import _protocol


def subject(device) -> _protocol.Subject:
    try:
        import torch
    except ImportError as why:
        raise _protocol.NoSubject(f"{sys.executable} has no torch ({why}); set GRIDPROOF_PYTHON to a Python that has it") from why
    torch.set_num_threads(1)
    try:
        arrays = _protocol.Torch(device)
    except Exception as why:
        raise _protocol.NoSubject(f"torch {torch.__version__} has no device {device}: {_protocol.sentence(why)}") from why
    on_device = f" on {device}" if device != "cpu" else ""
    info = {"name": "PyTorch" + on_device, "version": str(torch.__version__), "language": "Python",
            "homepage": "https://pytorch.org/", "issues": "https://github.com/pytorch/pytorch/issues",
            "supports": _protocol.supports(arrays, {})}
    return _protocol.Subject(torch.nn.functional.grid_sample, arrays, info)


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m gridproof.torch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps, xpu, or one of several: cuda:1 [cpu]")
    given = parser.parse_args(arguments)
    _protocol.serve_process(lambda: subject(given.device))


if __name__ == "__main__":
    main()
