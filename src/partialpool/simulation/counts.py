r"""Read counts of a screen whose log fold changes are known.

The share $q_{bs}$ of guide s in the plasmid DNA (pDNA) of batch b, and the reads $k$ of a sequence
with $N$ reads in total, are

$$
\log q_{bs} &= a_s + e_{bs} + \text{constant}, \quad a_s \sim N(0, \sigma_a), \quad
e_{bs} \sim N(0, \sigma_e) \\
k_{\text{pDNA of } b} &\sim \operatorname{Multinomial}(N, q_b) \\
k_r &\sim \operatorname{Multinomial}(N, p_r), \quad p_{rs} \propto q_{b(r) s}\, 2^{lfc_{rs}}
$$

Counts say nothing about the total number of cells. So log2 of a guide's share, relative to its
pDNA, is its lfc minus one constant per replicate, log2 of $\sum_s q_{bs}\, 2^{lfc_{rs}}$.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.parameters import Parameters
from partialpool.simulation.labels import letter_label
from partialpool.simulation.quantities import Count, Positive, Seed, Spread

PDNA = "pDNA"
"""ModelID of the pDNA sequences."""


class CountSettings(Parameters):
    """How read counts are simulated.

    Attributes
    ----------
    seed
        Seed of all draws.
    reads_per_guide
        Total reads of every sequence, divided by the number of guides.
    pdna_sequences
        Number of pDNA sequences of each batch.
    sigma_abundance
        Standard deviation of the natural logarithm of a guide's abundance in pDNA.
    sigma_batch
        Standard deviation of the difference between batches, on the same scale.
    days
        Days between infection and sequencing.
    """

    seed: Seed
    reads_per_guide: Positive
    pdna_sequences: Count
    sigma_abundance: Spread
    sigma_batch: Spread
    days: Count


class Counts(NamedTuple):
    """Read counts with their labels.

    Attributes
    ----------
    counts
        One row per guide: ``sgRNA``, ``Gene``, then one column of reads per sequence, as in MAGeCK.
    guides
        The guide map, one row per guide: ``sgrna``, ``gene``.
    samples
        The sample sheet, one row per sequence: ``SequenceID``, ``ModelID`` (``pDNA`` for plasmid
        DNA), ``Replicate``, ``pDNABatch``, ``PassesQC``, ``Days``.
    """

    counts: pd.DataFrame
    guides: pd.DataFrame
    samples: pd.DataFrame


def simulate_counts(screen: pd.DataFrame, settings: CountSettings) -> Counts:
    """Draw the reads of every sequence of a screen, and of the plasmid DNA of its batches.

    Parameters
    ----------
    screen
        Table with one row per sgRNA x replicate and columns ``sgrna, replicate_id, lfc,
        depmap_id, hugo_symbol``. All replicates are of one pDNA batch unless there is a
        ``pdna_batch``, and all pass unless there is a ``passes_qc``.
    settings
        Depth, abundances and seed.

    Returns
    -------
    Counts
        Tables with the guides and replicates in the order of the screen, and pDNA first.

    Raises
    ------
    ScreenError
        If a guide has no log fold change in a replicate.
    """
    rng = np.random.default_rng(settings.seed)
    lfc = _matrix(screen)
    replicates = _replicates(screen)
    batches = list(dict.fromkeys(replicates["pDNABatch"]))
    shares = _pdna_shares(len(lfc), len(batches), settings, rng)
    pdna = _pdna_samples(batches, settings)
    of_batch = {batch: shares[:, number] for number, batch in enumerate(batches)}
    total = round(settings.reads_per_guide * len(lfc))
    expected = [of_batch[batch] for batch in pdna["pDNABatch"]]
    expected += [
        of_batch[batch] * np.exp2(lfc[name].to_numpy())
        for name, batch in replicates[["SequenceID", "pDNABatch"]].itertuples(index=False)
    ]
    reads = [rng.multinomial(total, share / share.sum()) for share in expected]
    samples = pd.concat([pdna.assign(Days=0), replicates.assign(Days=settings.days)])
    guides = screen.drop_duplicates("sgrna")[["sgrna", "hugo_symbol"]].astype("str")
    guides = guides.rename(columns={"hugo_symbol": "gene"}).reset_index(drop=True)
    labels = guides.rename(columns={"sgrna": "sgRNA", "gene": "Gene"})
    table = pd.DataFrame(dict(zip(samples["SequenceID"], reads, strict=True)))
    return Counts(pd.concat([labels, table], axis=1), guides, samples.reset_index(drop=True))


def _matrix(screen: pd.DataFrame) -> pd.DataFrame:
    """Spread the log fold changes: guides x replicates, both in order of appearance."""
    keys = screen[["sgrna", "replicate_id"]].astype("str")
    wide = screen["lfc"].set_axis(pd.MultiIndex.from_frame(keys)).unstack()  # noqa: PD010
    wide = wide.loc[keys["sgrna"].unique(), keys["replicate_id"].unique()]
    missing = wide.index[wide.isna().any(axis=1)]
    if len(missing):
        raise ScreenError.of(
            Problem(
                expected="a log fold change of every sgrna in every replicate_id.",
                got=f"missing ones of {shorten(missing)}.",
                fix="simulate counts of a screen in which every pair was measured.",
            )
        )
    return wide


def _replicates(screen: pd.DataFrame) -> pd.DataFrame:
    """Make the rows of the sample sheet for the replicates of a screen."""
    first = screen.drop_duplicates("replicate_id").reset_index(drop=True)
    model = first["depmap_id"].astype("str")
    passes = first["passes_qc"] if "passes_qc" in first else pd.Series(True, index=first.index)
    batch = first["pdna_batch"] if "pdna_batch" in first else pd.Series("1", index=first.index)
    number = first.groupby(model).cumcount()
    return pd.DataFrame(
        {
            "SequenceID": first["replicate_id"].astype("str"),
            "ModelID": model,
            "Replicate": number.map(letter_label),
            "pDNABatch": batch.astype("str"),
            "PassesQC": passes,
        }
    )


def _pdna_shares(
    n_guides: int, n_batches: int, settings: CountSettings, rng: np.random.Generator
) -> np.ndarray:
    """Draw the share of each guide in each batch, guides x batches."""
    abundance = rng.normal(0, settings.sigma_abundance, (n_guides, 1))
    abundance = abundance + rng.normal(0, settings.sigma_batch, (n_guides, n_batches))
    weight = np.exp(abundance)
    return np.asarray(weight / weight.sum(axis=0))


def _pdna_samples(batches: list[str], settings: CountSettings) -> pd.DataFrame:
    """Make the rows of the sample sheet for plasmid DNA."""
    letters = [letter_label(number) for number in range(settings.pdna_sequences)]
    pairs = [(batch, letter) for batch in batches for letter in letters]
    return pd.DataFrame(
        {
            "SequenceID": [f"{PDNA}_batch{batch}_rep{letter.lower()}" for batch, letter in pairs],
            "ModelID": PDNA,
            "Replicate": [letter for _, letter in pairs],
            "pDNABatch": [batch for batch, _ in pairs],
            "PassesQC": True,
        }
    )
