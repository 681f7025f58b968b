"""The columns of a screen table, and how missing values are written in files.

The 27 columns are those of the published DepMap subsample (design, section 2.1). Only the
five `REQUIRED` ones must exist. A screen that is made from counts has `COUNT_SD`, too.
"""

KEYS = ("sgrna", "replicate_id", "depmap_id", "hugo_symbol")
REQUIRED = ("sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol")

# In the source of the published table, the three is_* columns contain one value per mutation
# ("TRUE;FALSE" for two mutations), so they are text like variant_classification, not booleans.
TEXT = (
    "sgrna",
    "replicate_id",
    "pdna_batch",
    "depmap_id",
    "primary_or_metastasis",
    "lineage",
    "lineage_subtype",
    "kras_mutation",
    "genome_alignment",
    "hugo_symbol",
    "chromosome",
    "variant_classification",
    "is_deleterious",
    "is_tcga_hotspot",
    "is_cosmic_hotspot",
)
BOOLEAN = ("passes_qc", "any_deleterious", "mutated_at_guide_location")
WHOLE = ("n_alignments", "chrom_pos", "n_muts")
COUNT_SD = "lfc_count_sd"
"""Standard deviation of ``lfc`` that counting reads adds. The only column that is not of the 27."""

NUMBER = (
    *("lfc", COUNT_SD, "segment_mean", "segment_cn", "log2_gene_cn_p1", "gene_cn", "rna_expr"),
    *WHOLE,
)
KNOWN = frozenset({*TEXT, *BOOLEAN, *NUMBER})

CATEGORIES = ("hugo_symbol", "depmap_id", "sgrna", "lineage", "chromosome")
"""Columns that become ordered categoricals in the modelling table."""

MISSING = ("", "NA", "NaN", "nan")
"""The only spellings of a missing value. "None" and "null" are ordinary text."""

ALIASES = {
    "sgrna": ("guide", "grna", "guide_id", "sgrna_id", "sgrna_sequence"),
    "replicate_id": ("replicate", "rep", "rep_id", "sequence_id"),
    "lfc": ("logfc", "log_fold_change", "log2fc", "log2_fold_change", "fold_change"),
    "depmap_id": ("cell_line", "cell_line_id", "cell_line_name", "model_id", "ach_id"),
    "hugo_symbol": ("gene", "gene_symbol", "gene_name", "symbol", "hgnc_symbol"),
}
"""Other common names of the required columns."""

SYNONYMS = ("sgrna", "hugo_symbol")
"""Required columns whose `ALIASES` are read without asking, because they can mean nothing else."""
