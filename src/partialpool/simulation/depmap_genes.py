"""Genes and sgRNAs of the simulated DepMap-like screen.

The notebook names ADAMTS13, KRAS, LGALS7B, MDM2, PHACTR3, PIK3CA, PTK2 and TP53. It does not name
the other 18 of its genes: the 18 further symbols here are our own choice, made so that the 26
published gene means, which are given in alphabetical order of the symbols, fall on plausible genes
(MCM3 and RPS19 strongly negative, the tumour suppressors positive).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

GUIDE_LENGTH = 20
GC_COUNT_RANGE = (8, 16)


class GeneLocus(NamedTuple):
    """Where a human gene lies (GRCh38, bp), and its usual expression in log2(TPM + 1)."""

    chromosome: str
    start: int
    end: int
    typical_expression: float


GENE_LOCI = {
    "ADAMTS13": GeneLocus("9", 133_414_358, 133_459_402, 1.0),
    "AKT1": GeneLocus("14", 104_769_349, 104_795_751, 6.0),
    "CDK6": GeneLocus("7", 92_604_921, 92_836_573, 4.2),
    "CDKN2A": GeneLocus("9", 21_967_752, 21_995_301, 3.6),
    "KRAS": GeneLocus("12", 25_205_246, 25_250_936, 4.3),
    "KRT31": GeneLocus("17", 41_393_721, 41_397_651, 0.1),
    "LALBA": GeneLocus("12", 48_567_684, 48_570_066, 0.0),
    "LGALS7B": GeneLocus("19", 38_789_200, 38_791_754, 0.5),
    "LRRC4": GeneLocus("7", 128_027_071, 128_032_107, 1.0),
    "MAP2K4": GeneLocus("17", 12_020_829, 12_143_830, 3.7),
    "MCM3": GeneLocus("6", 52_264_009, 52_284_881, 7.3),
    "MCOLN2": GeneLocus("1", 84_925_583, 84_997_113, 1.0),
    "MDGA2": GeneLocus("14", 46_839_629, 47_675_605, 0.2),
    "MDM2": GeneLocus("12", 68_808_177, 68_850_686, 4.7),
    "MYC": GeneLocus("8", 127_735_434, 127_742_951, 6.2),
    "PHACTR3": GeneLocus("20", 59_577_509, 59_847_711, 1.0),
    "PIK3CA": GeneLocus("3", 179_148_114, 179_240_093, 3.4),
    "PTK2": GeneLocus("8", 140_657_900, 141_002_216, 4.9),
    "RPS19": GeneLocus("19", 41_860_255, 41_872_926, 10.0),
    "SMAD4": GeneLocus("18", 51_028_394, 51_085_045, 4.0),
    "STAT3": GeneLocus("17", 42_313_324, 42_388_568, 5.3),
    "TP53": GeneLocus("17", 7_668_402, 7_687_550, 4.8),
    "UGT2B7": GeneLocus("4", 69_051_375, 69_112_987, 0.4),
    "USH2A": GeneLocus("1", 215_622_891, 216_423_448, 0.1),
    "VCP": GeneLocus("9", 35_056_061, 35_073_246, 7.5),
    "YAP1": GeneLocus("11", 102_110_447, 102_233_424, 5.0),
}

# A screen of fewer genes keeps the genes that the notebooks discuss.
FIRST_CHOSEN = ("ADAMTS13", "KRAS", "TP53", "PIK3CA", "MDM2", "PTK2", "LGALS7B", "PHACTR3")

# LGALS7 and LGALS7B are near-identical neighbours, so each guide of one cuts in both; the
# published subsample has three guides of one gene, four of every other, and 3 % that align twice.
TWICE_ALIGNED = "LGALS7B"

GENERIC_LENGTH = 50_000
GENERIC_POSITIONS = (1_000_000, 45_000_000)  # fits on the shortest autosome


def gene_symbols(n_genes: int) -> list[str]:
    """Symbols of a screen, sorted.

    Parameters
    ----------
    n_genes
        How many. Up to 26 they are human genes; the rest are called GENE0027, GENE0028, ...

    Returns
    -------
    list[str]
        List of str, length n_genes.
    """
    others = [symbol for symbol in GENE_LOCI if symbol not in FIRST_CHOSEN]
    human = [*FIRST_CHOSEN, *others][:n_genes]
    generic = [f"GENE{number:04d}" for number in range(len(human) + 1, n_genes + 1)]
    return sorted(human + generic)


def gene_loci(
    genes: list[str], max_generic_expression: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Locus and usual expression of each gene; those of GENE0027 and on are drawn.

    Parameters
    ----------
    genes
        Result of `gene_symbols`.
    max_generic_expression
        Upper bound of the usual expression of a gene without a real locus, log2(TPM + 1).
    rng
        Source of all that is random.

    Returns
    -------
    pd.DataFrame
        A row per gene:
        `hugo_symbol, chromosome, start, end` (bp) and `typical_expression` (log2(TPM + 1)).
    """

    def drawn_locus() -> GeneLocus:
        start = int(rng.integers(*GENERIC_POSITIONS))
        chromosome = str(rng.integers(1, 23))
        return GeneLocus(
            chromosome, start, start + GENERIC_LENGTH, rng.uniform(0, max_generic_expression)
        )

    loci = [GENE_LOCI[gene] if gene in GENE_LOCI else drawn_locus() for gene in genes]
    table = pd.DataFrame(loci, columns=GeneLocus._fields)
    table.insert(0, "hugo_symbol", genes)
    return table


