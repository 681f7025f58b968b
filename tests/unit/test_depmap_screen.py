"""The simulated DepMap-like screen: its schema, its distributions and its planted truth."""

import re
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from partialpool.defaults import default
from partialpool.simulation import (
    RAW_COLUMNS,
    DepmapScreenSettings,
    EffectSettings,
    as_r_table,
    simulate_depmap_screen,
)
from partialpool.simulation.depmap_effects import draw_gene_and_guide_effects
from partialpool.simulation.depmap_genes import gene_symbols

PARAMETERS = Path(__file__).parents[2] / "conf" / "base" / "parameters_simulation.yml"

TINY = {"n_genes": 6, "n_sgrnas": 18, "n_cell_lines": 8, "n_replicates": 16}
NAMED_IN_THE_NOTEBOOK = [
    *("ADAMTS13", "KRAS", "LGALS7B", "MDM2", "PHACTR3", "PIK3CA", "PTK2", "TP53")
]
PUBLISHED_MEANS = [  # Model 1, alpha_g[0] to alpha_g[25]
    *(-0.055, -0.111, -0.107, 0.094, -0.177, 0.060, 0.009, 0.065, 0.069, 0.090, -0.775, -0.005),
    *(0.006, -0.211, -0.394, 0.117, -0.076, -0.326, -0.654, 0.132, -0.085, 0.096, 0.073, 0.026),
    *(-0.450, -0.231),
]


def default_numbers() -> dict:
    """The project's own, where ``cn_max`` is one that is shared with other settings."""
    numbers = yaml.safe_load(PARAMETERS.read_text())["simulation"]["depmap_screen"]
    numbers["effects"]["cn_max"] = default("data_engineering.cn_max")
    return numbers


def settings_with(**changes) -> DepmapScreenSettings:
    """Change numbers of the default settings; a dict changes the numbers of a group."""
    numbers = deepcopy(default_numbers())
    for name, value in changes.items():
        numbers[name] = numbers[name] | value if isinstance(value, dict) else value
    return DepmapScreenSettings(**numbers)


@pytest.fixture(scope="module")
def table_and_truth() -> tuple[pd.DataFrame, pd.DataFrame]:
    return simulate_depmap_screen(settings_with())


@pytest.fixture(scope="module")
def table(table_and_truth) -> pd.DataFrame:
    return table_and_truth[0]


@pytest.fixture(scope="module")
def truth(table_and_truth) -> pd.DataFrame:
    return table_and_truth[1]


def planted(truth: pd.DataFrame, parameter: str, key: str) -> pd.Series:
    return truth[truth["parameter"] == parameter].set_index(key)["value"]


def zscale_by_gene(table: pd.DataFrame, values: pd.Series) -> pd.Series:
    by_gene = values.groupby(table["hugo_symbol"])
    return (values - by_gene.transform("mean")) / by_gene.transform("std", ddof=0)


def residual(table: pd.DataFrame, truth: pd.DataFrame) -> pd.Series:
    """Subtract the planted predictor, recomputed from the table's own columns."""
    gene = table["hugo_symbol"]
    cn_z = zscale_by_gene(table, table["gene_cn"].clip(upper=10))
    rna_z = zscale_by_gene(table, table["rna_expr"])
    return (
        table["lfc"]
        - table["sgrna"].map(planted(truth, "sgrna_effect", "sgrna"))
        - table["depmap_id"].map(planted(truth, "cell_line_effect", "depmap_id"))
        - gene.map(planted(truth, "copy_number_effect", "hugo_symbol")) * cn_z
        - gene.map(planted(truth, "mutation_effect", "hugo_symbol")) * (table["n_muts"] > 0)
        - gene.map(planted(truth, "rna_effect", "hugo_symbol")) * rna_z
    )


def test_default_screen_has_the_published_size_and_is_balanced(table):
    assert table.shape == (60_049, 27)
    assert list(table.columns) == list(RAW_COLUMNS)
    assert table["hugo_symbol"].nunique() == 26
    assert table["depmap_id"].nunique() == 258
    assert (pd.crosstab(table["sgrna"], table["replicate_id"]) == 1).all(axis=None)
    assert table["sgrna"].nunique() == 103
    assert table["replicate_id"].nunique() == 583


