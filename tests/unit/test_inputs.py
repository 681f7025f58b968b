"""Input tables that are almost right: read if they can mean one thing only, else refused."""

import gzip
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, DatasetError, MemoryDataset
from kedro.runner import SequentialRunner

from partialpool.datasets.screen_table import ScreenTableDataset
from partialpool.errors import ScreenError
from partialpool.pipelines.data_engineering import create_pipeline
from partialpool.preparation import DataSettings, prepare, require_depletion

FIVE = ["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol"]


@pytest.fixture(scope="module")
def raw(simulated) -> pd.DataFrame:
    """The five columns of the tiny screen, 18 guides in 16 replicates."""
    return simulated[0][FIVE]


@pytest.fixture(scope="module")
def settings(tiny) -> Callable[..., DataSettings]:
    def changed(**changes: Any) -> DataSettings:
        return DataSettings(**tiny.data_engineering.model_dump() | changes)

    return changed


@pytest.fixture(scope="module")
def read(settings) -> Callable[..., tuple[pd.DataFrame, pd.DataFrame]]:
    """Prepare a table; the data-quality table has its items as index."""

    def prepared(table: pd.DataFrame, **changes: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
        screen, quality = prepare(table, settings(**changes))
        return screen, quality.set_index("item")

    return prepared


@pytest.fixture(scope="module")
def refusal(settings) -> Callable[..., str]:
    """Why a table is refused."""

    def message(table: pd.DataFrame, **changes: Any) -> str:
        with pytest.raises(ScreenError) as caught:
            prepare(table, settings(**changes))
        for part in ("Expected: ", "Got: ", "Fix: "):
            assert part in str(caught.value)
        return str(caught.value)

    return message


def changed(table: pd.DataFrame, column: str, rows: list[int], value: Any) -> pd.DataFrame:
    """Replace values; rows are counted from 0."""
    column_of = table.get(column, pd.Series(1.0, index=table.index)).astype(object).copy()
    column_of.iloc[rows] = value
    return table.assign(**{column: column_of.infer_objects()})


# ---- names of columns ----


@pytest.mark.parametrize(
    ("column", "other"),
    [
        *(("sgrna", name) for name in ("sgRNA", "Guide", " sgrna", "SGRNA ", "grna")),
        *(("hugo_symbol", name) for name in ("Gene", "gene", "Hugo_Symbol", "hugo symbol")),
        *(("lfc", "LFC"), ("depmap_id", "DepMap ID"), ("replicate_id", "Replicate_ID")),
    ],
)
def test_a_required_column_in_another_spelling_is_read_and_told(raw, read, column, other) -> None:
    screen, quality = read(raw.rename(columns={column: other}))
    pd.testing.assert_frame_equal(screen, read(raw)[0])
    item = quality.loc["columns read under another name"]
    assert (item["count"], item["note"]) == (1, f"{other!r} as {column}")


def test_nothing_is_told_about_a_table_as_it_should_be(raw, read) -> None:
    assert "columns read under another name" not in read(raw)[1].index
    assert read(raw)[1].index[-1] == "unknown columns"


@pytest.mark.parametrize("name", ["Passes_QC", "passes qc", "PassesQC"])
def test_a_qc_flag_in_another_spelling_is_used(raw, read, name) -> None:
    flags = np.arange(len(raw)) % 2 == 0
    screen, quality = read(raw.assign(**{name: flags}))
    assert len(screen) == flags.sum()
    assert quality.loc["rows failing QC", "count"] == (~flags).sum()


def test_an_optional_column_that_may_be_misspelt_is_told(raw, read) -> None:
    _, quality = read(raw.assign(passs_qc=True, rna_exp=1.0, n_mut=0, my_notes="x"))
    item = quality.loc["unknown columns that may be misspelt"]
    assert item["count"] == 3
    for pair in (
        "passs_qc (is it passes_qc?)",
        "rna_exp (is it rna_expr?)",
        "n_mut (is it n_muts?)",
    ):
        assert pair in item["note"]
    assert "my_notes" not in item["note"]


def test_a_column_is_not_called_misspelt_if_the_right_one_is_there(raw, read) -> None:
    _, quality = read(raw.assign(n_muts=0, n_mut=0))
    assert "unknown columns that may be misspelt" not in quality.index


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"LFC": "lfc"}, "'lfc', 'LFC'"),  # beside the column itself
        ({"Guide": "sgrna", "sgRNA": None}, "'sgRNA', 'Guide'"),
        ({"gene": "hugo_symbol", "Symbol": "hugo_symbol", "hugo_symbol": None}, "'gene', 'Symbol'"),
    ],
)
def test_columns_that_can_be_mistaken_are_refused(raw, refusal, columns, shown) -> None:
    table = raw.rename(columns={"sgrna": "sgRNA"}) if "sgRNA" in columns else raw
    copies = {new: raw[old] for new, old in columns.items() if old}
    table = table.assign(**copies)
    if "hugo_symbol" in columns:
        table = table.drop(columns="hugo_symbol")
    message = refusal(table)
    assert f"Got: {shown}, which all may be meant." in message