def guides_per_gene(genes: list[str], n_sgrnas: int) -> np.ndarray:
    """Share the guides out as evenly as can be; LGALS7B is the first to go short.

    Parameters
    ----------
    genes
        Symbols of the genes.
    n_sgrnas
        At least the number of genes.

    Returns
    -------
    np.ndarray
        (n_genes,) array.
    """
    fewest, n_with_more = divmod(n_sgrnas, len(genes))
    counts = np.full(len(genes), fewest)
    last_served = sorted(range(len(genes)), key=lambda index: genes[index] == TWICE_ALIGNED)
    counts[last_served[:n_with_more]] += 1
    return counts


def draw_guides(loci: pd.DataFrame, n_sgrnas: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the guide library, in order of gene and then sequence.

    Parameters
    ----------
    loci
        Result of `gene_loci`.
    n_sgrnas
        Number of guides.
    rng
        Source of all that is random.

    Returns
    -------
    pd.DataFrame
        A row per guide:
        `sgrna` (20 nt), `hugo_symbol, genome_alignment, n_alignments, chromosome, chrom_pos` (bp)
        and `gene` (row of the gene in `loci`).
    """
    gene = np.repeat(np.arange(len(loci)), guides_per_gene(list(loci["hugo_symbol"]), n_sgrnas))
    guides = loci.loc[gene, ["hugo_symbol", "chromosome", "start", "end"]].reset_index(drop=True)
    position = rng.integers(guides["start"], guides["end"], endpoint=True)
    strand = pd.Series(rng.choice(["+", "-"], n_sgrnas), dtype="str")
    alignment = "chr" + guides["chromosome"] + "_" + pd.Series(position).astype("str")
    table = pd.DataFrame(
        {
            "sgrna": draw_guide_sequences(n_sgrnas, rng),
            "hugo_symbol": guides["hugo_symbol"],
            "genome_alignment": alignment + "_" + strand,
            "n_alignments": np.where(guides["hugo_symbol"] == TWICE_ALIGNED, 2, 1),
            "chromosome": guides["chromosome"],
            "chrom_pos": position,
            "gene": gene,
        }
    )
    return table.sort_values(["hugo_symbol", "sgrna"], ignore_index=True)


def draw_guide_sequences(n_sgrnas: int, rng: np.random.Generator) -> list[str]:
    """Draw distinct 20-nt spacers of 40 to 80 % GC without a run of four T (a Pol III stop).

    Parameters
    ----------
    n_sgrnas
        Number of guides.
    rng
        Source of all that is random.

    Returns
    -------
    list[str]
        The sequences.
    """
    alphabet = np.frombuffer(b"ACGT", dtype="S1")
    sequences: dict[str, None] = {}
    while len(sequences) < n_sgrnas:
        bases = alphabet[rng.integers(0, 4, (2 * n_sgrnas, GUIDE_LENGTH))]
        gc_count = np.isin(bases, [b"C", b"G"]).sum(axis=1)
        runs = np.lib.stride_tricks.sliding_window_view(bases == b"T", 4, axis=1)
        is_usable = (
            (gc_count >= GC_COUNT_RANGE[0])
            & (gc_count <= GC_COUNT_RANGE[1])
            & ~np.any(np.all(runs, axis=2), axis=1)
        )
        spacers = np.ascontiguousarray(bases[is_usable]).view(f"S{GUIDE_LENGTH}").ravel()
        sequences.update(dict.fromkeys(spacers.astype(str).tolist()))
    return list(sequences)[:n_sgrnas]
