"""Simulated read counts: totals, shares that follow the log fold changes, and the files' labels."""

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from partialpool.errors import ScreenError
from partialpool.pipelines.simulation import create_counts_pipeline
from partialpool.simulation import CountSettings, simulate_counts, simulate_depmap_screen

LABELS = ["sgRNA", "Gene"]


@pytest.fixture(scope="module")
def screen(tiny) -> pd.DataFrame:
    return simulate_depmap_screen(tiny.simulation.depmap_screen)[0]


@pytest.fixture
def settings(tiny):
    def changed(**changes: float) -> CountSettings:
        return CountSettings(**tiny.simulation.counts.model_dump() | changes)

    return changed


def expected_of(screen: pd.DataFrame) -> pd.DataFrame:
    return screen.pivot_table("lfc", "sgrna", "replicate_id")


def test_every_sequence_has_the_reads_that_were_asked_for(screen, settings) -> None:
    counts, guides, _ = simulate_counts(screen, settings(reads_per_guide=50))
    totals = counts.drop(columns=LABELS).sum()
    assert set(totals) == {50 * len(guides)}


def test_with_many_reads_the_shares_follow_the_log_fold_changes(screen, settings) -> None:
    """The error of log2(k / q) is about 1 / (ln 2 sqrt k); none of n is beyond 5 of these."""
    counts, guides, samples = simulate_counts(screen, settings(reads_per_guide=1e6))
    reads = counts.set_index("sgRNA").drop(columns="Gene")
    expected = expected_of(screen).loc[guides["sgrna"]]
    is_pdna = samples["ModelID"] == "pDNA"
    batch = samples.set_index("SequenceID")["pDNABatch"]
    for name in expected:
        of_batch = samples.loc[is_pdna & (samples["pDNABatch"] == batch[name]), "SequenceID"]
        pdna = reads[of_batch].sum(axis=1)
        found = np.log2(reads[name] / pdna)
        weight = pdna * np.exp2(expected[name])
        constant = np.log2(reads[name].sum() / weight.sum())
        error = np.sqrt(1 / reads[name] + 1 / pdna) / np.log(2)
        z = (found - expected[name] - constant) / error
        assert z.abs().max() < 5
        assert found.std() > 20 * error.max()  # the differences are not all noise


def test_the_noise_is_that_of_counting(screen, settings) -> None:
    """The mean squared z of 288 counts is 1, with a standard error of sqrt(2 / 288) = 0.08."""
    deep, shallow = (
        simulate_counts(screen, settings(reads_per_guide=reads)).counts.drop(columns=LABELS)
        for reads in (1e7, 100)
    )
    replicates = screen["replicate_id"].unique()
    mean = deep[replicates] / 1e5
    z = (shallow[replicates] - mean) / np.sqrt(mean)
    assert (z**2).to_numpy().mean() == pytest.approx(1, abs=5 * np.sqrt(2 / z.size))


def test_guides_differ_in_abundance_and_batches_slightly(screen, settings) -> None:
    changes = {"reads_per_guide": 1e6, "sigma_abundance": 1.0, "sigma_batch": 0.05}
    counts, _, samples = simulate_counts(screen, settings(**changes))
    pdna = samples.loc[samples["ModelID"] == "pDNA"].drop_duplicates("pDNABatch")
    logs = np.log(counts[pdna["SequenceID"]])
    assert logs.std().mean() == pytest.approx(1.0, abs=5 / np.sqrt(2 * len(logs)))
    one = simulate_counts(screen, settings(**changes | {"sigma_abundance": 0, "sigma_batch": 0}))
    even = np.log(one.counts[pdna["SequenceID"]])
    assert even.std().max() < 0.01


def test_the_sample_sheet_has_depmaps_columns_and_pdna_of_every_batch(screen, settings) -> None:
    counts, guides, samples = simulate_counts(screen, settings(pdna_sequences=3, days=14))
    columns = ["SequenceID", "ModelID", "Replicate", "pDNABatch", "PassesQC", "Days"]
    assert samples.columns.tolist() == columns
    assert counts.columns.tolist() == [*LABELS, *samples["SequenceID"]]
    assert samples["SequenceID"].is_unique
    pdna = samples[samples["ModelID"] == "pDNA"]
    batches = screen["pdna_batch"].astype(str)
    assert pdna.groupby("pDNABatch").size().to_dict() == dict.fromkeys(batches, 3)
    assert set(pdna["Days"]) == {0}
    others = samples[samples["ModelID"] != "pDNA"].set_index("SequenceID")
    assert set(others["Days"]) == {14}
    of = screen.drop_duplicates("replicate_id").set_index("replicate_id")
    assert others["ModelID"].to_dict() == of["depmap_id"].to_dict()
    assert others["pDNABatch"].to_dict() == of["pdna_batch"].astype(str).to_dict()
    assert others.groupby("ModelID")["Replicate"].apply(lambda r: r.is_unique).all()
    gene = screen.drop_duplicates("sgrna").set_index("sgrna")["hugo_symbol"]
    assert guides.set_index("sgrna")["gene"].to_dict() == gene.to_dict()
    assert counts["Gene"].tolist() == guides["gene"].tolist()


def test_five_columns_are_enough(screen, settings) -> None:
    five = screen[["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol"]]
    samples = simulate_counts(five, settings()).samples
    assert samples["pDNABatch"].nunique() == 1
    assert samples["PassesQC"].all()


def test_the_seed_decides(screen, settings) -> None:
    first, again, other = (simulate_counts(screen, settings(seed=s)).counts for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_a_screen_with_holes_is_refused(screen, settings) -> None:
    with pytest.raises(ScreenError, match=f"missing ones of {screen['sgrna'].iloc[3]}"):
        simulate_counts(screen.drop(index=screen.index[3]), settings())


def test_the_pipeline_writes_three_tables(tiny, settings) -> None:
    catalog = DataCatalog(
        {
            "params:simulation.depmap_screen": MemoryDataset(tiny.simulation.depmap_screen),
            "params:simulation.counts": MemoryDataset(settings()),
        }
    )
    made = SequentialRunner().run(create_counts_pipeline(), catalog)
    assert set(made) == {
        *("simulation.counts", "simulation.guides", "simulation.samples"),
        "simulation.truth",
    }
    assert made["simulation.counts"].load().shape == (18, 2 + 16 + len_pdna(made))


def len_pdna(made) -> int:
    return int((made["simulation.samples"].load()["ModelID"] == "pDNA").sum())
