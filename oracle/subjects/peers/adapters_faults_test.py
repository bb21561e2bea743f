#!/usr/bin/env python3
"""Whether adapters_test.py notices the faults of faulty_adapter.py.

    adapters_faults_test.py PYTHON    which has NumPy
"""
import contextlib
import io
import pathlib
import sys
import unittest

import adapters_test

PYTHON = sys.argv[1]
ADAPTER = pathlib.Path(__file__).resolve().parent / "faulty_adapter.py"
FAULTS = {
    "strides_ignored": "not the same with the input",
    "freed": "not the same with the input",
    "stale": "not the same after another question",
    "narrowed": "not [1.0000000000000002",
    "narrowed_coordinates": "not [2, 8]",
    "other_dtype": "not [7, 2, 15",
    "first_entry": "not [7, 2, 15",
    "channels_mixed": "not [7, 2, 15",
    "unknown_is_default": "an option that nobody has is answered",
    "own_word": "an option that nobody has is answered",
    "values_declined": "declined by its values",
    "copies_all": "neither answered nor declined",
    "grad_axes_swapped": "grad_grid is not",
    "grad_strides_ignored": "gradients are not the same with the grad_output",
    "grad_not_cleared": "gradients are not the same with the input",
    "grad_mask_mistaken": "not the same without grad_input",
}


class Faults(unittest.TestCase):
    def test_each_is_noticed(self):
        for fault, expected in FAULTS.items():
            with self.subTest(fault):
                with contextlib.redirect_stdout(io.StringIO()) as text:
                    self.assertFalse(adapters_test.test(fault, [PYTHON, str(ADAPTER), fault], False))
                self.assertIn(expected, text.getvalue())


if __name__ == "__main__":
    adapters_test.MOST_WRONG = 1
    unittest.main(argv=sys.argv[:1])
