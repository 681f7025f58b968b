"""Fits: what either sampler leaves, with the fit's provenance."""

import json
import logging
import threading
from datetime import UTC, datetime

import numpy as np
import pytest

from partialpool.inference import progress
from partialpool.inference.compiling import COMPILING, numba_kernels
from partialpool.inference.convergence import convergence_table, verdict
from partialpool.inference.sampling import fit, provenance

FEW = {"draws": 60, "tune": 100, "chains": 2, "cores": 1}
STATISTICS = {
    *("diverging", "energy", "tree_depth", "reached_max_treedepth", "acceptance_rate"),
    *("n_steps", "step_size", "lp"),
}


class Lines(logging.Handler):
    """What was logged, message by message."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture(scope="module", params=["nutpie", "pymc"])
def sampled_and_logged(request, screen_for, fit_settings):
    settings = fit_settings("gene", sampler=FEW | {"name": request.param})
    logger, handler = logging.getLogger("partialpool"), Lines()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        return fit(screen_for("gene"), settings, "my fit"), handler.lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


@pytest.fixture(scope="module")
def sampled(sampled_and_logged):
    return sampled_and_logged[0]


def test_either_sampler_leaves_the_models_own_variables_and_no_others(sampled) -> None:
    assert set(sampled.groups()) == {"posterior", "sample_stats"}
    assert set(sampled.posterior) == {"mu_gene", "sigma_gene", "gene_effect", "sigma"}
    assert sampled.posterior["gene_effect"].dims == ("chain", "draw", "gene")
    assert sampled.posterior.sizes["draw"] == 60
    assert sampled.posterior.sizes["chain"] == 2


def test_either_sampler_tells_the_same_statistics_by_arviz_names(sampled) -> None:
    assert set(sampled.sample_stats) == STATISTICS
    assert sampled.sample_stats["diverging"].dtype == bool
    assert sampled.sample_stats["reached_max_treedepth"].dtype == bool
    assert sampled.sample_stats.sizes["draw"] == 60


def test_either_sampler_finds_the_means_of_genes(sampled, screen_for) -> None:
    """With 48 rows a gene and wide priors, within a few hundredths of the plain means."""
    screen = screen_for("gene")
    means = [screen.lfc[screen.codes["gene"] == g].mean() for g in range(6)]
    found = sampled.posterior["gene_effect"].mean(("chain", "draw"))
    assert found.to_numpy() == pytest.approx(means, abs=0.1)


def test_seconds_of_compiling_are_told_only_where_they_were_measured(sampled, parameters) -> None:
    measured = json.loads(sampled.attrs["settings"])["sampler"]["name"] == "nutpie"
    assert ("compile_seconds" in sampled.attrs) == measured
    record = verdict(sampled, convergence_table(sampled, 0.89), parameters.convergence)
    if measured:
        assert 0 < record["compile_seconds"] <= sampled.attrs["seconds"]
    else:
        assert record["compile_seconds"] is None


def test_overlapping_fits_keep_and_return_the_compilers_flag() -> None:
    """The second thread starts while the first compiles, and goes on after it has ended."""
    import pytensor

    seen: dict[str, str] = {}
    second_compiles, first_is_done = threading.Event(), threading.Event()

    def first() -> None:
        with numba_kernels():
            other.start()
            second_compiles.wait(0.5)  # which it must not do yet
            seen["first"] = pytensor.config.cxx
        first_is_done.set()

    def second() -> None:
        with numba_kernels():
            second_compiles.set()
            first_is_done.wait(5)
            seen["second"] = pytensor.config.cxx

    one, other = threading.Thread(target=first), threading.Thread(target=second)
    with pytensor.config.change_flags(cxx=""):
        one.start()
        one.join()
        other.join()
        assert (seen, pytensor.config.cxx) == ({"first": "g++", "second": "g++"}, "")


def test_other_threads_compile_while_pymc_samples(monkeypatch, screen_for, fit_settings) -> None:
    import pytensor

    before, seen = pytensor.config.cxx, []

    class Watched(progress.DrawLog):
        def __call__(self, trace, draw) -> None:
            super().__call__(trace, draw)
            if self.n_done == 1:
                thread = threading.Thread(target=look)
                thread.start()
                thread.join()

    def look() -> None:
        seen.append((pytensor.config.cxx, COMPILING.acquire(blocking=False)))
        COMPILING.release()

    monkeypatch.setattr(progress, "DrawLog", Watched)
    few = FEW | {"name": "pymc", "draws": 4, "tune": 4, "chains": 1}
    fit(screen_for("gene"), fit_settings("gene", sampler=few), "my fit")
    assert seen == [(before, True)]


def test_provenance_tells_what_shaped_a_fit(screen_for, fit_settings) -> None:
    screen, settings = screen_for("expression", "unbalanced"), fit_settings("expression")
    found = provenance(screen, settings)

    assert found["data_hash"] == screen.content_hash
    assert found["n_left_out"] == screen.n_left_out > 0
    assert found["n_measurements"] == screen.n_rows
    assert (found["n_gene"], found["n_sgrna"], found["n_cell_line"]) == (6, 18, 8)
    assert json.loads(found["settings"]) == settings.model_dump(mode="json")
    versions = json.loads(found["versions"])
    assert versions["numpy"] == np.__version__
    assert all(isinstance(value, str | int | float) for value in found.values())  # for NetCDF


def test_a_fit_is_dated_by_no_coarser_a_clock_than_runs_are(screen_for, fit_settings) -> None:
    """A date cut to the second may lie before the start of the run that made the fit."""
    screen, settings = screen_for("gene"), fit_settings("gene")
    for _ in range(5):
        before = datetime.now(UTC)
        made = datetime.fromisoformat(provenance(screen, settings)["created_at"])
        assert before <= made <= datetime.now(UTC)


def test_progress_in_a_log_is_plain_lines(sampled_and_logged) -> None:
    lines = sampled_and_logged[1]
    assert any(line.startswith("my fit: sampling ") for line in lines)
    assert lines[-1].startswith("my fit: fitted in ")
    assert all(line.isprintable() for line in lines)
