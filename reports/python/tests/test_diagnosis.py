"""diagnose, explain and reduce: what the program says, from arrays of every kind, and nothing is left behind."""
import doctest
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree

import gridproof
import gridproof._program
import gridproof.diagnosis
import numpy
import pytest

STORIES = pathlib.Path(__file__).parents[2] / "stories"


def identity(rows, columns, align_corners=False):
    down, across = numpy.mgrid[:rows, :columns]
    if align_corners:
        grid = numpy.stack([2 * across / (columns - 1) - 1, 2 * down / (rows - 1) - 1], -1)
    else:
        grid = numpy.stack([(2 * across + 1) / columns - 1, (2 * down + 1) / rows - 1], -1)
    return grid[None].astype(numpy.float32)


def pixels(rows, columns):
    down, across = numpy.mgrid[:rows, :columns]
    return numpy.stack([across, down], -1)[None].astype(numpy.float32)


def image(rows=5, columns=7, seed=0):
    return numpy.random.default_rng(seed).random((1, 2, rows, columns), numpy.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where temporary files go: nothing is there after a test."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


# ---- The stories ----

def story(name):
    return next(entry for entry in json.loads((STORIES / "stories.json").read_text()) if entry["name"] == name)


def in_python(arguments):
    """The arguments of diagnose for those of the command line: each file as an array."""
    def value(text):
        file, _, name = text.partition(":")
        if file.endswith(".npz"):
            with numpy.load(STORIES / file) as arrays:
                return arrays[name]
        if file.endswith(".npy"):
            return numpy.load(STORIES / file)
        if text.startswith("["):
            return json.loads(text)
        return STORIES / file if (STORIES / file).exists() else text

    options = {}
    for word in arguments:
        if word.startswith("--"):
            name = word[2:].replace("-", "_")
            options[name] = []
        else:
            options[name].append(word)
    for name, texts in options.items():
        values = [value(text) for text in texts]
        options[name] = tuple(values) if len(values) > 1 else values[0]
    options = {"displacement" if name == "flow" else name: value for name, value in options.items()}
    if "align_corners" in options:
        options["align_corners"] = options["align_corners"] == "true"
    if "spacing" in options:
        options["spacing"] = [float(length) for length in options["spacing"].split(",")]
    if "output_size" in options:
        options["output_size"] = [int(size) for size in options["output_size"].split(",")]
    return options


CHOSEN = ("pixel-positions", "rotation-of-an-oblong", "flow-divided-by-20", "maps-of-remap", "map-coordinates",
          "components-first", "displacement-in-millimeters", "border-forgotten-in-bytes", "kornia-4502", "resized-flow",
          "channels-last", "opencv-everything")
if os.environ.get("GRIDPROOF_ALL_STORIES"):  # a minute
    CHOSEN = [entry["name"] for entry in json.loads((STORIES / "stories.json").read_text())]


@pytest.mark.parametrize("name", CHOSEN)
def test_says_what_the_program_says(name):
    entry = story(name)
    found = gridproof.diagnose(**in_python(entry["arguments"]))
    done = subprocess.run([gridproof._program.path(), "diagnose", *entry["arguments"]], cwd=STORIES, text=True,
                          stdout=subprocess.PIPE)
    assert found.text == str(found) == repr(found) == done.stdout
    assert found.fault == entry["fault"]
    if found.fault == "usage":
        assert all(answer in " + ".join(found.cause) for answer in entry["answer"])
        assert {*entry["ties"]} <= {tie.name for tie in found.ties}
        assert found.patch and found.patch.splitlines()[0] in re.sub("^    ", "", found.text, flags=re.M)
    if found.grid is not None:
        assert_mends(found, in_python(entry["arguments"]))


def assert_mends(found, asked):
    """The corrected grid gives what was expected, as often as the diagnosis says."""
    if not isinstance(asked.get("expected"), numpy.ndarray):
        return
    output = gridproof.grid_sample(found.input, found.grid, **found.options)
    expected = asked["expected"].astype(float)
    is_rounded = any("rounded to multiples" in remark for remark in found.remarks)
    is_first = expected.shape == output.shape or found.input.shape[1] == 1  # and not channels last
    if is_rounded or not is_first or expected.size != output.size:
        return
    expected = expected.reshape(output.shape)
    share = numpy.mean(numpy.isclose(output, expected, rtol=0, atol=2e-3 * max(1, numpy.ptp(expected)), equal_nan=True))
    attempts = found.json["attempts"]
    assert share >= (attempts[0]["distance"]["share"] if attempts else 1) - 0.01


# ---- What comes back ----

def test_a_mistake_is_mended():
    shown = image()
    found = gridproof.diagnose(shown, pixels(5, 7), expected=shown)
    assert found.cause == ("units.pixels, align_corners=False") or found.cause[0].startswith("units.pixels")
    assert found.options == {"mode": "bilinear", "padding_mode": "zeros", "align_corners": False}
    assert found.grid.dtype == numpy.float32 and found.grid.shape == (1, 5, 7, 2) and found.input is shown
    assert numpy.allclose(gridproof.grid_sample(shown, found.grid, **found.options), shown, atol=1e-5)
    assert found.patches.keys() == {"PyTorch", "NumPy", "C++", "ONNX"} and found.patch == found.patches["PyTorch"]
    assert found.json["before"]["share"] < 1
    with pytest.raises(AttributeError):
        found.fault = "none"


def test_the_patch_is_in_the_language_asked_for():
    found = gridproof.diagnose(image(), pixels(5, 7), expected=image(), language="numpy")
    assert found.patch == found.patches["NumPy"] in found.text.replace("\n    ", "\n")


def test_nothing_is_wrong():
    shown = image()
    found = gridproof.diagnose(shown, identity(5, 7), intent="identity")
    assert (found.fault, found.cause, found.grid, found.input, found.options, found.patch) == ("none", (), *(None,) * 3, "")
    assert found.picture.count("<svg") == 2  # the picture and one panel


def test_an_implementation_is_wrong():
    shown = image()
    grid = identity(5, 7) + numpy.float32(0.3)
    found = gridproof.diagnose(shown, grid, observed=gridproof.grid_sample(shown, grid, align_corners=True))
    assert found.fault == "implementation" and found.grid is None and found.input is None


def test_a_layout_that_is_refused_is_mended():
    shown = image()
    grid = identity(5, 7)
    found = gridproof.diagnose(shown, numpy.moveaxis(grid, -1, 1), expected=gridproof.grid_sample(shown, grid))
    assert found.fault == "refused" and "movedim" in found.sentence
    assert numpy.array_equal(found.grid, grid) and numpy.array_equal(found.input, shown)
    whole = numpy.uint8(255 * shown[0, 0])
    found = gridproof.diagnose(whole, pixels(5, 7)[0], expected=whole)
    assert numpy.allclose(gridproof.grid_sample(found.input, found.grid, **found.options), whole, atol=1e-3)


def test_an_input_with_channels_last_comes_back_with_channels_first():
    shown = image(6, 8)
    found = gridproof.diagnose(numpy.moveaxis(shown, 1, -1), identity(6, 8), expected=shown)
    assert numpy.array_equal(found.input, shown)


def test_what_rounding_took_comes_back_only_where_it_is_known():
    found = gridproof.diagnose(**in_python(story("half-precision-grid")["arguments"]))
    assert found.cause == ("precision.16-bits",) and found.grid.dtype == found.input.dtype == numpy.float32
    found = gridproof.diagnose(**in_python(story("grid-of-half-precision")["arguments"]))
    assert found.cause == ("precision.grid-of-16-bits",) and found.grid is None and found.options is None


def test_an_intent_may_be_a_grid():
    found = gridproof.diagnose(image(), identity(5, 7, True), intent=identity(5, 7))
    assert found.fault == "usage" and "align_corners" in found.cause[0]


def test_theta_displacement_and_maps():
    shown = image(6, 8)
    theta = numpy.float32([[1, 0, 2], [0, 1, 0]])  # a translation in pixels
    wanted = gridproof.grid_sample(shown, gridproof.displaced_grid(numpy.full((1, 6, 8, 2), (2, 0), numpy.float32), (6, 8)))
    assert gridproof.diagnose(shown, theta=theta, expected=wanted).cause == ("theta.translation-pixels",)
    small = gridproof.diagnose(shown, theta=[[1, 0, 0], [0, 1, 0]], output_size=(3, 4), intent="identity")
    assert small.fault == "none"
    moved = numpy.full((1, 6, 8, 2), (-2, 0), numpy.float32)
    assert gridproof.diagnose(shown, displacement=moved, expected=wanted).cause == ("direction.reversed",)
    down, across = numpy.mgrid[:6, :8].astype(numpy.float32)
    assert gridproof.diagnose(shown, maps=(across, down), expected=shown).fault == "none"
    assert gridproof.diagnose(shown, maps=numpy.stack([down, across]), expected=shown).fault == "none"
    assert gridproof.diagnose(shown, maps=(down, across), expected=shown).fault == "usage"


def test_explain_and_reduce():
    shown = image()
    text = gridproof.explain(shown, identity(5, 7), at=(2, 3), channel=1)
    assert "n=0, h=2, w=3" in str(text) and "channel 1" in repr(text)
    assert gridproof.explain(shown, identity(5, 7), at=(0, 2, 3), channel=1) == text
    assert "wanted" not in text.text
    compared = gridproof.explain(shown, pixels(5, 7), expected=shown)
    assert "expected" in compared.text and "As meant" in compared.text
    small = gridproof.reduce(shown, pixels(5, 7), expected=shown)
    assert small and small.case in small.text and small.code in small.text and small.test in small.text
    assert str(tempfile.gettempdir()) not in small.text
    assert "reference" in gridproof.explain(small.case).text
    nothing = gridproof.reduce(shown, identity(5, 7), expected=shown)
    assert not nothing and "nothing to reduce" in nothing.text


# ---- The picture ----

def test_what_a_notebook_shows():
    found = gridproof.diagnose(image(), pixels(5, 7), expected=image())
    page = found._repr_html_()
    parsed = xml.etree.ElementTree.fromstring(page)
    assert parsed.find(".//{http://www.w3.org/2000/svg}svg") is not None
    assert len(page) < 200_000
    for wrong in ("<script", " id=", "<style", "#fff", '"white"', '"black"', "background"):
        assert wrong not in page
    assert "as asked" in page and "as corrected" in page


def test_foreign_text_is_escaped(tmp_path):
    path = tmp_path / "<img src=x onerror=alert(1)>&.npy"
    numpy.save(path, image()[0])
    found = gridproof.diagnose(path, pixels(5, 7), expected=image())
    object.__setattr__(found, "sentence", "<script>")
    page = found._repr_html_()
    assert "<script" not in page and "<img" not in page
    path.unlink()
    with pytest.raises(ValueError, match="intent is"):
        gridproof.diagnose(image(), identity(5, 7), intent="<script>alert(1)</script>")


def test_a_large_picture_is_small_work():
    shown = numpy.zeros((1, 1, 1080, 1920), numpy.float32)
    shown[...] = numpy.arange(1920) % 97
    found = gridproof.diagnose(shown, identity(1080, 1920, True), expected=shown)
    assert found.cause == ("align_corners",)
    assert len(found.picture) < 50_000 and found.picture.count("M") < 2500


# ---- Arrays of others ----

def test_half_precision():
    shown = image().astype(numpy.float16)
    found = gridproof.diagnose(shown, pixels(5, 7).astype(numpy.float16), expected=shown)
    assert found.fault == "usage" and found.grid.dtype == numpy.float16


def test_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    shown = image().astype(ml_dtypes.bfloat16)
    found = gridproof.diagnose(shown, pixels(5, 7).astype(ml_dtypes.bfloat16), expected=shown)
    assert found.fault == "usage" and found.grid.dtype == ml_dtypes.bfloat16
    assert numpy.array_equal(found.grid.astype(numpy.float32)[0, 0, 0] < -0.5, [True, True])


def test_torch():
    torch = pytest.importorskip("torch")
    shown = torch.from_numpy(image()).requires_grad_()
    found = gridproof.diagnose(shown, torch.from_numpy(pixels(5, 7)), expected=shown)
    assert isinstance(found.grid, torch.Tensor) and found.grid.dtype == torch.float32
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        found = gridproof.diagnose(shown.to(dtype), torch.from_numpy(pixels(5, 7)).to(dtype), expected=shown.to(dtype))
        assert found.grid.dtype == dtype
    assert gridproof.diagnose(shown, torch.tensor([[[0, 0]]]), observed=torch.zeros(1, 2, 1, 1)).fault


def test_jax():
    jax = pytest.importorskip("jax")
    shown = jax.numpy.asarray(image())
    for dtype in (jax.numpy.float32, jax.numpy.bfloat16):
        found = gridproof.diagnose(shown.astype(dtype), jax.numpy.asarray(pixels(5, 7), dtype), expected=shown.astype(dtype))
        assert isinstance(found.grid, jax.Array) and found.grid.dtype == dtype


def test_no_library_is_imported():
    code = ("import sys, numpy, gridproof\n"
            "a = numpy.ones((1, 1, 2, 2), numpy.float32)\n"
            "gridproof.diagnose(a, numpy.zeros((1, 1, 1, 2), numpy.float32), intent='identity')\n"
            "print({'torch', 'jax', 'ml_dtypes', 'matplotlib', 'IPython'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("change", (
    lambda a: a[..., ::-1, :][..., ::-1, :], lambda a: numpy.repeat(a, 2, -1)[..., ::2], numpy.asfortranarray,
    lambda a: a.astype(a.dtype.newbyteorder(">")), lambda a: numpy.broadcast_to(a, a.shape), lambda a: a.tolist(),
    lambda a: a.astype(numpy.float64)), ids=("reversed", "strided", "Fortran", "big-endian", "read-only", "list", "f64"))
