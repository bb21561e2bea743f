"""gridproof, the judge of grid_sample: says whether an implementation is right, and why it is not.

    gridproof.grid_sample(input, grid)                  the operator, with the reference's bits
    gridproof.assert_admissible(actual, input, grid)    for unit tests, instead of atol and rtol
    gridproof.assert_admissible_gradients(…)            the same for both gradients
    gridproof.check(function)                           an implementation on trial
    gridproof.diagnose(input, grid, expected=wanted)    why values are wrong
    gridproof.reference, gridproof.exact                what the operator means, twice
"""
import importlib

from ._gridproof import Refused

_HOMES = {
    "grid_sample": "operator", "affine_grid": "operator", "displacement": "operator", "displaced_grid": "operator",
    "judge": "judging", "admissible": "judging", "assert_admissible": "judging", "Judgment": "judging",
    "Group": "judging", "Admissible": "judging",
    "grid_sample_backward": "gradients", "judge_gradients": "gradients", "assert_admissible_gradients": "gradients",
    "GradientJudgment": "gradients", "GradientFinding": "gradients",
    "check": "trial", "assert_conforms": "trial", "smoke": "trial", "replay": "trial", "Unsupported": "trial", "Report": "trial",
    "diagnose": "diagnosis", "explain": "diagnosis", "reduce": "diagnosis", "Diagnosis": "diagnosis",
    "Explanation": "diagnosis", "Reduction": "diagnosis",
}
_MODULES = ("reference", "exact")
__all__ = ["Refused", *_HOMES, *_MODULES]


def __getattr__(name):
    """Loads what is asked for when it is asked for: whoever wants the operator does not wait for the rest."""
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name == "__version__":
        from importlib import metadata
        return metadata.version("gridproof")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
