"""Model 3 as published, and as it is now: on the default screen and on a real one."""

import pytest
from scipy import stats

from partialpool.inference.recovery import coverage, recovery_table
from partialpool.models import MODELS
from partialpool.preparation import prepare

pytestmark = pytest.mark.slow


def test_the_published_form_does_not_converge(fitted, default_screen) -> None:
    """The two levels trade off, and the sampler walks along the ridge: few draws show it."""
    few = {"draws": 300, "tune": 300}
    fit = fitted(default_screen[0], "cell_line", few, parametrization="published")

    assert not fit.verdict["passed"]
    assert fit.verdict["max_r_hat"] > 1.1
    assert fit.verdict["min_ess_bulk"] < 200
    # It is the level that is lost: the differences between lines are known.
    assert fit.of("cell_line_effect")["r_hat"].min() > 1.05
    draws = fit.idata.posterior["cell_line_effect"]
    spread = (draws - draws.mean("cell_line")).std(("chain", "draw"))
    assert float(spread.mean()) < 0.05


def test_the_identified_form_converges_on_the_default_screen(default_cell_line) -> None:
    found = default_cell_line.verdict
    assert found["passed"], found["reasons"]
    assert found["min_ess_bulk"] >= 1000
    assert found["max_r_hat"] <= 1.01


def test_intervals_hold_the_planted_values_as_often_as_they_say(
    default_cell_line, default_screen
) -> None:
    """Of 387 effects and 5 population values. P(a calibrated fit fails) is 1e-3 or so.

    The bound is the binomial's, both sides together: effects share little but the level.
    """
    table, truth = default_screen
    model = MODELS["cell_line"]
    recovery = recovery_table(default_cell_line.convergence, truth, table, model, "identified")
    shares = coverage(recovery, 0.89).set_index("effect").loc["all"]
    n, inside = int(shares["n"]), int(shares["n_inside"])

    assert n >= 103 + 26 + 258
    assert stats.binomtest(inside, n, 0.89).pvalue > 1e-3


def test_the_identified_form_converges_on_a_real_screen(fitted, parameters, shared_data) -> None:
    import pandas as pd

    path = shared_data / "avana_small.csv.gz"
    if not path.exists():
        pytest.skip(f"no real screen at {path}")
    raw = pd.read_csv(path, low_memory=False)
    fit = fitted(prepare(raw, parameters.data_engineering)[0], "cell_line")
    assert fit.verdict["passed"], fit.verdict["reasons"]
    assert fit.verdict["min_ess_bulk"] >= 1000
