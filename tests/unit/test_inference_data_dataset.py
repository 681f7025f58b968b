"""Fits in the catalog: what is written comes back, whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from kedro.io import DatasetError, Version

from partialpool.datasets.inference_data import InferenceDataDataset


def make_fit(value: float = 0.5, n_draws: int = 10):
    import arviz as az

    shape = (2, n_draws)
    fit = az.from_dict(
        posterior={"gene_effect": np.full((*shape, 3), value), "sigma": np.ones(shape)},
        sample_stats={"diverging": np.zeros(shape, dtype=bool)},
        observed_data={"lfc": np.arange(4, dtype="float32")},
        coords={"gene": ["KRAS", "MDM2", "TP53"]},
        dims={"gene_effect": ["gene"], "lfc": ["measurement"]},
    )
    fit.attrs.update(model="gene", seed=824, seconds=1.5, settings='{"draws": 10}')
    return fit


def value(fit) -> float:
    return float(fit.posterior["gene_effect"][0, 0, 0])


def dataset(folder: Path) -> InferenceDataDataset:
    return InferenceDataDataset(filepath=str(folder / "gene" / "posterior.nc"))


def test_groups_dims_labels_and_attributes_come_back(tmp_path: Path) -> None:
    fit = make_fit()
    dataset(tmp_path).save(fit)
    found = dataset(tmp_path).load()

    assert set(found.groups()) == {"posterior", "sample_stats", "observed_data"}
    for group in found.groups():
        assert found[group].drop_attrs().equals(fit[group].drop_attrs())
    effect = found.posterior["gene_effect"]
    assert effect.dims == ("chain", "draw", "gene")
    assert effect.sel(gene="TP53").shape == (2, 10)
    assert found.sample_stats["diverging"].dtype == bool
    assert found.observed_data["lfc"].dtype == "float32"
    assert {name: found.attrs[name] for name in fit.attrs} == fit.attrs


def sampled_fit(seed: int = 2):
    """As a sampler leaves it: autocorrelated draws of numbers far from 0, energies of a screen."""
    import arviz as az

    rng = np.random.default_rng(seed)
    draws = rng.normal(size=(4, 500, 30))
    for s in range(1, 500):
        draws[:, s] += 0.5 * draws[:, s - 1]
    energy = 450_000 + 40 * rng.normal(size=(4, 500))
    return az.from_dict(
        posterior={"gene_effect": -1.2 + 0.01 * draws, "sigma": 0.47 + 1e-4 * draws[..., 0]},
        sample_stats={"energy": energy, "lp": -energy},
        prior={"sigma": rng.random((1, 9))},
        dims={"gene_effect": ["gene"]},
    )


def test_draws_are_kept_as_32_bit_floats_and_statistics_as_they_are(tmp_path: Path) -> None:
    fit = sampled_fit()
    dataset(tmp_path).save(fit)
    found = dataset(tmp_path).load()

    kept = {name: {v.dtype.name for v in found[name].data_vars.values()} for name in found.groups()}
    assert kept == {"posterior": {"float32"}, "prior": {"float32"}, "sample_stats": {"float64"}}
    assert np.array_equal(found.sample_stats["energy"], fit.sample_stats["energy"])
    draws = fit.posterior["gene_effect"]
    assert draws.dtype == "float64"  # what was given to be saved stays
    np.testing.assert_allclose(found.posterior["gene_effect"], draws, rtol=2**-24, atol=0)


def test_what_is_read_of_a_saved_fit_is_what_was_found_before(tmp_path: Path) -> None:
    """To the digits that are printed: R-hat to 4 places, whole effective draws, E-BFMI to 2."""
    import arviz as az

    fit = sampled_fit()
    before = az.summary(fit, hdi_prob=0.89, round_to="none")
    dataset(tmp_path).save(fit)
    found = dataset(tmp_path).load()
    after = az.summary(found, hdi_prob=0.89, round_to="none")

    for name in ("mean", "sd", "hdi_5.5%", "hdi_94.5%"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-4, atol=0)
    np.testing.assert_allclose(after["r_hat"], before["r_hat"], rtol=0, atol=5e-5)
    for name in ("ess_bulk", "ess_tail"):
        np.testing.assert_allclose(after[name], before[name], rtol=0, atol=0.5)
    assert np.array_equal(az.bfmi(found), az.bfmi(fit))


def test_it_is_read_whole(tmp_path: Path) -> None:
    """No handle stays open that would read from the file later, or keep it from being written."""
    dataset(tmp_path).save(make_fit(1.0))
    fit = dataset(tmp_path).load()
    (tmp_path / "gene" / "posterior.nc").write_bytes(b"")
    assert value(fit) == 1.0


def test_it_can_be_written_again_after_it_was_read(tmp_path: Path) -> None:
    where = dataset(tmp_path)
    where.save(make_fit(1.0))
    old = where.load()
    where.save(make_fit(2.0, n_draws=50))

    assert value(old) == 1.0
    assert value(where.load()) == 2.0


def test_an_interrupted_write_leaves_the_old_fit(tmp_path: Path, monkeypatch) -> None:
    import arviz as az

    where = dataset(tmp_path)
    where.save(make_fit(1.0))
    write = az.InferenceData.to_netcdf

    def stop_half_way(self, filename, **given) -> None:
        write(self, filename, **given)
        path = Path(filename)
        path.write_bytes(path.read_bytes()[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(az.InferenceData, "to_netcdf", stop_half_way)
    with pytest.raises(KeyboardInterrupt):
        where.save(make_fit(2.0))

    assert value(where.load()) == 1.0
    assert [path.name for path in (tmp_path / "gene").iterdir()] == ["posterior.nc"]


def test_an_interrupted_first_write_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    import arviz as az

    def fail(self, filename, **given) -> None:
        Path(filename).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(az.InferenceData, "to_netcdf", fail)
    with pytest.raises(DatasetError, match="disk full"):
        dataset(tmp_path).save(make_fit())
    assert not dataset(tmp_path).exists()
    assert list((tmp_path / "gene").iterdir()) == []


def test_a_fit_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert not dataset(tmp_path).exists()
    with pytest.raises(DatasetError, match=r"posterior\.nc"):
        dataset(tmp_path).load()


def test_it_may_lie_elsewhere_than_in_a_local_folder() -> None:
    where = InferenceDataDataset(filepath="memory://fits/gene/posterior.nc")
    assert not where.exists()
    where.save(make_fit(3.0))

    assert where.exists()
    found = where.load()
    assert value(found) == 3.0
    assert found.posterior["gene"].to_numpy().tolist() == ["KRAS", "MDM2", "TP53"]


def test_versions_are_kept_apart(tmp_path: Path) -> None:
    path = str(tmp_path / "posterior.nc")
    for name, number in (("2024-01-01T00.00.00.000Z", 1.0), ("2024-01-02T00.00.00.000Z", 2.0)):
        InferenceDataDataset(filepath=path, version=Version(None, name)).save(make_fit(number))

    newest = InferenceDataDataset(filepath=path, version=Version(None, None))
    first = InferenceDataDataset(filepath=path, version=Version("2024-01-01T00.00.00.000Z", None))
    assert value(newest.load()) == 2.0
    assert value(first.load()) == 1.0


def test_it_describes_itself(tmp_path: Path) -> None:
    assert "posterior.nc" in str(dataset(tmp_path))


def test_attributes_are_read_alone(tmp_path: Path) -> None:
    assert dataset(tmp_path).attributes() == {}
    fit = make_fit()
    dataset(tmp_path).save(fit)
    assert dataset(tmp_path).attributes().items() >= fit.attrs.items()


def test_a_broken_file_has_no_attributes(tmp_path: Path) -> None:
    (tmp_path / "gene").mkdir()
    (tmp_path / "gene" / "posterior.nc").write_bytes(b"\x89HDF\r\n\x1a\n and nothing more")
    assert dataset(tmp_path).attributes() == {}
