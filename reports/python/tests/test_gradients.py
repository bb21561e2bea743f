"""Gradients: the reference's, and the judge of anybody's."""
import doctest
import itertools

import gridproof
import gridproof.gradients
import numpy
import pytest

OPTIONS = [dict(mode=mode, padding_mode=padding, align_corners=flag)
           for mode, padding, flag in itertools.product(("bilinear", "nearest", "bicubic"),
                                                        ("zeros", "border", "reflection"), (False, True))]


def question(seed, dtype="f4"):
    random = numpy.random.default_rng(seed)
    image = random.standard_normal((2, 3, 5, 7)).astype(dtype)
    grid = random.uniform(-1.5, 1.5, (2, 4, 6, 2)).astype(dtype)
    return random.standard_normal((2, 3, 4, 6)).astype(dtype), image, grid


def test_the_examples():
    assert doctest.testmod(gridproof.gradients, extraglobs={"gridproof": gridproof}).failed == 0


@pytest.mark.parametrize("dtype", ("f4", "f8", "f2"))
@pytest.mark.parametrize("options", OPTIONS)
def test_the_reference_is_right(options, dtype):
    asked = question(1, dtype)
    gradients = gridproof.grid_sample_backward(*asked, **options)
    gridproof.assert_admissible_gradients(*gradients, *asked, **options)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_transpose_of_the_forward_pass(options):
    grads, image, grid = question(2, "f8")
    grad_input, _ = gridproof.grid_sample_backward(grads, image, grid, **options)
    output = gridproof.grid_sample(image, grid, **options)
    assert numpy.isclose((grads * output).sum(), (grad_input * image).sum(), rtol=1e-12)


def test_one_wrong_number_is_found():
    asked = question(3)
    grad_input, grad_grid = gridproof.grid_sample_backward(*asked)
    grad_grid[1, 2, 3, 0] += 1
    judgment = gridproof.judge_gradients(grad_input, grad_grid, *asked)
    assert not judgment and judgment.findings == 1
    (finding,) = [one for one in judgment.notable if judgment.is_finding(one.verdict)]
    assert (finding.gradient, finding.index, finding.verdict) == ("grad_grid", (1, 2, 3, 0), "deviates")
    assert finding.got == grad_grid[1, 2, 3, 0]
    with pytest.raises(AssertionError, match=r"1 of 306 numbers .*\n  \[grad\.\S+\] deviates: grad_grid\[1,2,3,0\] is "):
        gridproof.assert_admissible_gradients(grad_input, grad_grid, *asked)


def test_one_gradient_alone():
    asked = question(4)
    grad_input, grad_grid = gridproof.grid_sample_backward(*asked, output_mask=(False, True))
    assert grad_input is None
    gridproof.assert_admissible_gradients(None, grad_grid, *asked)
    assert str(gridproof.judge_gradients(None, grad_grid, *asked)) == "passes under P1: grad_grid: 96 same-bits"


def test_a_wrong_shape_is_said():
    asked = question(5)
    _, grad_grid = gridproof.grid_sample_backward(*asked)
    with pytest.raises(AssertionError, match="grad_input has shape"):
        gridproof.assert_admissible_gradients(grad_grid, grad_grid, *asked)


def test_another_grad_output_is_refused():
    grads, image, grid = question(6)
    with pytest.raises(gridproof.Refused) as refused:
        gridproof.grid_sample_backward(grads[:1], image, grid)
    assert refused.value.clause == "grad.shape"
    with pytest.raises(ValueError, match="grad_grid: f64; the dtype of input, f32, was expected"):
        gridproof.judge_gradients(None, grid.astype("f8"), grads, image, grid)


def test_kinks_from_both_sides():
    image, grid, one = numpy.float32([[[[1, 2, 4, 8]]]]), numpy.float32([[[[-0.25, 0]]]]), numpy.float32([[[[1]]]])
    left = numpy.float32([[[[2, -1]]]])
    assert not gridproof.judge_gradients(None, left, one, image, grid)
    assert gridproof.judge_gradients(None, left, one, image, grid, one_sided=True)
