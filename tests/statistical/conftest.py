"""Fits that several statistical tests look at."""

from typing import Any

import pandas as pd
import pytest

from partialpool.inference.convergence import convergence_table, verdict
from partialpool.inference.fit_settings import FitSettings
from partialpool.inference.sampling import fit
from partialpool.preparation import prepare
from partialpool.simulation import simulate_depmap_screen, simulate_expression_screen


class Fitted:
    """A fit with its convergence table, by parameter, and its verdict."""

    def __init__(self, table: pd.DataFrame, settings: FitSettings, convergence: Any) -> None:
        screen = settings.spec.view(table)
        self.settings, self.idata = settings, fit(screen, settings, settings.model)
        self.convergence = convergence_table(self.idata, convergence.hdi_prob)
        self.verdict = verdict(self.idata, self.convergence, convergence)
        self.estimates = self.convergence.set_index("parameter")

    def of(self, effect: str) -> pd.DataFrame:
        """Estimates of one effect's elements."""
        return self.estimates[self.estimates.index.str.startswith(f"{effect}[")]


@pytest.fixture(scope="session")
def fitted(parameters):
    """Fit a model of ``conf/base`` to a table, with some settings changed."""

    def fit_to(
        table: pd.DataFrame, name: str, sampler: dict[str, Any] | None = None, **changes: Any
    ) -> Fitted:
        values = parameters.modeling[name].model_dump() | changes
        values["sampler"] |= sampler or {}
        return Fitted(table, FitSettings.model_validate(values), parameters.convergence)

    return fit_to


@pytest.fixture(scope="session")
def notebook_screen(parameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The simulated screen of model-experimentation-m4, and its truth."""
    return simulate_expression_screen(parameters.simulation.expression_screen)


@pytest.fixture(scope="session")
def default_screen(parameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The default input of ``kedro run``, 60,049 rows, and its truth."""
    raw, truth = simulate_depmap_screen(parameters.simulation.depmap_screen)
    return prepare(raw, parameters.data_engineering)[0], truth


@pytest.fixture(scope="session")
def default_cell_line(fitted, default_screen) -> Fitted:
    """The identified cell-line model of the default screen."""
    return fitted(default_screen[0], "cell_line")
