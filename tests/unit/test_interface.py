"""The Python interface: a table in memory in, a fit out."""

import numpy as np
import pandas as pd
import pytest

import partialpool as pp
from partialpool.defaults import default
from partialpool.errors import ScreenError
from partialpool.interface import fit_settings

COLUMNS = ["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol"]
FEW = {"chains": 2, "draws": 300, "tune": 300, "seed": 5}


@pytest.fixture(scope="module")
def table(simulated) -> pd.DataFrame:
    """The five columns that every screen has."""
    return simulated[0][COLUMNS]


@pytest.fixture(scope="module")
def fitted(table) -> pp.Fit:
    return pp.fit(table, "cell_line", **FEW)


def test_five_columns_will_do(fitted: pp.Fit, table) -> None:
    assert set(fitted.effects["effect"]) == {"gene_effect", "sgrna_effect", "cell_line_effect"}
    assert set(fitted.effects["hugo_symbol"].dropna()) == set(table["hugo_symbol"])
    assert fitted.posterior.posterior.sizes["draw"] == 300
    assert fitted.passed == fitted.verdict["passed"]
    assert list(fitted.convergence["parameter"][:1]) == ["mu_gene"]
    assert "cell_line" in repr(fitted)


def test_the_table_is_not_changed(simulated) -> None:
    mine = simulated[0][COLUMNS].copy()
    before = mine.copy()
    pp.fit(mine, "gene", **FEW)
    pd.testing.assert_frame_equal(mine, before)


def test_predictions_are_beside_the_measurements(fitted: pp.Fit, table) -> None:
    found = fitted.predictions
    assert len(found) == len(table)
    assert sorted(found["real_value"]) == pytest.approx(sorted(table["lfc"]))
    inside = found["real_value"].between(found["hdi_lower"], found["hdi_upper"]).mean()
    assert 0.8 < inside < 0.97  # 89 % intervals, 288 measurements


def test_the_same_seed_gives_the_same_draws(table) -> None:
    draws = [pp.fit(table, "sgrna_in_gene", **FEW).posterior.posterior for _ in range(2)]
    assert draws[0].equals(draws[1])
    other = pp.fit(table, "sgrna_in_gene", **(FEW | {"seed": 6})).posterior.posterior
    assert not np.allclose(other["mu_gene"], draws[0]["mu_gene"])


def test_a_prior_is_changed_down_to_the_single_number(table) -> None:
    tight = pp.fit(table, "gene", priors={"mu_gene": {"sigma": 1e-3}}, **FEW)
    assert tight.settings.priors.mu_gene.mu == default("priors.gene.mu_gene.mu")
    assert abs(float(tight.posterior.posterior["mu_gene"].mean())) < 5e-3


def test_what_is_not_given_is_as_in_kedros_settings(parameters) -> None:
    assert fit_settings("cell_line") == parameters.modeling["cell_line"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"model": "cell_lines"}, "cell_lines"),
        ({"drawz": 3}, "drawz"),
        ({"draws": -3}, "sampler.draws"),
        ({"priors": {"mu_gen": {"mu": 0}}}, "mu_gen"),
        ({"parametrization": "published", "model": "mutation"}, "published"),
    ],
)
def test_a_wrong_keyword_is_named(table, given: dict, named: str) -> None:
    with pytest.raises(ScreenError, match=named) as caught:
        pp.fit(table, **given)
    assert "Expected: " in str(caught.value)


def test_a_model_without_its_column_is_refused(table) -> None:
    with pytest.raises(ScreenError, match="n_muts"):
        pp.fit(table, "mutation")


def test_importing_the_package_imports_nothing_slow() -> None:
    import subprocess
    import sys

    code = "import partialpool, sys; print({'pymc', 'arviz', 'numba', 'pandas'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_a_notebook_shows_how_far_the_sampler_is(simulated, tmp_path) -> None:
    """As a display that is updated, without a warning; a plain script has none."""
    import nbformat
    from nbclient import NotebookClient

    path = tmp_path / "screen.csv"
    simulated[0][COLUMNS].to_csv(path, index=False)
    code = (
        "import pandas as pd, partialpool as pp\n"
        f"fit = pp.fit(pd.read_csv({str(path)!r}), 'gene', chains=2, draws=300, tune=300)\n"
        "fit.passed"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = notebook.cells[0].outputs
    shown = [out for out in outputs if "text/html" in out.get("data", {})]
    assert any("nutpie" in out["data"]["text/html"] for out in shown)
    assert [out for out in outputs if out.get("name") == "stderr"] == []
