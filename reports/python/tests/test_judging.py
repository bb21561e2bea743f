"""The judge for unit tests: 20 right implementations pass, 40 wrong ones do not."""
import base64
import itertools
import subprocess
import sys
import zlib

import gridproof
import numpy
import pytest
import variants

OPTIONS = [dict(mode=mode, padding_mode=padding, align_corners=flag)
           for mode, padding, flag in itertools.product(("bilinear", "nearest", "bicubic"),
                                                        ("zeros", "border", "reflection"), (False, True))]


def question(dtype, seed, rank=4):
    """An image and a grid of which a tenth is special: NaN, infinite, at ties, at pixels, far away."""
    random = numpy.random.default_rng(seed)
    spatial, output = ((9, 13), (32, 20)) if rank == 4 else ((5, 4, 6), (8, 8, 10))
    image = random.standard_normal((2, 3, *spatial)).astype(dtype)
    grid = random.uniform(-2.2, 2.2, (2, *output, rank - 2)).astype(dtype)
    some = random.random(grid.shape)
    grid[some > 0.9] *= 3
    grid[some < 0.02] = numpy.nan
    grid[(some > 0.02) & (some < 0.03)] = numpy.inf
    at_halves = (some > 0.03) & (some < 0.1)
    size = spatial[-1]
    grid[at_halves] = ((numpy.rint((grid[at_halves] + 1) * size) / size) - 1).astype(dtype)
    return image, grid


def objections(function, dtype):
    found = []
    for seed, (rank, options) in enumerate(itertools.product((4, 5), OPTIONS)):
        if rank == 5 and options["mode"] == "bicubic":
            continue
        image, grid = question(dtype, seed, rank)
        with numpy.errstate(all="ignore"):
            output = function(image, grid, **options)
        judgment = gridproof.judge(output, image, grid, **options)
        if not judgment:
            found.append((rank, options, judgment))
    return found


@pytest.mark.parametrize("name", variants.RIGHT)
@pytest.mark.parametrize("dtype", ("f4", "f8"))
def test_right_implementations_pass(name, dtype):
    found = objections(variants.implementation(variants.RIGHT[name]), dtype)
    assert not found, f"{len(found)}, first: {found[0][:2]} {found[0][2]} {found[0][2].groups}"


@pytest.mark.parametrize("name", variants.WRONG)
@pytest.mark.parametrize("dtype", ("f4", "f8"))
def test_wrong_implementations_do_not(name, dtype):
    assert objections(variants.implementation(variants.WRONG[name]), dtype)


def test_there_are_sixty_of_them():
    assert len(variants.RIGHT) == 20 and len(variants.WRONG) == 40


def test_the_message_says_what_is_wrong():
    image, grid = question("f4", 1)
    output = gridproof.grid_sample(image, grid, align_corners=True)
    with pytest.raises(AssertionError) as failed:
        gridproof.assert_admissible(output, image, grid)
    text = str(failed.value)
    assert "are not admissible under P1." in text
    assert "align.flipped" in text and "align_corners=True" in text
    line = next(line for line in text.splitlines() if line.startswith("  case: "))
    assert line.startswith("  case: grid_sample input=f32[1,1,9,13]{")
    # What the line asks is what the worst sample was asked: the program finds the same there.
    worst = next(group for group in gridproof.judge(output, image, grid).groups)
    shown = subprocess.run([sys.executable, "-m", "gridproof", "replay", "--subject", "reference", line.removeprefix("  case: ")],
                           capture_output=True, text=True)
    assert shown.returncode == 0 and f"[{worst.clause}]" in shown.stdout, shown.stdout + shown.stderr


def test_the_message_links_to_its_page(monkeypatch):
    image, grid = question("f4", 1)
    output = gridproof.grid_sample(image, grid)
    output[0, 0, 0, 0] += 0.25
    monkeypatch.setenv("GRIDPROOF_SITE", "https://example.org/spec")
    with pytest.raises(AssertionError) as failed:
        gridproof.assert_admissible(output, image, grid)
    lines = str(failed.value).splitlines()
    case = next(line for line in lines if line.startswith("  case: ")).removeprefix("  case: ")
    page = next(line for line in lines if line.startswith("  page: ")).removeprefix("  page: ")
    assert page.startswith("https://example.org/spec/question.html#q=")
    packed = page.split("#q=")[1]
    assert zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15).decode() == case
    shown = subprocess.run([sys.executable, "-m", "gridproof", "replay", "--subject", "reference", case],
                           capture_output=True, text=True)
    assert "https://example.org/spec/question.html#q=" in shown.stdout, shown.stdout + shown.stderr


