"""The folder of a DepMap release: found, joined, and refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import partialpool as pp
from partialpool.calls.depmap import gene_headers
from partialpool.defaults import default
from partialpool.errors import ScreenError
from partialpool.preparation import prepare
from partialpool.preparation.counts import FoldChangeSettings
from partialpool.preparation.depmap_release import DepmapSettings, find_files, read_release
from partialpool.preparation.depmap_release.omics import as_copies, mutations

GENES = {"KRAS": 3845, "TP53": 7157, "A2M": 2}


@pytest.fixture
def how():
    """The default settings with changes; few guides, so nothing is left out for being small."""

    def settings(**changes) -> tuple[DepmapSettings, FoldChangeSettings]:
        of_counts = default("counts") | {"max_rows": 1000}
        of_counts["qc"] = of_counts["qc"] | {"min_correlation": -1, "max_zeros": 1, "max_gini": 1}
        return (
            DepmapSettings.model_validate(default("depmap") | changes),
            FoldChangeSettings.model_validate(of_counts),
        )

    return settings


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Files with the names and columns of 25Q3: two lines, three genes of two guides."""
    rng = np.random.default_rng(2)
    guides = [f"{gene}_{i}" for gene in GENES for i in (1, 2)]
    labels = [f"{gene} ({number})" for gene, number in GENES.items() for _ in (1, 2)]
    sequences = ["s1", "s2", "pool"]
    counts = pd.DataFrame(rng.poisson(500, (6, 3)), guides, sequences)
    counts.to_csv(tmp_path / "AvanaRawReadcounts.csv")
    pd.DataFrame(rng.normal(size=(6, 2)), guides, ["s1", "s2"]).to_csv(
        tmp_path / "AvanaLogfoldChange.csv"
    )
    pd.DataFrame(
        {
            "sgRNA": guides,
            "GenomeAlignment": "chr1_5_+",
            "Gene": labels,
            "nAlignments": 1,
            "UsedByChronos": True,
            "DropReason": None,
        }
    ).to_csv(tmp_path / "AvanaGuideMap.csv", index=False)
    pd.DataFrame(
        {
            "SequenceID": [*sequences, "other"],
            "ScreenID": ["SC-1", "SC-2", "pDNA", "SC-9"],
            "ModelID": ["ACH-1", "ACH-2", None, "ACH-9"],
            "ScreenType": ["2DS", "2DS", "pDNA", "2DS"],
            "Library": ["Avana"] * 3 + ["KY"],
            "Days": [21, 21, 0, 14],
            "pDNABatch": ["Avana-3"] * 3 + ["KY-1"],
            "PassesQC": True,
        }
    ).to_csv(tmp_path / "ScreenSequenceMap.csv", index=False)
    names = [f"{gene} ({number})" for gene, number in GENES.items()]
    pd.DataFrame([[1.0, 2.5, 0.5], [1.1, 1.0, 0.9]], ["ACH-1", "ACH-2"], names).to_csv(
        tmp_path / "OmicsCNGene.csv"
    )
    # A renamed gene is found by its Entrez id, and an entry that is not the default one is not.
    pd.DataFrame(
        {
            "SequencingID": ["x", "y", "z"],
            "ModelID": ["ACH-1", "ACH-1", "ACH-2"],
            "IsDefaultEntryForModel": ["Yes", "No", "Yes"],
            "KRAS_OLD (3845)": [3.5, 9.9, 1.5],
            "TP53 (7157)": [0.0, 9.9, 4.0],
        }
    ).to_csv(tmp_path / "OmicsExpressionTPMLogp1HumanProteinCodingGenes.csv", index=False)
    pd.DataFrame(
        {
            "ModelID": ["ACH-1", "ACH-1", "ACH-2"],
            "HugoSymbol": ["KRAS", "KRAS", "TP53"],
            "EntrezGeneID": [3845.0, 3845.0, 7157.0],
            "ProteinChange": ["p.G12D", "p.Q61H", "p.R175H"],
            "IsDefaultEntryForModel": ["Yes", "Yes", "No"],
        }
    ).to_csv(tmp_path / "OmicsSomaticMutations.csv", index=False)
    pd.DataFrame(
        {
            "ModelID": ["ACH-1", "ACH-2"],
            "OncotreeLineage": ["Lung", "Skin"],
            "OncotreeSubtype": ["LUAD", "Melanoma"],
        }
    ).to_csv(tmp_path / "Model.csv", index=False)
    pd.DataFrame({"Gene": ["A2M (2)"]}).to_csv(
        tmp_path / "AchillesNonessentialControls.csv", index=False
    )
    return tmp_path