def test_genes_include_those_that_the_notebook_names(table):
    genes = sorted(table["hugo_symbol"].unique())

    assert genes[0] == "ADAMTS13"
    assert set(NAMED_IN_THE_NOTEBOOK) <= set(genes)


def test_columns_have_their_types(table):
    assert table["passes_qc"].dtype == bool
    assert table["passes_qc"].all()
    for column in ("any_deleterious", "mutated_at_guide_location"):
        assert table[column].dtype == bool
    for column in ("lfc", "segment_mean", "segment_cn", "log2_gene_cn_p1", "gene_cn", "rna_expr"):
        assert table[column].dtype == np.float64
    for column in ("pdna_batch", "n_alignments", "chrom_pos", "n_muts"):
        assert pd.api.types.is_integer_dtype(table[column])
    assert pd.api.types.is_string_dtype(table["chromosome"])


@pytest.mark.parametrize(
    ("column", "pattern"),
    [
        ("sgrna", r"[ACGT]{20}"),
        ("depmap_id", r"ACH-\d{6}"),
        ("replicate_id", r"[a-z\-]+\d+-311cas9_rep[a-z]+_p\d_batch[234]"),
        ("genome_alignment", r"chr(\d{1,2}|X)_\d+_[+-]"),
    ],
)
def test_labels_are_written_as_in_depmap(table, column, pattern):
    assert table[column].str.fullmatch(pattern).all()


def test_guides_look_like_spacers(table):
    guides = pd.Series(table["sgrna"].unique())
    gc_fraction = guides.str.count("[GC]") / 20

    assert gc_fraction.between(0.4, 0.8).all()
    assert not guides.str.contains("TTTT").any()


@pytest.mark.parametrize(
    ("key", "columns"),
    [
        (
            ["sgrna"],
            ["hugo_symbol", "genome_alignment", "n_alignments", "chromosome", "chrom_pos"],
        ),
        (["replicate_id"], ["depmap_id", "pdna_batch"]),
        (
            ["depmap_id"],
            ["pdna_batch", "primary_or_metastasis", "lineage", "lineage_subtype", "kras_mutation"],
        ),
        (
            ["hugo_symbol", "depmap_id"],
            [
                *("log2_gene_cn_p1", "gene_cn", "n_muts", "any_deleterious", "rna_expr"),
                *("variant_classification", "is_deleterious"),
                *("is_tcga_hotspot", "is_cosmic_hotspot"),
            ],
        ),
        (["hugo_symbol"], ["chromosome", "n_alignments"]),
        (["lineage_subtype"], ["lineage"]),
    ],
)
def test_annotations_are_constant_within_their_key(table, key, columns):
    assert (table.groupby(key)[columns].nunique(dropna=False) == 1).all(axis=None)


def test_alignment_agrees_with_chromosome_and_position(table):
    parts = table["genome_alignment"].str.extract(r"chr(?P<chromosome>\w+)_(?P<position>\d+)_")

    assert (parts["chromosome"] == table["chromosome"]).all()
    assert (parts["position"].astype(int) == table["chrom_pos"]).all()


def test_guides_lie_in_their_genes(table):
    position = table.groupby("hugo_symbol")["chrom_pos"]
    chromosome = table.groupby("hugo_symbol")["chromosome"].first()

    assert chromosome[["ADAMTS13", "KRAS", "TP53"]].tolist() == ["9", "12", "17"]
    # The smallest and the median position of the published table, on TP53 and PHACTR3.
    assert position.min()["TP53"] <= 7_690_000
    assert position.max()["TP53"] >= 7_660_000
    assert position.min()["PHACTR3"] >= 59_500_000
    assert position.max()["PHACTR3"] <= 59_900_000


def test_three_of_the_guides_align_twice(table):
    guides = table.drop_duplicates("sgrna")

    # The published table has a mean of 1.029126 = 1 + 3 / 103.
    assert guides["n_alignments"].mean() == pytest.approx(1.029126, abs=5e-7)
    assert set(guides["n_alignments"]) == {1, 2}


