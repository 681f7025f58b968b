"""Kernel densities, the signed logarithmic axis and thinning."""

import numpy as np
import pytest

from partialpool.figures.parts.densities import density, evenly, signed_log, span_of_most


def test_signed_log_is_odd_and_logarithmic_far_from_zero() -> None:
    assert signed_log([0, 10, -100]) == pytest.approx([0, 1, -2], abs=0.01)
    assert signed_log(1) == pytest.approx(np.arcsinh(0.5) / np.log(10))


def test_screens_are_chosen_evenly() -> None:
    assert evenly(50, 3).tolist() == [0, 24, 49]
    assert evenly(2, 30).tolist() == [0, 1]


def test_equal_values_have_a_density() -> None:
    grid, curve = density(np.full(50, 0.3), span=(0.3, 0.3))
    assert np.trapezoid(curve, grid) > 0.5


def test_a_span_of_most_leaves_out_the_extremes() -> None:
    values = np.append(np.linspace(0, 1, 1001), [100.0])
    # 99.6 % of 1,002 values lie between 0.002 and 0.999; a tenth of that lies beyond.
    assert span_of_most(values) == pytest.approx((0.002 - 0.0997, 0.999 + 0.0997), abs=1e-3)