def test_control_genes_of_the_caller_may_have_entrez_ids(release) -> None:
    how = {"qc": {"min_correlation": -1.0}}
    screen = pp.read_depmap(release, nonessential=["KRAS (3845)", "A2M"], **how)
    assert screen.record["nonessential"] == {"guides": 4, "genes": 2}
    with pytest.raises(ScreenError, match="none: 1 genes in the list"):
        pp.read_depmap(release, nonessential=["OR12D3 (26529)"], **how)


def test_everything_is_joined_by_model_and_gene(release, how, parameters) -> None:
    screen = read_release(find_files(release), *how())
    table = screen.table().set_index(["sgrna", "replicate_id"])
    assert len(table) == 12
    row = table.loc[("KRAS_1", "s1")]
    assert row[["depmap_id", "hugo_symbol", "entrez_id"]].tolist() == ["ACH-1", "KRAS", 3845]
    assert row[["gene_cn", "rna_expr", "n_muts"]].tolist() == [2.0, 3.5, 2]
    assert row[["lineage", "lineage_subtype"]].tolist() == ["Lung", "LUAD"]
    assert row["kras_mutation"] == "G12D+Q61H"
    other = table.loc[("TP53_2", "s2")]
    assert other[["gene_cn", "rna_expr", "n_muts"]].tolist() == [2.0, 4.0, 0]
    assert other["kras_mutation"] == "WT"
    assert np.isnan(table.loc[("A2M_1", "s1"), "rna_expr"])
    prepared, _ = prepare(screen.table(), parameters.data_engineering)
    assert gene_headers(prepared)["KRAS"] == "KRAS (3845)"
    assert {"gene_cn_z", "rna_expr_z", "is_mutated"} <= set(prepared.columns)


def test_the_record_says_what_was_found_and_what_is_missing(release, how) -> None:
    (release / "Model.csv").unlink()
    (release / "OmicsExpressionTPMLogp1HumanProteinCodingGenes.csv").unlink()
    record = read_release(find_files(release), *how()).record["release"]
    assert record["unit of copy number"] == "relative"
    assert record["genes with gene_cn"] == "3 of 3"
    assert record["missing"] == [
        "OmicsExpression*TPMLogp1*.csv: no rna_expr",
        "Model.csv: no lineage and lineage_subtype",
    ]


def test_log_fold_changes_are_used_without_counts(release, how) -> None:
    given = pd.read_csv(release / "AvanaLogfoldChange.csv", index_col=0)
    asked = read_release(find_files(release), *how(use="log_fold_changes"))
    (release / "AvanaRawReadcounts.csv").unlink()
    found = read_release(find_files(release), *how())
    for screen in (asked, found):
        table = screen.table()
        assert table.set_index(["sgrna", "replicate_id"]).loc[("TP53_1", "s2"), "lfc"] == (
            pytest.approx(given.loc["TP53_1", "s2"])
        )
        assert "lfc_count_sd" not in table
        assert len(screen.qc) == 0
    (release / "AvanaLogfoldChange.csv").unlink()
    with pytest.raises(ScreenError, match=r"<Library>RawReadcounts\.csv"):
        read_release(find_files(release), *how())


def test_a_library_is_chosen_if_there_are_several(release, how) -> None:
    pd.DataFrame({"other": [5]}, ["k"]).to_csv(release / "KYRawReadcounts.csv")
    with pytest.raises(ScreenError, match="screens of Avana, KY"):
        read_release(find_files(release), *how())
    assert len(read_release(find_files(release), *how(library="avana")).replicates) == 2
    with pytest.raises(ScreenError, match=r"KYGuideMap\.csv"):
        read_release(find_files(release), *how(library="KY"))
    with pytest.raises(ScreenError, match=r"correct depmap\.library"):
        read_release(find_files(release), *how(library="Humagne"))


@pytest.mark.parametrize(
    ("gone", "said"),
    [("AvanaGuideMap.csv", "AvanaGuideMap.csv"), ("ScreenSequenceMap.csv", "ScreenSequenceMap")],
)
def test_a_file_that_is_needed_is_named(release, how, gone: str, said: str) -> None:
    (release / gone).unlink()
    with pytest.raises(ScreenError, match=said):
        read_release(find_files(release), *how())


def test_a_folder_that_is_not_there(tmp_path, how) -> None:
    with pytest.raises(ScreenError, match="nothing at"):
        find_files(tmp_path / "none")


# ---- copy number ----


def lines(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"A": values})