def test_pdna_batches_are_shared_out_as_published(table):
    fractions = table["pdna_batch"].value_counts(normalize=True)

    assert set(fractions.index) == {2, 3, 4}
    # The published mean and sd of the batch number.
    assert table["pdna_batch"].mean() == pytest.approx(2.861, abs=0.03)
    assert table["pdna_batch"].std() == pytest.approx(0.356, abs=0.04)


def test_copy_number_columns_agree(table):
    has_segment = table["segment_mean"].notna()
    known = table[has_segment]

    assert (~has_segment).sum() == 206
    assert (table["segment_cn"].notna() == has_segment).all()
    assert table.loc[~has_segment, "depmap_id"].nunique() == 1
    np.testing.assert_allclose(known["segment_cn"], 2 ** known["segment_mean"])
    np.testing.assert_allclose(known["log2_gene_cn_p1"], np.log2(known["segment_mean"] + 1))
    np.testing.assert_allclose(
        table["gene_cn"], np.exp(table["log2_gene_cn_p1"]) - 1, rtol=1e-6, atol=1e-12
    )


def test_copy_number_has_the_published_shape(table):
    quartiles = table["gene_cn"].quantile([0.25, 0.5, 0.75])

    np.testing.assert_allclose(quartiles, [1.435, 1.730, 2.027], atol=0.07)
    assert table["gene_cn"].max() > 100
    assert 0 <= table["gene_cn"].min() < 0.01


def test_rna_is_never_negative_and_sometimes_zero(table):
    assert table["rna_expr"].min() == 0
    assert 0.01 < (table["rna_expr"] == 0).mean() < 0.2
    assert 8 < table["rna_expr"].max() < 14


def test_mutations_are_rare_but_for_a_few_genes(table):
    fraction = (table["n_muts"] > 0).groupby(table["hugo_symbol"]).mean()

    assert table["n_muts"].mean() == pytest.approx(0.0977, abs=0.03)
    assert table["n_muts"].max() <= 8
    assert fraction["TP53"] > 0.5
    assert fraction["KRAS"] > 0.1
    assert fraction.median() < 0.06


def test_mutation_columns_are_missing_where_nothing_is_mutated(table):
    is_mutated = table["n_muts"] > 0

    for column in (
        *("variant_classification", "is_deleterious"),
        *("is_tcga_hotspot", "is_cosmic_hotspot"),
    ):
        assert (table[column].notna() == is_mutated).all()
    assert (table["any_deleterious"] == table["is_deleterious"].eq(True)).all()
    assert not table.loc[~is_mutated, "mutated_at_guide_location"].any()
    assert table["mutated_at_guide_location"].any()
    assert is_boolean_or_missing(table["is_deleterious"])


def is_boolean_or_missing(column: pd.Series) -> bool:
    return all(isinstance(value, bool) for value in column.dropna())


def test_kras_mutation_agrees_with_the_mutations_of_kras(table):
    kras = table[table["hugo_symbol"] == "KRAS"]

    assert ((kras["kras_mutation"] != "WT") == (kras["n_muts"] > 0)).all()
    assert kras.loc[kras["n_muts"] > 0, "kras_mutation"].str.fullmatch(r"[A-Z]\d+[A-Z]").all()


def test_rows_are_in_file_order_not_in_modelling_order(table):
    pd.testing.assert_frame_equal(
        table, table.sort_values(["replicate_id", "sgrna"], ignore_index=True)
    )
    assert not table["hugo_symbol"].is_monotonic_increasing


def test_lfc_is_the_planted_predictor_plus_noise(table, truth):
    left = residual(table, truth)
    n_rows = len(left)

    assert left.mean() == pytest.approx(0, abs=4 * 0.47 / np.sqrt(n_rows))
    assert left.std() == pytest.approx(0.47, abs=4 * 0.47 / np.sqrt(2 * n_rows))
    assert abs(left.skew()) < 4 * np.sqrt(6 / n_rows)
    assert abs(left.kurt()) < 4 * np.sqrt(24 / n_rows)


def test_noise_is_unrelated_to_what_the_predictor_holds(table, truth):
    left = residual(table, truth)

    for column in ("hugo_symbol", "sgrna", "depmap_id", "replicate_id"):
        groups = left.groupby(table[column]).agg(["mean", "size"])
        z = groups["mean"] / (0.47 / np.sqrt(groups["size"]))
        assert z.abs().max() < 4.5
    for covariate in (table["gene_cn"].clip(upper=10), table["rna_expr"]):
        z_scaled = zscale_by_gene(table, covariate)
        assert abs(left.corr(z_scaled)) < 4 / np.sqrt(len(left))


