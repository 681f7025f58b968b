"""Cell lines and replicates of the simulated DepMap-like screen."""

import numpy as np
import pandas as pd

from partialpool.simulation.labels import letter_label

WILD_TYPE = "WT"
KRAS_ALLELES = ("G12D", "G12V", "G12C", "G13D", "Q61H", "A146T")
KRAS_ALLELE_WEIGHTS = (0.34, 0.26, 0.14, 0.12, 0.09, 0.05)

# Subtypes by lineage, in DepMap's spelling; a lineage is drawn in proportion to its subtypes.
LINEAGE_SUBTYPES = {
    "bile_duct": ("cholangiocarcinoma",),
    "blood": ("ALL", "AML", "CML"),
    "bone": ("Ewing_sarcoma", "osteosarcoma"),
    "breast": ("breast_carcinoma", "breast_ductal_carcinoma"),
    "central_nervous_system": ("glioma", "medulloblastoma"),
    "colorectal": ("colorectal_adenocarcinoma",),
    "esophagus": ("esophagus_adenocarcinoma", "esophagus_squamous"),
    "gastric": ("gastric_adenocarcinoma",),
    "kidney": ("renal_cell_carcinoma",),
    "liver": ("hepatocellular_carcinoma",),
    "lung": ("NSCLC", "SCLC", "mesothelioma"),
    "lymphocyte": ("hodgkin_lymphoma", "non_hodgkin_lymphoma"),
    "ovary": ("ovary_adenocarcinoma", "ovary_carcinoma"),
    "pancreas": ("exocrine",),
    "peripheral_nervous_system": ("neuroblastoma",),
    "plasma_cell": ("multiple_myeloma",),
    "skin": ("melanoma",),
    "soft_tissue": ("liposarcoma", "rhabdomyosarcoma"),
    "upper_aerodigestive": ("upper_aerodigestive_squamous",),
    "urinary_tract": ("bladder_carcinoma",),
    "uterus": ("endometrial_adenocarcinoma",),
}
ORIGINS = ("Primary", "Metastasis", np.nan)
ORIGIN_WEIGHTS = (0.55, 0.33, 0.12)
NAME_STEMS = ("ls", "sw", "nci-h", "hcc", "oci", "kms", "snu", "jhos", "tov", "ku", "mel", "panc")
FIRST_DEPMAP_NUMBER = 7
PASSAGES = (4, 7)


def draw_cell_lines(
    n_cell_lines: int,
    kras_mutated_fraction: float,
    pdna_batch_fractions: dict[int, float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw the cell lines, in order of their DepMap ID.

    Parameters
    ----------
    n_cell_lines
        Number of cell lines.
    kras_mutated_fraction
        Probability of a KRAS mutation.
    pdna_batch_fractions
        Fraction of the lines in each plasmid-DNA batch, met to the nearest line.
    rng
        Source of all that is random.

    Returns
    -------
    pd.DataFrame
        A row per cell line:
        `depmap_id, name, pdna_batch, primary_or_metastasis, lineage, lineage_subtype,
        kras_mutation` ("WT" or the allele).
    """
    depmap_number = FIRST_DEPMAP_NUMBER + np.cumsum(rng.integers(1, 7, n_cell_lines))
    depmap_number -= depmap_number[0] - FIRST_DEPMAP_NUMBER
    name_number = 10 + rng.choice(10 * n_cell_lines + 90, n_cell_lines, replace=False)
    name_stem = rng.choice(NAME_STEMS, n_cell_lines)
    types = [
        (lineage, subtype) for lineage, subtypes in LINEAGE_SUBTYPES.items() for subtype in subtypes
    ]
    drawn_types = [types[index] for index in rng.integers(0, len(types), n_cell_lines)]
    origin = rng.choice(len(ORIGINS), n_cell_lines, p=ORIGIN_WEIGHTS)
    allele = rng.choice(KRAS_ALLELES, n_cell_lines, p=KRAS_ALLELE_WEIGHTS)
    is_kras_mutated = rng.random(n_cell_lines) < kras_mutated_fraction
    table = pd.DataFrame(
        {
            "depmap_id": [f"ACH-{number:06d}" for number in depmap_number],
            "name": [
                f"{stem}{number}" for stem, number in zip(name_stem, name_number, strict=True)
            ],
            "pdna_batch": _apportion(pdna_batch_fractions, n_cell_lines, rng),
            "primary_or_metastasis": [ORIGINS[index] for index in origin],
            "lineage": [lineage for lineage, _ in drawn_types],
            "lineage_subtype": [subtype for _, subtype in drawn_types],
            "kras_mutation": np.where(is_kras_mutated, allele, WILD_TYPE),
        }
    )
    text = ["depmap_id", "primary_or_metastasis", "lineage", "lineage_subtype", "kras_mutation"]
    return table.astype(dict.fromkeys(text, "str"))


def _apportion(
    fractions: dict[int, float], n_cell_lines: int, rng: np.random.Generator
) -> np.ndarray:
    quantile = (rng.permutation(n_cell_lines) + 0.5) / n_cell_lines
    upper_bounds = np.cumsum(list(fractions.values()))[:-1]
    return np.array(list(fractions))[np.searchsorted(upper_bounds, quantile)]


def draw_replicates(
    cell_lines: pd.DataFrame, n_replicates: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Share the replicates out over the cell lines as evenly as can be, and name them.

    Parameters
    ----------
    cell_lines
        Result of `draw_cell_lines`.
    n_replicates
        At least the number of cell lines.
    rng
        Source of all that is random.

    Returns
    -------
    pd.DataFrame
        A row per replicate:
        `replicate_id` such as ``ls513-311cas9_repa_p6_batch2``, and `cell_line` (row of the line
        in `cell_lines`); in order of `replicate_id`.
    """
    n_cell_lines = len(cell_lines)
    fewest, n_with_more = divmod(n_replicates, n_cell_lines)
    counts = np.full(n_cell_lines, fewest)
    counts[rng.permutation(n_cell_lines)[:n_with_more]] += 1
    passage = rng.integers(*PASSAGES, n_cell_lines, endpoint=True)
    cell_line = np.repeat(np.arange(n_cell_lines), counts)
    number_in_line = np.arange(n_replicates) - np.repeat(np.cumsum(counts) - counts, counts)
    names, batches = list(cell_lines["name"]), list(cell_lines["pdna_batch"])
    replicate_id = [
        f"{names[line]}-311cas9_rep{letter_label(number).lower()}_p{passage[line]}"
        f"_batch{batches[line]}"
        for line, number in zip(cell_line, number_in_line, strict=True)
    ]
    table = pd.DataFrame(
        {"replicate_id": pd.array(replicate_id, dtype="str"), "cell_line": cell_line}
    )
    return table.sort_values("replicate_id", ignore_index=True)
