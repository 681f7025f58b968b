"""Results of a fit that lie in files: do they belong together, and to the present screen."""

import pandas as pd
import pytest

from partialpool.models import MODELS
from partialpool.report.same_fit import OutOfDateError, why_out_of_date
from partialpool.screen import Screen


@pytest.fixture
def results(balanced_table):
    """Posterior's attributes and results of a fit of the model mutation."""
    screen = Screen.from_table(balanced_table, MODELS["mutation"].covariates)
    of = {"fit_id": "new", "data_hash": screen.content_hash}
    parameters = ["mu_gene", "gene_effect[A]", "gene_effect[B]"]
    estimates = pd.DataFrame({"parameter": parameters, "mean": [0.1, 1 / 3, float("nan")]})
    return {"model": "mutation", **of}, {
        "verdict": of | {"model": "mutation", "passed": True},
        "scores": of | {"rmse": 0.4},
        "convergence": estimates,
        "effects": estimates[1:],
        "recovery": estimates[:2],
    }


def test_results_of_one_fit_on_the_present_screen_belong_together(results, balanced_table) -> None:
    posterior, found = results
    assert why_out_of_date(posterior, balanced_table, found) is None
    assert why_out_of_date(posterior, balanced_table, found | {"recovery": None}) is None


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("verdict", {"fit_id": "old"}, "verdict"),
        ("scores", {"fit_id": "old"}, "scores"),
        ("scores", {"data_hash": "old"}, "scores"),
    ],
)
def test_a_record_of_an_earlier_fit_is_found(
    results, balanced_table, name, changes, reason
) -> None:
    posterior, found = results
    found = found | {name: found[name] | changes}
    assert reason in why_out_of_date(posterior, balanced_table, found)


@pytest.mark.parametrize("name", ["verdict", "scores"])
def test_a_record_that_does_not_name_its_fit_is_out_of_date(results, balanced_table, name) -> None:
    posterior, found = results
    assert name in why_out_of_date(posterior, balanced_table, found | {name: {"model": "gene"}})


@pytest.mark.parametrize("name", ["effects", "recovery"])
def test_a_table_with_other_estimates_is_found(results, balanced_table, name) -> None:
    posterior, found = results
    other = found[name].assign(mean=found[name]["mean"] + 1e-6)
    assert name in why_out_of_date(posterior, balanced_table, found | {name: other})
    renamed = found[name].assign(parameter="gene_effect[C]")
    assert name in why_out_of_date(posterior, balanced_table, found | {name: renamed})


def test_a_fit_to_another_screen_is_found_by_what_its_model_sees(results, balanced_table) -> None:
    posterior, found = results
    longer = balanced_table.assign(lfc=balanced_table["lfc"] + 1)
    mutated = balanced_table.assign(is_mutated=1 - balanced_table["is_mutated"].astype(float))
    unseen = balanced_table.assign(gene_cn_z=0.0)
    assert "another screen" in why_out_of_date(posterior, longer, found)
    assert "another screen" in why_out_of_date(posterior, mutated, found)
    assert why_out_of_date(posterior, unseen, found) is None


def test_all_fits_are_named_with_what_to_do() -> None:
    reasons = {f"fit{i}": "its verdict is of an earlier fit" for i in range(8)}
    message = str(OutOfDateError.of(reasons))
    assert all(f"fit{i} (its verdict" in message for i in range(8))
    assert "`kedro run`" in message
