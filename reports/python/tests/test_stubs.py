"""The stubs, which are written by hand, say what the code says."""
import ast
import importlib
import inspect
import pathlib

import gridproof
import pytest

HERE = pathlib.Path(gridproof.__file__).parent


def functions(stub):
    return {node.name: node.args for node in ast.parse((HERE / stub).read_text()).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("stub, module", [("__init__.pyi", "gridproof"), ("reference.pyi", "gridproof.reference"),
                                          ("exact.pyi", "gridproof.exact"), ("trial.pyi", "gridproof.trial")])
def test_arguments_are_the_same(stub, module):
    home = importlib.import_module(module)
    for name, arguments in functions(stub).items():
        real = inspect.signature(getattr(home, name)).parameters.values()
        assert [p.name for p in real if p.kind == p.POSITIONAL_OR_KEYWORD] == [a.arg for a in arguments.args], name
        assert [p.name for p in real if p.kind == p.KEYWORD_ONLY] == [a.arg for a in arguments.kwonlyargs], name
        without = [p.name for p in real if p.kind == p.POSITIONAL_OR_KEYWORD and p.default is p.empty]
        assert len(without) == len(arguments.args) - len(arguments.defaults), name


def test_all_that_is_public_has_a_type():
    tree = ast.parse((HERE / "__init__.pyi").read_text())
    named = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert set(gridproof.__all__) - {*functions("__init__.pyi"), *named} == set()


def test_the_module_has_what_its_stub_says():
    module = importlib.import_module("gridproof._gridproof")
    named = {node.name for node in ast.parse((HERE / "_gridproof.pyi").read_text()).body
             if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert named == {name for name in dir(module) if not name.startswith("_")}


def test_everything_public_is_documented():
    for name in gridproof.__all__:
        assert inspect.getdoc(getattr(gridproof, name)), name
