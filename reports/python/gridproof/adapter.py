"""A function of Python as a subject, in a process of its own, so that a crash costs one case:

    gridproof check --subject 'process:python -m gridproof.adapter my_module:my_grid_sample --like torch'

The function is called as function(input, grid, mode=, padding_mode=, align_corners=); an option that
the case leaves out is left out. It raises gridproof.Unsupported for what it does not support, and any
other exception for what the operator refuses.

Gradients are found by torch.autograd or jax.vjp, or are those of another function:

    gridproof check --subject 'process:python -m gridproof.adapter my_module:f --gradients my_module:f_backward'

which is called as function(grad_output, input, grid, output_mask=, ...) and returns both gradients. What
output_mask, two of True and False, does not ask for may be None.
"""
import argparse
import importlib
import importlib.util
import os
import sys

from . import _protocol


def function_of(name: str):
    """The function that "module:function" or "FILE.py:function" names.

    Raises NoSubject with a sentence where there is none.

    >>> function_of("operator:neg")(1)
    -1
    """
    where, colon, path = name.rpartition(":")
    if not colon or not where or not path:
        raise _protocol.NoSubject(f"{name!r} names no function; expected module:function or FILE.py:function")
    try:
        function = _from_file(where) if where.endswith(".py") else importlib.import_module(where)
    except (Exception, SystemExit) as why:
        raise _protocol.NoSubject(f"{where} cannot be imported: {_protocol.sentence(why)}") from why
    for part in path.split("."):
        if not hasattr(function, part):
            raise _protocol.NoSubject(f"{where} has no {path}")
        function = getattr(function, part)
    if not callable(function):
        raise _protocol.NoSubject(f"{name} is not a function")
    return function


def _from_file(path: str):
    """A file as the module that it would be as a program; its folder is where it imports from."""
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no file {path}")
    path = os.path.abspath(path)
    name = os.path.basename(path).removesuffix(".py")
    folder = os.path.dirname(path)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)  # dataclasses and pickle look there
    spec.loader.exec_module(module)
    return module


def _list(key: str):
    """A list of an option's, such as f32,f64, in the types of the protocol."""
    values = {str(value).lower(): value for value in _protocol.DECLARED[key]}

    def parse(words: str) -> list:
        return [values.get(word.lower(), word) for word in words.split(",")]

    return parse


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m gridproof.adapter", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("function", help="module:function or FILE.py:function")
    parser.add_argument("--like", choices=list(_protocol.LIBRARIES), default="numpy", help="whose arrays it takes [numpy]")
    parser.add_argument("--device", help="where those are, such as cuda:0 [cpu]")
    parser.add_argument("--gradients", metavar="FUNCTION", help="a function of gradients [what autograd or vjp finds]")
    parser.add_argument("--name", help="what reports call it [its own name]")
    for key, values in _protocol.DECLARED.items():
        parser.add_argument("--" + key.replace("_", "-"), type=_list(key), metavar="LIST",
                            help=f"what it supports, of {','.join(map(str, values))}")
    given = parser.parse_args(arguments)

    def subject() -> _protocol.Subject:
        arrays = _protocol.library(given.like, given.device)
        supports = _protocol.supports(arrays, {key: getattr(given, key) for key in _protocol.DECLARED})
        function = function_of(given.function)
        info = {"name": _protocol.text(given.name or given.function), "version": arrays.title, "language": "Python",
                "supports": supports}
        gradients = function_of(given.gradients) if given.gradients else None
        return _protocol.Subject(function, arrays, info, gradients=gradients)

    _protocol.serve_process(subject)


if __name__ == "__main__":
    main()
