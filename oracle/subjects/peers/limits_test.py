#!/usr/bin/env python3
"""What the adapters share, what adapter.py makes of what they raise, and where the NumPy example could
go wrong without a word. Needs NumPy and no peer."""
import itertools
import pathlib
import sys
import unittest

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "templates")]
import adapter  # noqa: E402
import limits  # noqa: E402
from numpy_grid_sample import MODES, PADDINGS, grid_sample, padded  # noqa: E402


def expanded(*shape):
    return np.broadcast_to(np.float32(1), shape)


def array(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


class Limits(unittest.TestCase):
    def test_dense_copies_are_row_major_and_nobody_elses(self):
        input, grid = array(2, 3, 4, 5)[:, :, ::-1, ::2], expanded(2, 3, 3, 2)
        for given, copy in zip((input, grid), limits.dense(input, grid)):
            self.assertTrue(copy.flags.c_contiguous and copy.flags.owndata and copy.flags.writeable)
            self.assertEqual(copy.strides, np.empty(copy.shape, copy.dtype).strides)
            np.testing.assert_array_equal(copy, given)
        scalar, _ = limits.dense(np.float32(3)[...], grid)
        self.assertEqual(scalar.shape, ())

    def test_a_view_that_stands_for_too_much_is_declined_by_its_bytes(self):
        small = array(1, 1, 1, 2)
        with self.assertRaisesRegex(adapter.Unsupported, str(4 * (32769 * 65536 + 2 + 1))):
            limits.dense(expanded(1, 1, 32769, 65536), small)
        with self.assertRaisesRegex(adapter.Unsupported, str(4 * (1 + 2 * 65536 ** 2 + 65536 ** 2))):
            limits.dense(expanded(1, 1, 1, 1), expanded(1, 65536, 65536, 2))
        with self.assertRaisesRegex(adapter.Unsupported, "bytes"):  # the output alone
            limits.dense(expanded(1, 20000, 1, 1), expanded(1, 200, 200, 2))
        limits.dense(expanded(1, 1, 1, 1), expanded(1, 256, 256, 2))
        with self.assertRaisesRegex(adapter.Unsupported, str(4 * (2 * (1 << 27) + 2 * 2 + 1 + 1))):  # with gradients
            limits.dense(expanded(1, 1, 1, 1 << 27), small, expanded(1, 1, 1, 1))

    def test_gradients_that_are_wanted_have_their_places(self):
        self.assertEqual(limits.both((True, True), ["x", "g"]), ("x", "g"))
        self.assertEqual(limits.both((False, True), ["g"]), (None, "g"))
        self.assertEqual(limits.both((False, False), []), (None, None))

    def test_only_what_a_peer_raises_is_its_refusal(self):
        for raised, expected in ((ValueError("no"), limits.Refused), (MemoryError(), MemoryError),
                                 (adapter.Unsupported("no"), adapter.Unsupported), (limits.Refused("no"), limits.Refused)):
            with self.assertRaises(expected), limits.refusals():
                raise raised

    def test_an_option_is_said_in_the_peers_words_or_declined(self):
        self.assertEqual(limits.word_of({"nearest": 0}, "mode", "nearest"), 0)
        for text in ("linear", "Nearest", ""):
            with self.assertRaises(adapter.Unsupported):
                limits.word_of({"nearest": 0}, "mode", text)

    def test_shapes_that_do_not_fit_are_declined(self):
        limits.fitting(array(1, 1, 2, 2), array(1, 1, 1, 2))
        limits.fitting(array(1, 1, 2, 2, 2), array(1, 1, 1, 1, 3))
        for input, grid in (((1, 1, 2), (1, 1, 1)), ((1, 1, 2, 2), (1, 1, 1, 3)), ((1, 1, 2, 2), (2, 1, 1, 2)),
                            ((1, 1, 2, 2), (1, 1, 1, 1, 3)), ((), ())):
            with self.assertRaises(adapter.Unsupported):
                limits.fitting(array(*input), array(*grid))

    def test_positions_are_those_of_the_documentation(self):
        grid = np.array([[[[-1, 1], [np.nan, 0.5], [np.inf, -np.inf]]]], np.float32)
        y, x = limits.pixels(grid, (2, 4), False)
        self.assertEqual((x.ravel().tolist(), y.ravel().tolist()), ([-0.5, -0.5, np.inf], [1.5, 1.0, -np.inf]))
        y, x = limits.pixels(grid, (2, 4), True)
        self.assertEqual((x.ravel().tolist(), y.ravel().tolist()), ([0, 0, np.inf], [1, 0.75, -np.inf]))


class NumpyExample(unittest.TestCase):
    def test_the_last_pixel_of_an_axis_that_f32_cannot_count(self):
        grid = np.array([1, 0, 2, 0, 5, 0, -3, 0], np.float32).reshape(1, 1, 4, 2)
        for size, mode, padding_mode, align_corners in itertools.product(
                (2 ** 24 + 4, 2 ** 24 + 2, 2 ** 28 + 10), MODES, ("border", "reflection"), (False, True)):
            output = grid_sample(expanded(1, 1, 1, size), grid, mode, padding_mode, align_corners)
            self.assertEqual(output.ravel().tolist(), [1] * 4, (size, mode, padding_mode, align_corners))
        outside = np.array([3, 0, 1e30, 0], np.float32).reshape(1, 1, 2, 2)
        self.assertFalse(grid_sample(expanded(1, 1, 1, 2 ** 28 + 10), outside).any())

    def test_positions_stay_in_the_dtype_of_the_grid(self):
        at = np.array([-1, 70000.5], np.float32)
        for padding_mode in PADDINGS:
            self.assertEqual(padded(at, 70000, padding_mode, False).dtype, np.float32)


class Answers(unittest.TestCase):
    CASE = {"type": "case", "id": 1, "mode": "nearest", "input": {"dtype": "f32", "shape": [1], "data": "AACAPw=="},
            "grid": {"dtype": "f32", "shape": [1], "data": "AACAPw=="}}

    def answer(self, raised, refusals=limits.Refused, **more):
        def function(input, grid, **options):
            self.assertEqual(options, {"mode": "nearest"})  # what is left out is left to it
            raise raised
        return adapter.answer({**self.CASE, **more}, function, refusals)

    def test_what_is_raised(self):
        self.assertEqual(self.answer(limits.Refused("no")), {"type": "refused", "message": "Refused: no"})
        self.assertEqual(self.answer(ValueError("no"), Exception), {"type": "refused", "message": "ValueError: no"})
        self.assertEqual(self.answer(adapter.Unsupported("f16")), {"type": "unsupported", "what": "f16"})
        self.assertEqual(self.answer(ValueError(), gamma=2), {"type": "unsupported", "what": "a case with gamma"})
        self.assertLessEqual(len(self.answer(ValueError("x" * 9999), Exception)["message"]), 1000)
        for raised, refusals in ((MemoryError(), Exception), (ValueError(), limits.Refused)):
            with self.assertRaises(type(raised)):  # which is reported as an error
                self.answer(raised, refusals)

    def test_gradients_that_are_wanted(self):
        one = {"dtype": "f32", "shape": [1], "data": "AACAPw=="}
        case = {**self.CASE, "type": "backward", "grad_output": one, "output_mask": [False, True]}

        def backward(grad_output, input, grid, output_mask, **options):
            self.assertEqual((grad_output.tolist(), output_mask, options), ([1], [False, True], {"mode": "nearest"}))
            return None, grid * 3
        answer = adapter.answer(case, None, Exception, backward)
        self.assertEqual(answer, {"type": "gradients", "grad_grid": {"dtype": "f32", "shape": (1,), "data": "AABAQA=="}})
        self.assertEqual(adapter.answer({**case, "create_graph": True}, None, Exception, backward),
                         {"type": "unsupported", "what": "a case with create_graph"})
        # A question for the output that has a gradient is none that is known.
        self.assertEqual(self.answer(ValueError(), grad_output=one),
                         {"type": "unsupported", "what": "a case with grad_output"})


if __name__ == "__main__":
    unittest.main()
