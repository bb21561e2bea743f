"""The operator: the reference's bits in the kind of array that it is given, whatever its strides."""
import doctest
import fractions
import importlib
import itertools
import subprocess
import sys
import threading

import gridproof
import numpy
import pytest

MODES = ("bilinear", "nearest", "bicubic")
PADDINGS = ("zeros", "border", "reflection")
OPTIONS = [dict(mode=mode, padding_mode=padding, align_corners=flag)
           for mode, padding, flag in itertools.product(MODES, PADDINGS, (False, True))]


def tensors(dtype=numpy.float32, rank=4, seed=1):
    random = numpy.random.default_rng(seed)
    spatial, output = ((5, 7), (4, 6)) if rank == 4 else ((3, 5, 4), (2, 3, 4))
    image = random.standard_normal((2, 3, *spatial)).astype(dtype)
    grid = random.uniform(-1.5, 1.5, (2, *output, rank - 2)).astype(dtype)
    grid.flat[:4] = numpy.nan, numpy.inf, -numpy.inf, 1e30 if dtype != numpy.float16 else 6e4
    return image, grid


def same(one, other):
    return one.dtype == other.dtype and one.shape == other.shape and numpy.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize("dtype", (numpy.float16, numpy.float32, numpy.float64))
@pytest.mark.parametrize("rank", (4, 5))
def test_has_the_reference_s_bits(dtype, rank):
    image, grid = tensors(dtype, rank)
    for options in OPTIONS:
        if options["mode"] == "bicubic" and rank == 5:
            with pytest.raises(gridproof.Refused) as refused:
                gridproof.grid_sample(image, grid, **options)
            assert refused.value.clause == "options.bicubic-4d"
            continue
        output = gridproof.grid_sample(image, grid, **options)
        assert output.shape == (2, 3, *grid.shape[1:-1])
        assert same(output, gridproof.reference.grid_sample(image, grid, **options)), options
        assert same(output, gridproof.grid_sample(image, grid, threads=1, **options))


def test_defaults_are_those_of_the_documentation():
    image, grid = tensors()
    assert same(gridproof.grid_sample(image, grid),
                gridproof.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False))