def test_gene_means_are_near_the_published_ones(table):
    by_gene = table.groupby("hugo_symbol")["lfc"]
    noise_error = 0.47 / np.sqrt(by_gene.size())
    cell_line_error = 0.05 / np.sqrt(258)
    standard_error = np.sqrt(noise_error**2 + cell_line_error**2)

    z = (by_gene.mean().sort_index() - PUBLISHED_MEANS) / standard_error

    assert z.abs().max() < 4
    assert table["lfc"].mean() == pytest.approx(-0.110, abs=0.02)
    assert table["lfc"].std() == pytest.approx(0.563, abs=0.03)


def test_guides_average_to_the_published_mean_less_the_mutation_effect(table, truth):
    guide_mean = truth[truth["parameter"] == "sgrna_effect"].groupby("hugo_symbol")["value"].mean()
    mutated_fraction = (table["n_muts"] > 0).groupby(table["hugo_symbol"]).mean()
    mutation_effect = planted(truth, "mutation_effect", "hugo_symbol")

    np.testing.assert_allclose(
        guide_mean + mutation_effect * mutated_fraction,
        PUBLISHED_MEANS,
        atol=1e-12,
    )
    assert mutation_effect["KRAS"] == -0.6
    assert mutation_effect["ADAMTS13"] == 0


def test_truth_has_a_row_for_every_planted_value(table, truth):
    counts = truth["parameter"].value_counts().to_dict()

    assert list(truth.columns) == ["parameter", "hugo_symbol", "sgrna", "depmap_id", "value"]
    assert counts == {
        "gene_effect": 26,
        "sgrna_effect": 103,
        "cell_line_effect": 258,
        "copy_number_effect": 26,
        "mutation_effect": 26,
        "rna_effect": 26,
    } | dict.fromkeys(
        [
            *("mu_gene", "sigma_gene", "sigma_sgrna", "sigma_cell_line", "mu_copy_number"),
            *("sigma_copy_number", "mu_rna", "sigma_rna", "sigma"),
        ],
        1,
    )
    assert truth["value"].notna().all()
    guides = truth[truth["parameter"] == "sgrna_effect"]
    pairs = table[["sgrna", "hugo_symbol"]].drop_duplicates()
    assert set(zip(guides["sgrna"], guides["hugo_symbol"], strict=True)) == set(
        zip(pairs["sgrna"], pairs["hugo_symbol"], strict=True)
    )
    hyperparameters = truth[truth["parameter"].str.startswith(("mu_", "sigma"))]
    assert hyperparameters[["hugo_symbol", "sgrna", "depmap_id"]].isna().all(axis=None)


def test_hierarchy_of_genes_without_published_means():
    settings = settings_with(n_genes=1_000, n_sgrnas=4_000, n_cell_lines=2, n_replicates=2)
    _, truth = simulate_depmap_screen(settings)
    is_generic = truth["hugo_symbol"].str.startswith("GENE", na=False)
    gene = planted(truth[is_generic], "gene_effect", "hugo_symbol")
    guides = truth[is_generic & (truth["parameter"] == "sgrna_effect")]
    deviation = guides["value"] - guides["hugo_symbol"].map(gene)

    assert len(gene) == 974
    assert gene.mean() == pytest.approx(-0.109, abs=4 * 0.221 / np.sqrt(974))
    assert gene.std() == pytest.approx(0.221, abs=4 * 0.221 / np.sqrt(2 * 974))
    assert deviation.std() == pytest.approx(0.228, abs=4 * 0.228 / np.sqrt(2 * len(deviation)))
    copy_number = planted(truth, "copy_number_effect", "hugo_symbol")
    assert copy_number.mean() == pytest.approx(-0.03, abs=4 * 0.03 / np.sqrt(1_000))