def test_another_name_beside_the_right_one_is_an_unknown_column(raw, read) -> None:
    _, quality = read(raw.assign(Guide="x"))
    assert quality.loc["unknown columns", "note"] == "Guide"


@pytest.mark.parametrize("name", ["logFC", "cell_line"])
def test_a_name_that_may_mean_something_else_is_only_suggested(raw, refusal, name) -> None:
    column = {"logFC": "lfc", "cell_line": "depmap_id"}[name]
    assert f"rename {name} to {column}" in refusal(raw.rename(columns={column: name}))


# ---- labels ----


@pytest.mark.parametrize("column", ["sgrna", "replicate_id", "depmap_id", "hugo_symbol"])
@pytest.mark.parametrize("change", [str.swapcase, "{} ".format, " {}".format, "\t{}".format])
def test_two_spellings_of_a_label_are_refused_with_their_rows(
    raw, refusal, column: str, change: Callable[[str], str]
) -> None:
    label = raw[column].iloc[0]
    rows = np.flatnonzero(raw[column] == label)
    message = refusal(changed(raw, column, [rows[1]], change(label)))
    assert f"one spelling of each label in column {column}" in message
    assert f"{label!r} (row 1) and {change(label)!r} (row {rows[1] + 1})" in message
    assert "--params data_engineering.merge_labels=true" in message


@pytest.mark.parametrize("column", ["sgrna", "replicate_id", "depmap_id", "hugo_symbol"])
@pytest.mark.parametrize("change", [str.swapcase, "{} ".format, " {}".format])
def test_spellings_are_merged_on_request_and_told(raw, read, column, change) -> None:
    label = raw[column].iloc[0]
    rows = np.flatnonzero(raw[column] == label)
    screen, quality = read(changed(raw, column, rows[:3], change(label)), merge_labels=True)
    pd.testing.assert_frame_equal(screen, read(raw)[0])
    item = quality.loc[f"spellings of {column} merged"]
    assert (item["count"], item["note"]) == (1, f"{change(label)!r} as {label!r}")


def test_a_blank_at_the_end_of_every_label_is_refused_or_removed(raw, refusal, read) -> None:
    padded = raw.assign(depmap_id=raw["depmap_id"] + " ")
    first = padded["depmap_id"].iloc[0]
    message = refusal(padded)
    assert "no blanks at the ends of labels in column depmap_id" in message
    assert f"Got: {first!r} (row 1)" in message
    pd.testing.assert_frame_equal(read(padded, merge_labels=True)[0], read(raw)[0])