def test_layouts_of_arrays(change):
    shown = image()
    plain = gridproof.diagnose(shown, pixels(5, 7), expected=shown)
    found = gridproof.diagnose(change(shown), change(pixels(5, 7)), expected=change(shown))
    assert found.cause == plain.cause
    assert numpy.allclose(found.grid, plain.grid)


def test_kinds_of_numbers():
    whole = numpy.arange(35, dtype=numpy.uint8).reshape(5, 7)
    for dtype in (numpy.uint8, numpy.int16, numpy.int32, numpy.int64, numpy.uint16):
        assert gridproof.diagnose(whole.astype(dtype), pixels(5, 7), expected=whole.astype(dtype)).fault == "usage"
    assert gridproof.diagnose(whole > 9, identity(5, 7), expected=whole > 9).fault == "none"
    found = gridproof.diagnose(image(), pixels(5, 7).astype(numpy.float64), expected=image())
    assert found.fault == "usage" and found.grid.dtype == numpy.float32


# ---- What is no question ----

@pytest.mark.parametrize("arguments, sentence", (
    (dict(grid=identity(5, 7)), "nothing to compare with: expected observed, expected or intent"),
    (dict(intent="identity"), "by nothing: expected one of grid, theta, displacement and maps"),
    (dict(grid=identity(5, 7), theta=[[1, 0, 0], [0, 1, 0]], intent="identity"), "by grid and theta"),
    (dict(grid=identity(5, 7), intent="identity", expected=image()), "expected and intent exclude each other"),
    (dict(grid=identity(5, 7), intent="upside down"), "intent is 'upside down': expected identity"),
    (dict(grid=identity(5, 7), intent="identity", language="COBOL"), "language is 'COBOL'"),
    (dict(grid=identity(5, 7), intent="identity", output_size=(3, 4)), "output_size needs theta"),
    (dict(grid=identity(5, 7), expected=image(3, 3)), "shape"),
    (dict(grid=numpy.zeros((1,) * 7 + (2,)), intent="identity"), "axes"),
    (dict(grid=numpy.array([object()]), intent="identity"), "grid: an array of object; numbers were expected"),
    (dict(grid=identity(5, 7) + 1j, intent="identity"), "grid: an array of complex64; numbers were expected"),
    (dict(grid=numpy.array(["a"]), intent="identity"), "numbers were expected"),
    (dict(grid=[[1, 2], [3]], intent="identity"), "grid: not an array"),
    (dict(grid="nowhere.npy", intent="identity"), "grid 'nowhere.npy': cannot read it: No such file"),
    (dict(grid=identity(5, 7).astype(numpy.longdouble), intent="identity"), "grid"),
    (dict(maps=(identity(5, 7),) * 3, intent="identity"), "maps: 3 arrays; expected a pair"),
    (dict(displacement=identity(5, 7)[..., :1], intent="identity"), "displacement"),
    (dict(grid=identity(5, 7), intent="identity\0"), "null"),
    (dict(grid=identity(5, 7), intent="shift nan,0"), "intent is 'shift nan,0'"),
    (dict(grid=identity(5, 7), intent="identity", spacing=(1, -1)), "spacing is '1.0,-1.0'"),
    (dict(grid=identity(5, 7), intent="--help"), "intent is '--help'"),
    (dict(grid="", intent="identity"), "grid is empty"),
    (dict(grid=identity(5, 7), intent=""), "intent is empty"),
    (dict(grid=identity(5, 7), mode="", intent="identity"), "mode is empty"),
    (dict(maps=("", ""), intent="identity"), "maps"),
), ids=lambda value: value if isinstance(value, str) else "")
def test_errors_are_the_program_s(arguments, sentence, folder):
    with pytest.raises(ValueError) as why:
        gridproof.diagnose(image(), **arguments)
    assert sentence in str(why.value)
    assert str(folder)[:20] not in str(why.value) and "gridproof" not in str(why.value)
    assert "--" not in str(why.value).replace("'--", "")