def test_gene_effects_given_published_means_follow_bayes_rule():
    n_genes, n_guides = 20_000, 4
    numbers = default_numbers()["effects"] | {"published_gene_means": {}, "mutation_effect": {}}
    settings = EffectSettings(**numbers)
    mean = 0.5
    effects = draw_gene_and_guide_effects(
        np.full(n_genes, mean),
        np.repeat(np.arange(n_genes), n_guides),
        settings,
        np.random.default_rng(5),
    )
    precision = 1 / 0.221**2 + n_guides / 0.228**2
    posterior_mean = (-0.109 / 0.221**2 + mean * n_guides / 0.228**2) / precision
    sd = precision**-0.5

    assert effects.gene.mean() == pytest.approx(posterior_mean, abs=4 * sd / np.sqrt(n_genes))
    assert effects.gene.std() == pytest.approx(sd, rel=4 / np.sqrt(2 * n_genes))
    guides = effects.sgrna.reshape(n_genes, n_guides)
    np.testing.assert_allclose(guides.mean(axis=1), mean)
    assert guides.std(axis=1, ddof=1).mean() == pytest.approx(0.228 * 0.9213, rel=0.02)


@pytest.mark.parametrize(
    "sizes",
    [
        TINY,
        {"n_genes": 1, "n_sgrnas": 1, "n_cell_lines": 1, "n_replicates": 1},
        {"n_genes": 40, "n_sgrnas": 41, "n_cell_lines": 3, "n_replicates": 100},
    ],
)
def test_any_size_is_balanced(sizes):
    table, truth = simulate_depmap_screen(settings_with(**sizes))

    assert len(table) == sizes["n_sgrnas"] * sizes["n_replicates"]
    assert (pd.crosstab(table["sgrna"], table["replicate_id"]) == 1).all(axis=None)
    for column, size in (
        *(("hugo_symbol", "n_genes"), ("sgrna", "n_sgrnas")),
        *(("depmap_id", "n_cell_lines"), ("replicate_id", "n_replicates")),
    ):
        assert table[column].nunique() == sizes[size]
    assert table["segment_mean"].isna().sum() == round(len(table) * 206 / 60_049)
    assert truth["value"].notna().all()
    guides_of_a_gene = table.groupby("hugo_symbol")["sgrna"].nunique()
    assert guides_of_a_gene.max() - guides_of_a_gene.min() <= 1


def test_tiny_screen_follows_its_planted_predictor():
    table, truth = simulate_depmap_screen(settings_with(**TINY))
    left = residual(table, truth)

    assert len(left) == 288
    assert left.std() == pytest.approx(0.47, abs=4 * 0.47 / np.sqrt(2 * 288))


def test_screen_without_noise_is_its_planted_predictor():
    uneven = TINY | {"n_replicates": 19}
    table, truth = simulate_depmap_screen(settings_with(**uneven, effects={"sigma": 0.0}))

    assert table.groupby("depmap_id")["replicate_id"].nunique().nunique() > 1
    np.testing.assert_allclose(residual(table, truth), 0, atol=1e-12)


def test_covariates_that_do_not_vary_have_no_effect():
    flat = {"log_sd": 0.0, "amplified_fraction": 0.0, "deleted_fraction": 0.0}
    settings = settings_with(
        **TINY,
        copy_number=flat,
        rna={"sd_between_cell_lines": 0.0},
        effects={"sigma": 0.0, "sigma_cell_line": 0.0, "mutation_effect": {}},
    )
    table, truth = simulate_depmap_screen(settings)

    np.testing.assert_allclose(
        table["lfc"], table["sgrna"].map(planted(truth, "sgrna_effect", "sgrna")), atol=1e-12
    )


def test_names_beyond_the_human_genes():
    symbols = gene_symbols(30)

    assert symbols == sorted(symbols)
    assert [symbol for symbol in symbols if symbol.startswith("GENE")] == [
        *("GENE0027", "GENE0028", "GENE0029", "GENE0030")
    ]
    assert set(gene_symbols(8)) == set(NAMED_IN_THE_NOTEBOOK)


def test_screens_differ_by_seed_only():
    first = simulate_depmap_screen(settings_with(**TINY, seed=1))
    again = simulate_depmap_screen(settings_with(**TINY, seed=1))
    other = simulate_depmap_screen(settings_with(**TINY, seed=2))

    for one, two in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(one, two)
    assert not np.allclose(first[0]["lfc"], other[0]["lfc"])
    assert set(first[0]["sgrna"]).isdisjoint(other[0]["sgrna"])


