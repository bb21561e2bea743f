#!/usr/bin/env python3
"""Runs the node tests of `gridproof vectors --out FOLDER` on the installed ONNX peers.

    onnx_vectors.py FOLDER

onnx.checker must find nothing. The reference evaluator and ONNX Runtime answer, and onnx.backend.test
compares: wrong answers are listed; they are findings about the peers, not failures of this script. Exit status 1
when a model is bad, 77 when no such peer is installed.
"""
import pathlib
import subprocess
import sys

import peers

WITHIN = ["onnx-reference", "onnxruntime"]


def evaluator(name, model):
    """A function from the inputs to the outputs, or None where the peer has no such kernel."""
    if name == "onnx-reference":
        from onnx.reference import ReferenceEvaluator

        session = ReferenceEvaluator(model)
    else:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
            return None
    return lambda inputs: session.run(None, inputs)


def compare(name, folder):
    """In the environment of the peer."""
    import onnx
    from onnx import numpy_helper
    from onnx.backend.test.loader import load_model_tests
    from onnx.backend.test.runner import Runner

    answered, lacking, failed, wrong = 0, 0, [], []
    tests = sorted(load_model_tests(folder, "onnx"), key=lambda test: test.name)
    for test in tests:
        place = pathlib.Path(test.model_dir)
        model = onnx.load(place / "model.onnx")
        onnx.checker.check_model(model, full_check=True)  # raises

        def tensor(file):
            return numpy_helper.to_array(onnx.load_tensor(place / "test_data_set_0" / file))

        run = evaluator(name, model)
        if run is None:
            lacking += 1
            continue
        try:
            outputs = run({"X": tensor("input_0.pb"), "Grid": tensor("input_1.pb")})
        except Exception as why:  # whatever a peer does
            failed.append(f"{test.name}: {type(why).__name__}: {' '.join(str(why).split())[:100]}")
            continue
        try:
            Runner.assert_similar_outputs([tensor("output_0.pb")], outputs, test.rtol, test.atol)
        except AssertionError as why:
            wrong.append(f"{test.name}: {' '.join(str(why).split())[:100]}")
        answered += 1
    print(f"{name}: {len(tests)} models pass onnx.checker {onnx.__version__}; {answered} were answered, "
          f"{answered - len(wrong)} as expected; {len(failed)} failed, {lacking} have no kernel")
    print("".join(f"    {line}\n" for line in failed + wrong), end="")


def main(arguments):
    if len(arguments) == 2:
        return compare(*arguments)
    if len(arguments) != 1:
        sys.exit("usage: onnx_vectors.py FOLDER")
    if not (pathlib.Path(arguments[0]) / "onnx").is_dir():
        sys.exit(f"onnx_vectors.py: {arguments[0]} has no folder onnx: expected what gridproof vectors wrote")
    installed = [name for name in WITHIN if peers.is_installed(name)]
    if not installed:
        print(f"no peer is installed: gridproof peers install {' '.join(WITHIN)}")
        return 77
    codes = [subprocess.run([peers.folder_of(name) / "bin" / "python", __file__, name, arguments[0]],
                            check=False).returncode for name in installed]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
