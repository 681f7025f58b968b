"""What is recorded of a fit, from what its files hold."""

import pytest

from partialpool.tracking.hooks import _params
from partialpool.tracking.records import FitRecord, screen_name
from partialpool.tracking.run import _cut
from partialpool.tracking.store import without_password


def metrics(**attributes: float) -> dict[str, float]:
    record = FitRecord(
        name="gene",
        screen="avana_small",
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
            "fit_seconds": 10,
            "sampler/compile_seconds": 2,
            "sampler/sampling_seconds": 8,
            "sampler/ess_per_second": 50,
        }
    )


def test_what_was_not_measured_is_not_recorded() -> None:
    """PyMC compiles and samples in one; draws per second of both compare with nothing."""
    assert metrics() == {"min_ess_bulk": 400, "rmse": 0.5, "fit_seconds": 10}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (None, "simulated"),
        ("data/01_raw/avana_small.csv.gz", "avana_small"),
        ("s3://bucket/my screen.parquet", "my screen"),
    ],
)
def test_a_screen_is_named_after_its_file(path: str | None, name: str) -> None:
    assert screen_name(path) == name


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://me:secret@host/screen.csv", "https://***@host/screen.csv"),
        ("s3://key:se@cret@bucket/a@b.csv", "s3://***@bucket/a@b.csv"),
        ("s3://bucket/a@b.csv", "s3://bucket/a@b.csv"),
        ("no file at ftp://me:secret@host, sorry", "no file at ftp://***@host, sorry"),
    ],
)
def test_no_password_of_any_address_is_recorded(address: str, safe: str) -> None:
    assert without_password(address) == safe
    asked = {"runner": "a.SequentialRunner object", "runtime_params": {"screen_path": address}}
    recorded = _cut(_params(asked), 1000)
    assert recorded == {"runner": "SequentialRunner", "params.screen_path": safe}
