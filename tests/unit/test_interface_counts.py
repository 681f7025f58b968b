"""Counts and releases from Python."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import partialpool as pp
from partialpool.calls.contrasts import line_values
from partialpool.calls.inputs import DependencyInputs
from partialpool.defaults import default
from partialpool.errors import ScreenError
from partialpool.figures.dependency import gene_in_lines
from partialpool.interface_dependency import _matrix_and_lines
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.preparation.counts.screen_matrix import LineData


@pytest.fixture(scope="module")
def made() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Counts of 24 guides of 6 genes in 8 replicates of 4 lines; gene G0 is depleted."""
    rng = np.random.default_rng(4)
    pool = rng.lognormal(6, 0.3, 24)
    lfc = np.where(np.arange(24)[:, None] < 4, -2.0, 0.0) + rng.normal(0, 0.2, (24, 8))
    names = [f"r{i}" for i in range(8)]
    counts = pd.DataFrame(rng.poisson(pool[:, None] * 2**lfc), columns=names)
    counts["plasmid"] = rng.poisson(pool)
    counts.insert(0, "sgRNA", [f"g{i}" for i in range(24)])
    counts.insert(1, "Gene", [f"G{i // 4}" for i in range(24)])
    samples = pd.DataFrame(
        {
            "sequence": [*names, "plasmid"],
            "cell_line": [f"L{i // 2}" for i in range(8)] + ["pDNA"],
            "lineage": ["lung"] * 4 + ["skin"] * 4 + [None],
        }
    )
    return counts, samples, counts[["sgRNA", "Gene"]]


LOOSE = {"min_correlation": -1.0, "max_gini": 1.0}


def test_the_table_can_be_fitted(made) -> None:
    counts, samples, _ = made
    table = pp.from_counts(counts, samples, qc=LOOSE)
    assert len(table) == 24 * 8
    assert table["lineage"].cat.categories.tolist() == ["lung", "skin"]
    fit = pp.fit(table, "gene", draws=200, tune=200, chains=2)
    effects = fit.effects[fit.effects["effect"] == "gene_effect"].set_index("hugo_symbol")
    assert effects["mean"].idxmin() == "G0"


def test_the_dependency_model_takes_the_matrix(made, monkeypatch) -> None:
    counts, samples, guides = made
    screen = pp.read_counts(counts.drop(columns="Gene"), samples, guides, qc=LOOSE)
    how = {"draws": 200, "tune": 100, "chains": 2}
    contrasts = {"skin": {"column": "lineage", "group": "skin"}}
    fit = pp.fit_dependency(screen, contrasts=contrasts, **how)
    assert set(fit.differential["contrast"]) == {"skin"}
    means = fit.effects.groupby("hugo_symbol")["mean"].mean()
    assert means.idxmin() == "G0"
    assert len(fit.trust) == 6
    with pytest.raises(ScreenError, match="a fit to a matrix"):
        _ = fit.qc
    # The table has the same numbers in the same order, so the sampler draws the same.
    rows = pp.fit_dependency(pp.from_counts(counts, samples, qc=LOOSE), **how)
    pd.testing.assert_series_equal(fit.effects["mean"], rows.effects["mean"])
    monkeypatch.setattr(gene_in_lines, "draw", lambda **drawn: drawn)
    drawn, expected = (one.gene("G0").plot() for one in (fit, rows))
    pd.testing.assert_frame_equal(drawn["guides"], expected["guides"])
    matrix = GuideMatrix.of(screen.lfc, screen.guides, screen.replicates)
    alone = pp.fit_dependency(matrix, **how)
    pd.testing.assert_series_equal(alone.effects["mean"], rows.effects["mean"])


def test_lines_of_a_matrix_with_unknown_mutations_are_in_no_group(made) -> None:
    """And a column that both samples and lines have is there once."""
    counts, samples, guides = made
    lines = [f"L{i}" for i in range(4)]
    known = LineData(
        of_line=pd.DataFrame({"lineage": ["lung", "lung", "skin", "skin"]}, index=lines),
        of_gene={"n_muts": pd.DataFrame({"G1": [1, 0, None, 2]}, index=lines)},
    )
    screen = pp.read_counts(counts.drop(columns="Gene"), samples, guides, qc=LOOSE)
    assert "lineage" in screen.replicates
    inputs = DependencyInputs.model_validate(
        {name: default("dependency")[name] for name in ("count_noise", "drop_failing")}
        | {"copy_number": False, "standard_contrasts": {}, "compare": [], "compare_pairs": []}
        | {"contrasts": {"G1": {"mutated": "G1"}}}
    )
    _, table = _matrix_and_lines(replace(screen, lines=known), inputs)
    mutated = line_values(table, "is_mutated", "G1")
    assert mutated.to_dict() == {"L0": "True", "L1": "False", "L3": "True"}
    assert line_values(table, "lineage").to_dict() == dict(
        zip(lines, known.of_line["lineage"], strict=True)
    )


def test_misspelt_columns_are_warned_of_and_new_ones_can_be_used(made, caplog) -> None:
    counts, samples, _ = made
    sheet = samples.assign(**{"Pass QC": True}).rename(columns={"lineage": "Tissue"})
    screen = pp.read_counts(counts, sheet, qc=LOOSE)
    warned = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert any("Pass QC (is it passes_qc?)" in line for line in warned)
    assert screen.replicates["Tissue"].tolist() == ["lung"] * 4 + ["skin"] * 4
    table = pp.from_counts(counts, sheet, qc=LOOSE)
    assert table.groupby("Tissue")["depmap_id"].nunique().to_dict() == {"lung": 2, "skin": 2}


def test_nonessential_genes_may_have_their_entrez_id(made) -> None:
    counts, samples, _ = made
    how = {"normalisation": "nonessential", "qc": LOOSE}
    screen = pp.read_counts(counts, samples, nonessential=["G4 (26529)", "G5"], **how)
    assert screen.record["nonessential"] == {"guides": 8, "genes": 2}
    plain = pp.read_counts(counts, samples, nonessential=["G4", "G5"], **how)
    np.testing.assert_array_equal(screen.lfc, plain.lfc)
    with pytest.raises(ScreenError, match=r"none: 1 genes in the list \(OR12D3\)"):
        pp.read_counts(counts, samples, nonessential=["OR12D3 (26529)"], qc=LOOSE)
    with pytest.raises(ScreenError, match="a list of nonessential genes"):
        pp.read_counts(counts, samples, nonessential="G4")


def test_a_setting_that_is_not_known_is_refused(made) -> None:
    counts, samples, _ = made
    with pytest.raises(ScreenError, match="psuedocount: Extra inputs are not permitted"):
        pp.read_counts(counts, samples, psuedocount=1)
    with pytest.raises(ScreenError, match=r"qc\.min_reads: Extra"):
        pp.read_counts(counts, samples, qc={"min_reads": 1})