def test_the_message_names_no_cause_where_none_is_known():
    image, grid = question("f4", 1)
    output = gridproof.grid_sample(image, grid)
    output[1, 2, 3, 4] += 0.25
    with pytest.raises(AssertionError) as failed:
        gridproof.assert_admissible(output, image, grid)
    text = str(failed.value)
    assert "1 of 1,280 samples (0.0781 %)" in text
    assert "n=1, h=3, w=4, channel 2" in text
    assert "cause: no known mistake gives these answers" in text


def test_a_message_of_one_s_own():
    image, grid = question("f4", 1)
    with pytest.raises(AssertionError, match="^the second layer\n"):
        gridproof.assert_admissible(numpy.zeros((2, 3, 32, 20), "f4"), image, grid, msg="the second layer")
    with pytest.raises(AssertionError, match="^<.*>$"):
        gridproof.assert_admissible(numpy.zeros((2, 3, 32, 20), "f4"), image, grid,
                                    msg=lambda text: f"<{text[:20]}>")


@pytest.mark.parametrize("actual", (numpy.zeros((2, 3, 20, 32), "f4"), numpy.zeros((2, 3, 32, 20), "f8"),
                                    numpy.zeros(3, "f4"), numpy.float32(1)))
def test_a_wrong_shape_or_dtype_is_wrong_as_a_whole(actual):
    image, grid = question("f4", 1)
    judgment = gridproof.judge(actual, image, grid)
    assert not judgment and judgment.whole and judgment.counts["deviates"] == 1280
    with pytest.raises(AssertionError, match="the output"):
        gridproof.assert_admissible(actual, image, grid)


def test_an_answer_to_what_is_refused_is_latitude_and_a_wrong_name_a_finding():
    image, grid = question("f4", 1)
    actual = numpy.zeros((2, 3, 32, 20), "f4")
    assert not gridproof.judge(actual, image, grid, mode="bicubi")


def test_admissible_holds_the_exact_value_and_what_the_judge_admits():
    for dtype in ("f4", "f8"):
        for seed, options in enumerate(OPTIONS):
            image, grid = question(dtype, seed)
            image = image[:, :1]  # the channels of a sample share its position: ends of several may not
            sets = gridproof.admissible(image, grid, **options)
            reference = gridproof.reference.grid_sample(image, grid, **options)
            assert sets.lower.dtype == sets.upper.dtype == image.dtype
            numbers = ~numpy.isnan(reference)
            assert ((sets.lower <= reference) & (reference <= sets.upper) | sets.undecided)[numbers].all()
            # The ends themselves pass; what lies beyond an interval does not.
            for end, beyond in ((sets.lower, -numpy.inf), (sets.upper, numpy.inf)):
                with numpy.errstate(all="ignore"):
                    assert gridproof.judge(end, image, grid, **options), options
                    outside = numpy.nextafter(end, beyond, dtype=end.dtype)
                plain = ~(sets.gaps | sets.nan | sets.latitude | sets.undecided) & numpy.isfinite(end) & (end != 0)
                judgment = gridproof.judge(numpy.where(plain, outside, end), image, grid, **options)
                assert judgment.findings + judgment.counts["quality-warning"] == plain.any(axis=1).sum()


def test_profiles():
    image, grid = question("f4", 1)
    output = gridproof.grid_sample(image, grid)
    assert gridproof.judge(output, image, grid, profile="P0")
    other = numpy.where(output != 0, numpy.nextafter(output, numpy.float32(9)), output)
    assert not gridproof.judge(other, image, grid, profile="P0")
    with pytest.raises(ValueError, match="no profile"):
        gridproof.judge(output, image, grid, profile="P9")


def test_progress_is_told_and_may_stop_it():
    image, grid = question("f4", 1)
    grid = numpy.tile(grid, (1, 10, 10, 1))
    output = gridproof.grid_sample(image, grid)
    told = []
    gridproof.judge(output, image, grid, progress=told.append)
    assert told == sorted(told) and told[-1] == 2 * 320 * 200

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gridproof.judge(output, image, grid, progress=stop)


def test_torch_tensors_and_bf16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    image, grid = (a.astype(ml_dtypes.bfloat16) for a in question("f4", 1))
    output = gridproof.grid_sample(image, grid)
    assert gridproof.judge(output, image, grid)
    output[0, 0, 0, 0] += 1
    with pytest.raises(AssertionError, match="n=0, h=0, w=0"):
        gridproof.assert_admissible(output, image, grid)
    torch = pytest.importorskip("torch")
    image, grid = map(torch.from_numpy, question("f4", 1))
    output = torch.nn.functional.grid_sample(image, grid.nan_to_num(-1, 1, 1), align_corners=False)
    gridproof.assert_admissible(output, image, grid.nan_to_num(-1, 1, 1), align_corners=False)
