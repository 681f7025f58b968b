"""Whether the numbers in ``lfc`` can be log fold changes, and whether their signs are right."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from partialpool.errors import Problem, ScreenError
from partialpool.preparation.remarks import Remark

FEWEST = 20
"""So many log fold changes are never all positive: half of the guides are below the median."""
LARGEST = 50.0
"""No log2 fold change is larger: a sequencer would have to make 2^50 reads."""
FALSE_ALARM = 0.001
"""Share of screens without any depletion whose signs are called wrong."""
SKEWED = 2.0
"""A skewness of so many standard errors is odd (2 % of normal samples)."""


def not_log_fold_changes(table: pd.DataFrame) -> list[Problem]:
    """Find out whether ``lfc`` contains read counts, or fold changes that are not logarithms.

    Parameters
    ----------
    table
        A conformed screen.

    Returns
    -------
    list of Problem
        One problem, or none.
    """
    if "lfc" not in table:
        return []
    lfc = pd.to_numeric(table["lfc"], errors="coerce").to_numpy(dtype=np.float64)
    lfc = lfc[np.isfinite(lfc)]
    if len(lfc) < FEWEST or lfc.min() < 0 or lfc.max() == 0:
        return []
    whole = bool((lfc == np.round(lfc)).all())
    what = "read counts" if whole else "fold changes or counts without their sign"
    return [
        Problem(
            expected="log2 fold changes in column lfc: negative where cells were lost.",
            got=f"no negative number in {len(lfc)} rows (median {np.median(lfc):g}, largest "
            f"{lfc.max():g}); this looks like {what}.",
            fix="compute log2((reads + pseudocount) / (reads in pDNA + pseudocount)) of normalised "
            "read counts."
            if whole
            else "take log2 of fold changes, after adding a pseudocount.",
        )
    ]


def require_depletion(
    table: pd.DataFrame,
    nonessential: Collection[str] = (),
    common_essential: Collection[str] = (),
) -> None:
    """Stop if the common-essential genes lie above the nonessential ones.

    Parameters
    ----------
    table
        A screen whose rows are all used.
    nonessential, common_essential
        Lists of control genes. Nothing is checked if one is empty, or not in the table.

    Raises
    ------
    ScreenError
        If chance hardly explains it: the one-sided p of Mann and Whitney's test of the genes' mean
        lfc is below ``FALSE_ALARM``.
    """
    means = _gene_means(table)
    below = means[means.index.isin(list(nonessential))]
    above = means[means.index.isin(list(common_essential))]
    if below.empty or above.empty:
        return
    from scipy.stats import mannwhitneyu  # here, because it would slow down all kedro commands

    if mannwhitneyu(above, below, alternative="greater").pvalue >= FALSE_ALARM:
        return
    raise ScreenError.of(
        Problem(
            expected="a lower lfc of the common-essential genes than of the nonessential ones.",
            got=f"a mean lfc of {above.mean():.2f} of {len(above)} common-essential genes and of "
            f"{below.mean():.2f} of {len(below)} nonessential genes.",
            fix="change the sign of lfc, which must be log2 of end over start, or check whether "
            "nonessential_path and common_essential_path are swapped.",
        )
    )


def long_upper_tail(table: pd.DataFrame) -> list[Remark]:
    """Notice if genes are spread further above the median than below it.

    In a screen for dependencies the long tail is below. In a screen for resistance, or of few
    genes without effects, it may be above.

    Parameters
    ----------
    table
        A screen whose rows are all used.

    Returns
    -------
    list of Remark
        One remark, or none.
    """
    means = _gene_means(table).to_numpy()
    n = len(means)
    if n < FEWEST or means.std() == 0:
        return []
    skewness = float(np.mean((means - means.mean()) ** 3) / means.std() ** 3)
    error = float(np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3))))
    if skewness < SKEWED * error:
        return []
    note = (
        f"skewness {skewness:.2f} of the mean lfc of {n} genes, more than {SKEWED:g} standard "
        "errors above 0: in a screen for dependencies, the sign of lfc may be wrong"
    )
    return [Remark("more genes far above than far below the median", n, note, is_odd=True)]


def _gene_means(table: pd.DataFrame) -> pd.Series:
    genes = table["hugo_symbol"].astype(str)
    return table["lfc"].astype("float64").groupby(genes).mean().dropna()