@pytest.mark.parametrize(
    ("unit", "value", "copies"),
    [("relative", 1.5, 3.0), ("log2", np.log2(2.5), 3.0), ("copies", 3.0, 3.0)],
)
def test_units_of_copy_number(unit, value: float, copies: float) -> None:
    """In each unit, the other lines are diploid."""
    diploid = {"relative": 1.0, "log2": 1.0, "copies": 2.0}[unit]
    found = as_copies(lines(value, diploid, diploid, np.nan), unit, 2.0, "cn.csv")
    assert found["A"].tolist() == pytest.approx([copies, 2, 2, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("unit", "values", "said"),
    [
        ("relative", (2.0, 2.0, 4.0), "a median of 2"),
        ("copies", (1.0, 1.0, 1.2), "a median of 1"),
        ("relative", (-0.5, 1.0, 1.0), "a negative number"),
        ("log2", (1.0, 1.0, 9.0), "9, too large for a logarithm"),
        ("log2", (2.0, 2.0, 2.0), "a median of 2"),
    ],
)
def test_values_that_contradict_the_unit_are_refused(unit, values, said: str) -> None:
    with pytest.raises(ScreenError, match=f"(?s){said}.*depmap.copy_number_unit"):
        as_copies(lines(*values), unit, 2.0, "OmicsCNGene.csv")


def test_many_relative_values_without_a_large_one_are_logarithms(monkeypatch) -> None:
    table = lines(1.0, 1.0, 6.0)
    assert as_copies(table, "relative", 2.0, "OmicsCNGene.csv")["A"].tolist() == [2, 2, 12]
    monkeypatch.setattr("partialpool.preparation.depmap_release.omics.MANY_VALUES", 3)
    with pytest.raises(ScreenError, match="as if they were logarithms"):
        as_copies(table, "relative", 2.0, "OmicsCNGene.csv")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("OmicsCNGene.csv", "relative"),
        ("PortalOmicsCNGeneLog2.csv", "log2"),
        ("OmicsAbsoluteCNGene.csv", "copies"),
    ],
)
def test_the_name_of_the_file_gives_the_unit(release, how, name: str, unit: str) -> None:
    table = pd.read_csv(release / "OmicsCNGene.csv", index_col=0)
    (release / "OmicsCNGene.csv").unlink()
    changed = {"relative": table, "log2": np.log2(table + 1), "copies": table * 2}[unit]
    changed.to_csv(release / name)
    screen = read_release(find_files(release), *how())
    assert screen.record["release"]["unit of copy number"] == unit
    rows = screen.table().set_index(["sgrna", "replicate_id"])
    assert rows.loc[("TP53_1", "s1"), "gene_cn"] == pytest.approx(5.0)


# ---- mutations ----


def test_mutations_of_lines_without_genomic_data_are_unknown() -> None:
    table = pd.DataFrame({"ModelID": ["A"], "Gene": ["KRAS (3845)"]})
    guides = pd.DataFrame({"hugo_symbol": ["KRAS", "TP53"], "entrez_id": [3845, 7157]})
    n_muts, kras = mutations(table, guides, ["B"], "mutations.csv")
    assert n_muts.loc["A"].to_dict() == {"KRAS": 1, "TP53": 0}
    assert n_muts.loc["B"].to_dict() == {"KRAS": 0, "TP53": 0}
    assert "C" not in n_muts.index
    assert kras is None


# ---- the real sample ----


def test_the_sample_of_depmap_equals_the_given_table(shared_data, how) -> None:
    folder, given = shared_data / "depmap_release_sample", shared_data / "avana_44_lines.csv.gz"
    if not (folder.is_dir() and given.is_file()):
        pytest.skip("the real screens are not beside this checkout")
    depmap, counts = how()
    everything = counts.model_copy(update={"min_pdna": 0.0})
    ours = read_release(find_files(folder), depmap, everything).table()
    keys = ["sgrna", "replicate_id"]
    theirs = pd.read_csv(given, low_memory=False).set_index(keys)
    ours = ours.set_index(keys)
    assert set(ours.index) == set(theirs.index)
    theirs = theirs.loc[ours.index]
    for name in ("gene_cn", "rna_expr", "n_muts", "chrom_pos", "n_alignments"):
        np.testing.assert_allclose(ours[name].astype(float), theirs[name], rtol=1e-4, atol=1e-4)
    for name in ("kras_mutation", "pdna_batch", "genome_alignment", "hugo_symbol", "depmap_id"):
        assert (ours[name].astype(str) == theirs[name].astype(str)).all()