def test_what_is_no_argument():
    with pytest.raises(TypeError):
        gridproof.explain(image(), identity(5, 7), at=(0.5, 1))
    with pytest.raises(TypeError):
        gridproof.explain(image(), identity(5, 7), at=(0, 1), depth=3)
    with pytest.raises(TypeError):
        gridproof.diagnose(image(), identity(5, 7), mode=3, intent="identity")
    with pytest.raises(TypeError, match="align_corners: 'False'"):
        gridproof.diagnose(image(), identity(5, 7), align_corners="False", intent="identity")
    with pytest.raises(ValueError, match="at is '0,9,9': expected 3 indices within"):
        gridproof.explain(image(), identity(5, 7), at=(9, 9))
    with pytest.raises(ValueError):
        gridproof.explain(image(), identity(5, 7), at=(-1, 0))


def test_refusals():
    for ask in (gridproof.explain, gridproof.reduce):
        with pytest.raises(gridproof.Refused) as refused:
            ask(image(), identity(5, 7), mode="no such mode", expected=image())
        assert refused.value.clause == "options.mode"
        assert str(refused.value).startswith("mode is 'no such mode'")
    with pytest.raises(ValueError, match="did you mean bilinear"):
        gridproof.explain(image(), identity(5, 7), mode="bilinaer")
    assert gridproof.diagnose(image(), identity(5, 7), mode="no such mode", intent="identity").fault == "refused"


