"""What is recorded of a fit, from what its files hold."""

import pytest

from partialpool.tracking.records import FitRecord


def metrics(**attributes: float) -> dict[str, float]:
    record = FitRecord(
        name="gene",
        attributes={"seconds": 10.0, **attributes},
        data_name="screen",
        data_source="",
        verdict={"min_ess_bulk": 400.0, "fit_id": "f1", "data_hash": "d1"},
        scores={"rmse": 0.5, "fit_id": "f1", "data_hash": "d1"},
    )
    return record.metrics()


def test_sampling_is_timed_without_compiling() -> None:
    assert metrics(compile_seconds=2.0) == pytest.approx(
        {
            "min_ess_bulk": 400,
            "rmse": 0.5,
            "seconds": 10,
            "compile_seconds": 2,
            "sampling_seconds": 8,
            "ess_per_second": 50,
        }
    )


def test_what_was_not_measured_is_not_recorded() -> None:
    """PyMC compiles and samples in one; draws per second of both compare with nothing."""
    assert metrics() == {"min_ess_bulk": 400, "rmse": 0.5, "seconds": 10}