LAYOUTS = {
    "dense": lambda a: a,
    "reversed": lambda a: a[..., ::-1][..., ::-1] if False else numpy.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "every other": lambda a: numpy.repeat(a, 2, axis=-1)[..., ::2],
    "transposed": lambda a: numpy.ascontiguousarray(a.T).T,
    "Fortran": numpy.asfortranarray,
    "read-only": lambda a: (lambda b: (b.setflags(write=False), b)[1])(a.copy()),
    "bytes in another order": lambda a: a.astype(a.dtype.newbyteorder()),
    "between other fields": lambda a: (lambda b: (b["x"].__setitem__(..., a), b["x"])[1])(
        numpy.zeros(a.shape, [("odd", "u1"), ("x", a.dtype)])),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_takes_any_layout(layout):
    image, grid = tensors()
    change = LAYOUTS[layout]
    assert same(gridproof.grid_sample(change(image), change(grid)), gridproof.grid_sample(image, grid))


def test_a_broadcast_image_is_not_copied():
    image = numpy.broadcast_to(numpy.float32(3), (1, 1, 40_000, 50_000))  # 8 GB, if it were
    grid = numpy.zeros((1, 1, 2, 2), numpy.float32)
    assert gridproof.grid_sample(image, grid, mode="nearest").tolist() == [[[[3, 3]]]]


def test_takes_empty_outputs_and_lists():
    image, _ = tensors()
    assert gridproof.grid_sample(image, numpy.zeros((2, 0, 3, 2), numpy.float32)).shape == (2, 3, 0, 3)
    assert gridproof.grid_sample([[[[1, 2]]]], [[[[0, 0]]]]).tolist() == [[[[1.5]]]]


@pytest.mark.parametrize("image, grid, clause", [
    (numpy.zeros((1, 1, 2, 2), "f4"), numpy.zeros((1, 1, 1, 2), "f8"), "dtype.same"),
    (numpy.zeros((1, 1, 2, 2), "i4"), numpy.zeros((1, 1, 1, 2), "i4"), "dtype.supported"),
    (numpy.zeros((1, 1, 2, 2), "u2"), numpy.zeros((1, 1, 1, 2), "u2"), "dtype.supported"),
    (numpy.zeros((1, 1, 2, 2), "c8"), numpy.zeros((1, 1, 1, 2), "f4"), "dtype.supported"),
    (numpy.zeros((1, 1, 2), "f4"), numpy.zeros((1, 1, 2), "f4"), "shape.rank"),
    (numpy.zeros((1, 1, 2, 2), "f4"), numpy.zeros((2, 1, 1, 2), "f4"), "shape.batch"),
    (numpy.zeros((1, 1, 2, 2), "f4"), numpy.zeros((1, 1, 1, 3), "f4"), "shape.last-dimension"),
    (numpy.zeros((1, 1, 0, 2), "f4"), numpy.zeros((1, 1, 1, 2), "f4"), "shape.empty-spatial"),
])
def test_what_is_refused_says_its_clause(image, grid, clause):
    for function in (gridproof.grid_sample, gridproof.reference.grid_sample, gridproof.exact.grid_sample,
                     gridproof.admissible):
        with pytest.raises(gridproof.Refused) as refused:
            function(image, grid)
        assert refused.value.clause == clause
        assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize("options, error", [
    (dict(mode="linear"), gridproof.Refused), (dict(padding_mode="wrap"), gridproof.Refused),
    (dict(mode=1), TypeError), (dict(align_corners="yes"), TypeError),
])
def test_options_are_checked(options, error):
    with pytest.raises(error):
        gridproof.grid_sample(*tensors(), **options)


@pytest.mark.parametrize("wrong", (None, object(), "text", [[1], [2, 3]], numpy.zeros((1,) * 9, "f4")))
def test_what_is_no_tensor_is_said_in_a_sentence(wrong):
    with pytest.raises(ValueError):
        gridproof.grid_sample(wrong, numpy.zeros((1, 1, 1, 2), "f4"))


def test_exact_values_are_fractions():
    image, grid = tensors(numpy.float64)
    for options in OPTIONS:
        exact = gridproof.exact.grid_sample(image, grid, **options)
        rounded = gridproof.exact.rounded(image, grid, **options)
        for value, once in zip(exact.flat, rounded.flat):
            assert isinstance(value, (fractions.Fraction, float))
            assert float(value) == once or numpy.isnan(once) and numpy.isnan(value)


def test_affine_grid_and_displacements_fit_together():
    theta = numpy.float64([[[0.5, 0.1, 0.2], [0, 1, -0.3]]])
    for flag in (False, True):
        grid = gridproof.affine_grid(theta, (1, 3, 5, 7), flag)
        assert grid.shape == (1, 5, 7, 2)
        moved = gridproof.displacement(grid, (5, 7), flag)
        assert numpy.allclose(gridproof.displaced_grid(moved, (5, 7), flag), grid)
        identity = gridproof.affine_grid(numpy.float64([[[1, 0, 0], [0, 1, 0]]]), (1, 3, 5, 7), flag)
        assert numpy.abs(gridproof.displacement(identity, (5, 7), flag)).max() < 1e-12
    with pytest.raises(gridproof.Refused):
        gridproof.affine_grid(theta, (1, 3, 5, 7, 9))
    with pytest.raises(ValueError):
        gridproof.displacement(grid, (5, 7, 9))


def test_bf16_of_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    image, grid = (a.astype(ml_dtypes.bfloat16) for a in tensors())
    output = gridproof.grid_sample(image, grid)
    assert output.dtype == ml_dtypes.bfloat16
    assert same(output, gridproof.reference.grid_sample(image, grid))
    assert gridproof.exact.rounded(image, grid).dtype == ml_dtypes.bfloat16


def test_torch_in_and_torch_out():
    torch = pytest.importorskip("torch")
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        image, grid = (torch.from_numpy(a).to(dtype) for a in tensors())
        output = gridproof.grid_sample(image.requires_grad_(), grid)
        assert isinstance(output, torch.Tensor) and output.dtype == dtype and not output.requires_grad
        channels_last = image.detach().to(memory_format=torch.channels_last)
        assert torch.equal(output.nan_to_num(), gridproof.grid_sample(channels_last, grid).nan_to_num())


def test_jax_in_and_jax_out():
    jax = pytest.importorskip("jax")
    for dtype in (jax.numpy.float16, jax.numpy.bfloat16, jax.numpy.float32):
        image, grid = (jax.numpy.asarray(a).astype(dtype) for a in tensors())
        output = gridproof.grid_sample(image, grid)
        assert isinstance(output, jax.Array) and output.dtype == dtype


def test_threads_may_call_it_at_once():
    image, grid = tensors()
    expected = gridproof.grid_sample(image, grid)
    wrong = []

    def work():
        for _ in range(50):
            if not same(gridproof.grid_sample(image, grid, threads=2), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_works_after_a_fork():
    code = """
import os, numpy, gridproof
image = numpy.ones((1, 1, 300, 300), "f4"); grid = numpy.zeros((1, 300, 300, 2), "f4")
gridproof.grid_sample(image, grid, threads=2)
child = os.fork()
if child == 0:
    gridproof.grid_sample(image, grid, threads=2); os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_import_loads_neither_torch_nor_the_rest():
    code = "import sys, gridproof; gridproof.grid_sample; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"torch", "jax", "ml_dtypes", "json", "subprocess", "gridproof.trial"} & set(loaded) - {"json", "subprocess"}


@pytest.mark.parametrize("module", ("operator", "reference", "exact", "judging"))
def test_examples_of_the_docstrings(module):
    home = importlib.import_module(f"gridproof.{module}")
    result = doctest.testmod(home, extraglobs={"gridproof": gridproof}, optionflags=doctest.ELLIPSIS)
    assert result.attempted and not result.failed