def test_r_spelling_touches_booleans_only(table):
    as_written = as_r_table(table)
    booleans = [
        *("passes_qc", "any_deleterious", "is_deleterious", "is_tcga_hotspot"),
        *("is_cosmic_hotspot", "mutated_at_guide_location"),
    ]
    others = [column for column in table.columns if column not in booleans]

    assert list(as_written.columns) == list(table.columns)
    pd.testing.assert_frame_equal(as_written[others], table[others])
    for column in booleans:
        assert (as_written[column].isna() == table[column].isna()).all()
        assert set(as_written[column].dropna()) <= {"TRUE", "FALSE"}
        assert ((as_written[column] == "TRUE") == table[column].eq(True)).all()
    assert table["passes_qc"].dtype == bool


def test_r_spelling_of_each_kind_of_boolean():
    table = pd.DataFrame(
        {
            "plain": [True, False, True],
            "nullable": pd.array([True, None, False], dtype="boolean"),
            "object": pd.Series([np.nan, False, True], dtype="object"),
            "missing": pd.Series([np.nan] * 3, dtype="object"),
            "count": [0, 1, 1],
        }
    )

    lines = as_r_table(table).to_csv(index=False, na_rep="NA").splitlines()

    assert lines == [
        "plain,nullable,object,missing,count",
        "TRUE,TRUE,NA,NA,0",
        "FALSE,NA,FALSE,NA,1",
        "TRUE,FALSE,TRUE,NA,1",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_sgrnas": 25}, "sgRNA per gene.* n_sgrnas = 25 and n_genes = 26"),
        ({"n_replicates": 9}, "replicate per cell line.* n_replicates = 9 and n_cell_lines = 258"),
        ({"n_cell_lines": -1}, r"n_cell_lines\n.*greater than 0.*input_value=-1"),
        ({"effects": {"sigma": -0.1}}, r"effects.sigma\n.*greater than or equal to 0.*=-0.1"),
        ({"effects": {"mu_gen": 0.0}}, r"effects.mu_gen\n.*not permitted.*input_value=0.0"),
        ({"mutations": {"mutated_fraction": 1.2}}, r"less than or equal to 1.*input_value=1.2"),
        ({"pdna_batch_fractions": {2: 0.5}}, "sum to 1.* got .*1.357"),
        ({"effects": {"mutation_effect": {"KRSA": -0.6}}}, "mutation_effect expected .* got KRSA"),
    ],
)
def test_bad_settings_are_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        settings_with(**change)


def test_unknown_settings_are_refused():
    with pytest.raises(ValidationError, match=re.compile("n_guides\n.*not permitted.*=103")):
        DepmapScreenSettings(**default_numbers(), n_guides=103)


# ---- effects of genes in single lines ----

PLANT = {"planted": True}
NOTHING = {
    **{"selective": [], "sigma": 0.0, "sd_log_strength": 0.0, "sd_log_noise": 0.0},
    **{"sigma_sgrna_in_line": 0.0, "toxicity": 0.0},
}


def by_gene_and_line(truth: pd.DataFrame, name: str) -> pd.Series:
    rows = truth[truth["parameter"] == name]
    return rows.set_index(["hugo_symbol", "depmap_id"])["value"]


def test_deviations_leave_everything_else_as_it_is():
    plain, truth = simulate_depmap_screen(settings_with(**TINY))
    table, with_lines = simulate_depmap_screen(settings_with(**TINY, deviations=PLANT))

    assert not np.allclose(table["lfc"], plain["lfc"])
    pd.testing.assert_frame_equal(table.drop(columns="lfc"), plain.drop(columns="lfc"))
    pd.testing.assert_frame_equal(with_lines.iloc[: len(truth)], truth)
    new = with_lines.iloc[len(truth) :].groupby("parameter").size().to_dict()
    assert new == {"dependency": 48, "deviation": 48, "copies_effect": 48, "line_strength": 8}


def test_planted_deviations_without_spread_change_nothing():
    plain, _ = simulate_depmap_screen(settings_with(**TINY))
    table, _ = simulate_depmap_screen(settings_with(**TINY, deviations=PLANT | NOTHING))
    np.testing.assert_allclose(table["lfc"], plain["lfc"], atol=1e-12)