def test_empty_and_strange_arrays():
    nothing = numpy.zeros((1, 0, 4, 2), numpy.float32)
    found = gridproof.diagnose(image(), nothing, expected=numpy.zeros((1, 2, 0, 4), numpy.float32))
    assert found.fault == "none" and found.picture == ""
    assert gridproof.diagnose(numpy.zeros((1, 2, 0, 4), numpy.float32), identity(5, 7), observed=image()).fault
    grid = identity(5, 7)
    grid[0, 0, 0] = numpy.nan
    grid[0, 1, 1] = numpy.inf
    shown = image()
    shown[0, 0, 0, 0] = numpy.nan
    found = gridproof.diagnose(shown, grid, expected=image())
    assert any("NaN or infinite" in remark for remark in found.remarks)
    assert "nan" not in found.picture and "inf" not in found.picture


# ---- The process ----

def test_threads():
    found, threads = {}, []
    for seed in range(6):
        def ask(seed=seed):
            found[seed] = gridproof.diagnose(image(seed=seed), pixels(5, 7), expected=image(seed=seed)).grid
        threads.append(threading.Thread(target=ask))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(found) == 6 and all(numpy.array_equal(found[0], grid) for grid in found.values())


def test_an_interrupt_leaves_nothing_behind(tmp_path):
    code = ("import numpy, gridproof\n"
            "a = numpy.random.random((1, 1, 1500, 1500)).astype('f')\n"
            "gridproof.diagnose(a, numpy.zeros((1, 1500, 1500, 2), 'f'), expected=a)")
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)},
                               stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not list(tmp_path.glob("gridproof-*/expected")) and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(OSError, match="nowhere"):
        gridproof.diagnose(image(), identity(5, 7), intent="identity")


def test_says_that_it_takes_a_while(monkeypatch, capsys):
    monkeypatch.setattr(gridproof.diagnosis, "SAID_AFTER", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    gridproof.diagnose(image(), pixels(5, 7), expected=image())
    assert "gridproof diagnose: looking at 70 numbers" in capsys.readouterr().err


def test_examples():
    tested = doctest.testmod(gridproof.diagnosis, extraglobs={"gridproof": gridproof})
    assert tested.attempted > 8 and tested.failed == 0
