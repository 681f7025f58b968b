"""Which genes does each line depend on?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from partialpool.calls.call_settings import CallSettings
from partialpool.calls.controls import (
    CONTROL,
    NO_CONTROLS,
    NOT_MEASURED,
    Controls,
    probability_below,
)
from partialpool.calls.fdr import bayesian_fdr, false_sign_rate

DEPENDENT = "dependent"
NOT_CALLED = "not called"
#: Largest probability that a call is false, whatever the others are.
MAX_ERROR = 0.5


def call_effects(
    effects: pd.DataFrame,
    genes: pd.DataFrame,
    settings: CallSettings,
    controls: Controls = NO_CONTROLS,
) -> pd.DataFrame:
    """Call dependencies among all genes x lines.

    Parameters
    ----------
    effects, genes
        ``DependencyFit.effects``, with P(effect < threshold) for ``settings.thresholds``, and
        ``DependencyFit.genes``.
    settings
        What a dependency is, and the FDR.
    controls
        The lists that the fit was given.

    Returns
    -------
    pandas.DataFrame
        The rows and columns of ``effects``, and ``p_dependent`` = P(effect < -delta), ``lfsr`` (the
        local false sign rate), ``fdr`` (the expected share of false calls in the line if this one
        and all that are more certain are called), ``call`` (``dependent``, ``not called``, ``not
        measured``, ``control gene``), ``rank_in_line`` (1 for the line's most negative measured
        mean effect) and ``control`` (the list of a control gene). ``fdr`` is missing if a row is
        not scored: if there is no measurement, or for a control gene that takes part in its own
        normalisation.

    Raises
    ------
    ScreenError
        If the fit has no draws counted at ``-delta`` or at 0.

    Notes
    -----
    The rate is controlled in each line. If it were that of the whole screen, certain calls in good
    lines would make room for doubtful ones in a bad line. What is called is also more probable than
    not.
    """
    p = probability_below(effects, -settings.delta)
    measured = effects["n_measured"] > 0
    own_scale = genes.loc[~genes["scored"].astype(bool), "hugo_symbol"]
    held_out = effects["hugo_symbol"].isin(own_scale)
    p_false = (1 - p).where(measured & ~held_out)
    fdr = p_false.groupby(effects["depmap_id"], observed=True).transform(_fdr)
    called = (fdr <= settings.fdr) & (p_false <= MAX_ERROR)
    call = np.where(called, DEPENDENT, NOT_CALLED)
    call = np.where(held_out, CONTROL, call)
    call = np.where(measured, call, NOT_MEASURED)
    rank = (
        effects["mean"].where(measured).groupby(effects["depmap_id"], observed=True).rank("first")
    )
    return effects.assign(
        p_dependent=p,
        lfsr=false_sign_rate(probability_below(effects, 0.0).to_numpy(dtype=float)),
        fdr=fdr,
        call=pd.Series(call, index=effects.index, dtype="str"),
        rank_in_line=rank.astype("Int64"),
        control=controls.of(effects["hugo_symbol"]),
    )


def _fdr(p_false: pd.Series) -> pd.Series:
    return pd.Series(bayesian_fdr(p_false.to_numpy(dtype=float)), index=p_false.index)


def hits(called: pd.DataFrame) -> pd.DataFrame:
    """Keep the called dependencies of ``call_effects``, the most certain and strongest first."""
    found = called[called["call"] == DEPENDENT].drop(columns=["call", "control"])
    order = ["p_dependent", "mean"]
    return found.sort_values(order, ascending=[False, True], ignore_index=True)