def test_lfc_is_strength_times_the_planted_effects():
    """Guides have no spread of their own, so it is beta + lambda (dependency + copies)."""
    changes = {"sigma": 0.0, "sigma_sgrna": 0.0, "published_gene_means": {}}
    quiet = PLANT | {"sigma_sgrna_in_line": 0.0}
    table, truth = simulate_depmap_screen(settings_with(**TINY, effects=changes, deviations=quiet))
    effect = by_gene_and_line(truth, "dependency") + by_gene_and_line(truth, "copies_effect")
    strength = planted(truth, "line_strength", "depmap_id")
    keys = pd.MultiIndex.from_frame(table[["hugo_symbol", "depmap_id"]])
    level = table["depmap_id"].map(planted(truth, "cell_line_effect", "depmap_id"))
    expected = level + table["depmap_id"].map(strength) * effect.reindex(keys).to_numpy()
    np.testing.assert_allclose(table["lfc"], expected, atol=1e-12)
    assert strength.mean() == pytest.approx(1)
    assert strength.std() > 0.05


SELECTIVE = {
    "mutated": {"gene": "KRAS", "effect": -1.5, "mutated": "KRAS"},
    "wild type": {"gene": "MDM2", "effect": -1.0, "wild_type": "TP53"},
    "lineage": {"gene": "MYC", "effect": -2.0, "lineage": "blood"},
    "random": {"gene": "YAP1", "effect": 0.5, "fraction": 0.1},
}


@pytest.mark.parametrize("way", SELECTIVE)
def test_selective_genes_have_their_effect_in_their_lines_only(way: str):
    given = SELECTIVE[way]
    numbers = PLANT | NOTHING | {"selective": [given]}
    table, truth = simulate_depmap_screen(settings_with(deviations=numbers))
    rows = truth[truth["parameter"] == "deviation"]
    found = rows.pivot_table("value", "depmap_id", "hugo_symbol")
    assert (found.drop(columns=given["gene"]) == 0).all(axis=None)
    lines = table.drop_duplicates("depmap_id").set_index("depmap_id")
    if way == "random":
        assert (found["YAP1"] != 0).sum() == 26  # a tenth of 258
        assert set(found["YAP1"]) == {0.0, 0.5}
        return
    if way == "lineage":
        expected = lines["lineage"] == "blood"
    else:
        gene = given.get("mutated") or given["wild_type"]
        own = table[table["hugo_symbol"] == gene].drop_duplicates("depmap_id")
        mutated = own.set_index("depmap_id")["n_muts"] > 0
        expected = mutated if way == "mutated" else ~mutated
    assert (found[given["gene"]] == given["effect"] * expected[found.index]).all()
    assert 0 < expected.sum() < len(expected)


def test_many_copies_are_toxic():
    numbers = PLANT | NOTHING | {"toxicity": -0.5}
    flat = {"mu_copy_number": 0.0, "sigma_copy_number": 0.0}
    table, truth = simulate_depmap_screen(settings_with(**TINY, deviations=numbers, effects=flat))
    found = by_gene_and_line(truth, "copies_effect")
    copies = table.drop_duplicates(["hugo_symbol", "depmap_id"])
    copies = copies.set_index(["hugo_symbol", "depmap_id"])["log2_gene_cn_p1"]
    relative = np.exp2(copies[found.index]) - 1
    np.testing.assert_allclose(found, -0.5 * np.log2(np.maximum(relative, 1)), atol=1e-12)
    assert (found < 0).any()


@pytest.mark.parametrize(
    ("selective", "message"),
    [
        ({"gene": "KRAS", "effect": 1.0}, "one of mutated, wild_type, lineage, fraction"),
        ({"gene": "KRAS", "effect": 1.0, "lineage": "x"}, "expected a lineage"),
        ({"gene": "XYZ", "effect": 1.0, "fraction": 0.1}, "got XYZ"),
        ({"gene": "KRAS", "effect": 1.0, "mutated": "XYZ"}, "got XYZ"),
    ],
)
def test_a_selective_gene_that_nothing_is_planted_for_is_refused(selective, message):
    with pytest.raises(ValidationError, match=message):
        settings_with(deviations={"selective": [selective]})