def test_lineages_have_one_spelling_too(raw, refusal) -> None:
    message = refusal(raw.assign(lineage=["Skin", "skin"] * (len(raw) // 2)))
    assert "'Skin' (row 1) and 'skin' (row 2)" in message


def test_merging_does_not_hide_a_pair_that_was_measured_twice(raw, refusal) -> None:
    other = raw.assign(replicate_id=raw["replicate_id"].str.upper(), lfc=raw["lfc"] + 0.01)
    message = refusal(pd.concat([raw, other]), merge_labels=True)
    assert "one row for each sgrna x replicate_id" in message


@pytest.mark.parametrize("column", ["sgrna", "replicate_id", "depmap_id", "hugo_symbol"])
def test_a_line_break_in_a_label_is_refused(raw, refusal, tmp_path: Path, column: str) -> None:
    """Parquet files can contain it."""
    label = raw[column].iloc[0]
    broken = f"{label[:2]}\n{label[2:]}"
    table = raw.assign(**{column: raw[column].replace(label, broken)})
    dataset = ScreenTableDataset(filepath=tmp_path / "screen.parquet")
    dataset.save(table)
    message = refusal(dataset.load())
    assert f"no line breaks or other control characters in column {column}" in message
    assert f"Got: {broken!r} (row 1)" in message


def test_symbols_with_entrez_ids_are_split(raw, read) -> None:
    numbers = {gene: 100 + i for i, gene in enumerate(raw["hugo_symbol"].unique())}
    ids = raw["hugo_symbol"].map(numbers)
    table = raw.assign(Gene=raw["hugo_symbol"] + " (" + ids.astype(str) + ")")
    screen, quality = read(table.drop(columns="hugo_symbol"))
    expected = read(raw)[0]
    assert screen["hugo_symbol"].tolist() == expected["hugo_symbol"].tolist()
    assert screen["entrez_id"].tolist() == expected["hugo_symbol"].astype(str).map(numbers).tolist()
    assert quality.loc["genes with Entrez id", "count"] == len(numbers)


def test_a_gene_with_and_without_its_entrez_id_has_two_spellings(raw, read, refusal) -> None:
    gene = raw["hugo_symbol"].iloc[0]
    rows = np.flatnonzero(raw["hugo_symbol"] == gene)
    table = changed(raw, "hugo_symbol", rows[4:6], f"{gene} (3845)")
    message = refusal(table)
    assert f"{gene!r} (row 1) and '{gene} (3845)' (row {rows[4] + 1})" in message
    screen, _ = read(table, merge_labels=True)
    assert screen["hugo_symbol"].tolist() == read(raw)[0]["hugo_symbol"].tolist()


def test_two_symbols_of_one_entrez_id_and_guides_of_two_libraries_are_told(raw, read) -> None:
    first, second = raw["hugo_symbol"].unique()[:2]
    ids = pd.Series(range(len(raw))).mask(raw["hugo_symbol"].isin([first, second]).to_numpy(), 7)
    library = ["Avana", *["KY"] * (len(raw) - 1)]
    _, quality = read(raw.assign(entrez_id=ids.to_numpy(), library=library))
    note = quality.loc["Entrez ids with several symbols", "note"]
    assert note == f"7: {first}, {second}"
    note = quality.loc["guides in several libraries", "note"]
    assert note == f"{raw['sgrna'].iloc[0]}: Avana, KY"


# ---- copies ----


def copies_of(raw: pd.DataFrame) -> pd.DataFrame:
    """Every row twice, under new names of replicates."""
    return pd.concat([raw, raw.assign(replicate_id=raw["replicate_id"] + "_again")])


def test_every_row_twice_under_new_names_is_refused(raw, refusal) -> None:
    message = refusal(copies_of(raw))
    first = raw["replicate_id"].iloc[0]
    assert f"equal to the last digit: {first}_again equals {first}, " in message
    assert "and 11 more" in message
    assert "data_engineering.drop_copies=true" in message


@pytest.mark.parametrize("digits", [1, 2, 6])
def test_copies_are_left_out_on_request(raw, read, digits: int) -> None:
    """Whatever the number of digits, and whatever other replicates have the same values."""
    rounded = raw.assign(lfc=raw["lfc"].round(digits))
    screen, quality = read(copies_of(rounded), drop_copies=True)
    assert quality.loc["copied replicates left out", "count"] == raw["replicate_id"].nunique()
    pd.testing.assert_frame_equal(screen, read(rounded)[0])


def test_a_copy_under_the_name_of_another_line_is_refused(raw, refusal) -> None:
    first = raw["replicate_id"].iloc[0]
    copy = raw[raw["replicate_id"] == first].assign(replicate_id="new", depmap_id="ACH-999999")
    assert f"new equals {first}." in refusal(pd.concat([raw, copy]))


def test_a_copy_of_most_guides_is_a_copy(raw, refusal) -> None:
    first = raw["replicate_id"].iloc[0]
    copy = raw[raw["replicate_id"] == first].assign(replicate_id="new").iloc[2:].copy()
    copy.iloc[0, copy.columns.get_loc("lfc")] += 1
    assert f"new equals {first}." in refusal(pd.concat([raw, copy]))


def test_replicates_that_agree_well_are_no_copies(raw, read) -> None:
    first = raw["replicate_id"].iloc[0]
    near = raw[raw["replicate_id"] == first].assign(replicate_id="near")
    near = near.assign(lfc=near["lfc"] + 1e-4)
    assert "near" in set(read(pd.concat([raw, near]))[0]["replicate_id"])


def test_coarse_numbers_make_no_copies(raw, read) -> None:
    read(raw.assign(lfc=raw["lfc"].round(1)))  # one in ten pairs of values is equal


# ---- numbers ----


@pytest.mark.parametrize("column", ["lfc", "gene_cn", "n_muts"])
def test_digits_with_an_underscore_are_no_number(raw, refusal, column: str) -> None:
    message = refusal(changed(raw, column, [4], "1_000").astype({column: "str"}))
    assert f"numbers in column {column}" in message
    assert "row 5: '1_000'" in message


@pytest.mark.parametrize("value", [1e308, -1e308, 51.0])
def test_a_log_fold_change_that_no_sequencer_can_measure_is_refused(raw, refusal, value) -> None:
    message = refusal(changed(raw, "lfc", [4], value))
    assert "numbers up to 50 in column lfc" in message
    assert f"row 5: {value!r}" in message


@pytest.mark.parametrize("column", ["n_muts", "chrom_pos", "n_alignments"])
@pytest.mark.parametrize("value", [1e30, 2.0**64])
def test_whole_numbers_beyond_integers_are_refused(raw, refusal, column, value) -> None:
    message = refusal(changed(raw, column, [4], value))
    assert f"numbers up to 9.0072e+15 in column {column}" in message
    assert f"row 5: {value!r}" in message


@pytest.mark.parametrize("column", ["gene_cn", "rna_expr"])
def test_amounts_beyond_measure_are_refused(raw, refusal, column) -> None:
    assert f"column {column}" in refusal(changed(raw, column, [4], 1e308))


def test_a_position_between_two_bases_is_refused(raw, refusal) -> None:
    assert "whole numbers in column chrom_pos" in refusal(changed(raw, "chrom_pos", [4], 100.5))


def test_the_noise_of_counting_is_a_known_column(raw, read, refusal) -> None:
    screen, quality = read(raw.assign(lfc_count_sd="0.25"))
    assert screen["lfc_count_sd"].tolist() == [0.25] * len(raw)
    assert quality.loc["unknown columns", "count"] == 0
    for value, said in ((-0.1, "no negative number"), (np.inf, "finite numbers")):
        assert f"{said} in column lfc_count_sd" in refusal(changed(raw, "lfc_count_sd", [4], value))


# ---- what lfc contains ----


@pytest.mark.parametrize(
    ("make", "looks"),
    [
        (lambda lfc: np.round(300 * 2**lfc), "read counts"),
        (lambda lfc: 2**lfc, "fold changes"),
        (lambda lfc: np.log2(300 * 2**lfc + 1), "fold changes or counts"),
    ],
    ids=["counts", "fold changes", "log counts"],
)
def test_numbers_that_are_not_log_fold_changes_are_refused(raw, refusal, make, looks) -> None:
    message = refusal(raw.assign(lfc=make(raw["lfc"])))
    assert f"no negative number in {len(raw)} rows" in message
    assert f"looks like {looks}" in message
    assert "log2" in message.partition("Fix: ")[2]


def test_control_genes_show_that_signs_are_flipped() -> None:
    """Eight genes of each list: p is 1 / C(16, 8) if all lie on the wrong side."""
    rng = np.random.default_rng(4)
    genes = [f"E{i}" for i in range(8)] + [f"N{i}" for i in range(8)]
    lfc = np.r_[rng.normal(-1, 0.1, 8), rng.normal(0, 0.1, 8)]
    table = pd.DataFrame({"hugo_symbol": genes, "lfc": lfc})
    lists = {"common_essential": [*genes[:8], "OTHER"], "nonessential": genes[8:]}
    require_depletion(table, **lists)
    with pytest.raises(ScreenError, match="8 common-essential genes") as caught:
        require_depletion(table.assign(lfc=-lfc), **lists)
    assert "change the sign of lfc" in str(caught.value)
    require_depletion(table.assign(lfc=-lfc), nonessential=genes[8:])
    require_depletion(table.assign(lfc=-lfc).iloc[6:10], **lists)  # two of each say little


def test_the_run_stops_if_signs_are_flipped(raw, settings) -> None:
    """With both lists of genes, in the node that leaves out rows."""
    shared = {"params:data_engineering": MemoryDataset(settings())}
    rng = np.random.default_rng(4)
    genes = [f"G{i}" for i in range(16)]
    table = pd.DataFrame(
        {
            "sgrna": [f"s{i}" for i in range(16)] * 2,
            "replicate_id": ["r1"] * 16 + ["r2"] * 16,
            "depmap_id": "ACH-1",
            "hugo_symbol": genes * 2,
            "lfc": rng.normal([1.0] * 8 + [0.0] * 8 + [1.0] * 8 + [0.0] * 8, 0.1),
        }
    )
    lists = {
        "essentials": MemoryDataset(pd.DataFrame({"hugo_symbol": genes[:8]})),
        "others": MemoryDataset(pd.DataFrame({"hugo_symbol": genes[8:]})),
    }
    pipeline = create_pipeline("raw", {"common_essential": "essentials", "nonessential": "others"})
    catalog = DataCatalog({"raw": MemoryDataset(table), **lists, **shared})
    with pytest.raises(ScreenError, match="lower lfc of the common-essential genes"):
        SequentialRunner().run(pipeline, catalog)


def test_a_long_upper_tail_is_told_but_no_error(parameters, read, caplog) -> None:
    """With the genes of the default screen."""
    from partialpool.simulation import simulate_depmap_screen

    sizes = {"n_cell_lines": 20, "n_replicates": 20}
    how = parameters.simulation.depmap_screen.model_copy(update=sizes)
    table = simulate_depmap_screen(how)[0][FIVE]
    item = "more genes far above than far below the median"
    assert item not in read(table)[1].index
    flipped = table.assign(lfc=-table["lfc"])
    assert "the sign of lfc may be wrong" in read(flipped)[1].loc[item, "note"]

    catalog = DataCatalog(
        {
            "raw_screen": MemoryDataset(flipped.rename(columns={"sgrna": "sgRNA"})),
            "params:data_engineering": MemoryDataset(parameters.data_engineering),
        }
    )
    with caplog.at_level(logging.INFO, logger="partialpool"):
        SequentialRunner().run(create_pipeline(), catalog)
    told = {record.getMessage(): record.levelno for record in caplog.records}
    assert told["1 columns read under another name: 'sgRNA' as sgrna"] == logging.INFO
    warned = [text for text, level in told.items() if level == logging.WARNING]
    assert [text for text in warned if "the sign of lfc may be wrong" in text]


# ---- files ----


def as_text(table: pd.DataFrame, separator: str = ",", decimal: str = ".") -> str:
    return table.to_csv(index=False, sep=separator, decimal=decimal)


def load(path: Path, content: str | bytes) -> pd.DataFrame:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return ScreenTableDataset(filepath=path).load()


@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz"])
@pytest.mark.parametrize("decimal", [",", "."])
def test_semicolons_are_read_with_either_decimal_mark(raw, tmp_path, caplog, name, decimal) -> None:
    table = raw.assign(gene_cn=np.where(raw.index % 3 == 0, np.nan, 2.5), pdna_batch="3,5")
    content = as_text(table, ";", decimal).encode()
    content = gzip.compress(content, mtime=0) if name.endswith("gz") else content
    with caplog.at_level(logging.INFO, logger="partialpool"):
        found = load(tmp_path / name, content)
    pd.testing.assert_frame_equal(found, load(tmp_path / "plain.csv", as_text(table)))
    told = [record.getMessage() for record in caplog.records]
    assert f"{name} is read with semicolons between its fields." in told
    assert ("Commas are read as decimal points in lfc, gene_cn." in told) == (decimal == ",")


def test_a_column_with_both_decimal_marks_is_refused(raw, tmp_path, refusal) -> None:
    table = changed(raw.assign(lfc=raw["lfc"].astype(str)), "lfc", [4], "0,5")
    assert "text in row 5: '0,5'" in refusal(load(tmp_path / "s.csv", as_text(table, ";")))


def test_labels_stay_text_under_another_name(raw, tmp_path) -> None:
    text = "sgRNA,Replicate_ID,LFC,DepMap ID,Gene\n007,1,0.5,0012,1e5\n"
    found = load(tmp_path / "s.csv", text)
    assert found.iloc[0].tolist() == ["007", "1", 0.5, "0012", "1e5"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(raw, tmp_path) -> None:
    found = load(tmp_path / "s.csv", "\ufeffsgrna,lfc\n007,0.5\n")
    assert found.columns.tolist() == ["sgrna", "lfc"]
    assert found["sgrna"].tolist() == ["007"]


def test_a_damaged_byte_in_a_gzip_file_is_never_read_over(raw, tmp_path) -> None:
    """Whatever the byte, the error says so."""
    many = pd.concat([raw] * 40, ignore_index=True).assign(lfc=np.arange(40.0 * len(raw)) / 7)
    whole = gzip.compress(as_text(many).encode(), mtime=0)
    path = tmp_path / "s.csv.gz"
    assert len(load(path, whole)) == len(many)
    for place in np.linspace(10, len(whole) - 1, 60).astype(int):  # after the header of gzip
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        with pytest.raises(DatasetError, match="truncated or damaged"):
            load(path, bytes(damaged))
