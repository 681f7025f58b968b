"""Simulated calls of four genes in four lines, as the tables of a run have them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from partialpool.defaults import default

LINES = ["c1", "c2", "c3", "c4"]
MEANS = {
    "KRAS": [-1.5, -0.1, 0.0, 0.1],
    "NRAS": [0.0, -1.0, 0.0, 0.0],
    "RPS19": [-1.0, -1.0, -1.0, -1.0],
    "TP53": [0.1, 0.1, 0.1, 0.1],
}
CLASSES = {
    "KRAS": "selective",
    "NRAS": "selective",
    "RPS19": "common essential",
    "TP53": "no effect",
}
#: Strength of depletion in each line, and level of its two replicates.
LAMBDA, LEVELS = dict(zip(LINES, [1.0, 0.5, 1.25, 1.25], strict=True)), {"a": 0.1, "b": -0.1}


def made_calls(**changes: Any) -> dict[str, Any]:
    """Make everything that a run knows of four genes in four lines.

    Effects below -0.8 are called. TP53 was not measured in c4. Two guides of each gene measured
    0.1 more and 0.1 less than its effect.
    """
    effects = pd.DataFrame(
        [
            {"hugo_symbol": gene, "depmap_id": line, "mean": mean}
            for gene, means in MEANS.items()
            for line, mean in zip(LINES, means, strict=True)
        ]
    )
    unmeasured = (effects["hugo_symbol"] == "TP53") & (effects["depmap_id"] == "c4")
    call = (effects["mean"] < -0.8).map({True: "dependent", False: "not called"})
    effects = effects.assign(
        lower=effects["mean"] - 0.2,
        upper=effects["mean"] + 0.3,
        n_measured=(~unmeasured).astype(int) * 4,
        call=call.mask(unmeasured, "not measured"),
        p_dependent=(effects["mean"] < -0.8).astype(float),
        fdr=effects["mean"].rank() / 100,
        rank_in_line=1,
        control="",
    )
    genes = pd.DataFrame({"hugo_symbol": list(MEANS), "class": list(CLASSES.values())})
    genes = genes.assign(
        mean=[sum(means) / 4 for means in MEANS.values()],
        lower=-1.0,
        upper=1.0,
        tau=[0.5, 0.4, 0.1, 0.05],
        n_lines=[4, 4, 4, 3],
        n_dependent=[1.2, 1.0, 4.0, 0.0],
        n_dependent_lower=[1, 1, 4, 0],
        n_dependent_upper=[2, 1, 4, 0],
        n_sgrna=2,
        control="",
    )
    lines = pd.DataFrame({"depmap_id": LINES, "lambda": LAMBDA.values()})
    replicates = pd.DataFrame(
        [
            {"replicate_id": f"{line}{copy}", "depmap_id": line, "level": level, "sigma": 0.3}
            for line in LINES
            for copy, level in LEVELS.items()
        ]
    )
    screen = pd.DataFrame(
        [
            {
                "hugo_symbol": row["hugo_symbol"],
                "sgrna": f"{row['hugo_symbol']}{guide}",
                "depmap_id": row["depmap_id"],
                "replicate_id": f"{row['depmap_id']}{copy}",
                "lfc": level + LAMBDA[row["depmap_id"]] * (row["mean"] + shift),
            }
            for row in effects.to_dict("records")
            for guide, shift in ((1, 0.1), (2, -0.1))
            for copy, level in LEVELS.items()
        ]
    ).astype(dict.fromkeys(["hugo_symbol", "sgrna", "depmap_id"], "category"))
    lineage = screen["depmap_id"].astype(object).map({"c1": "soft_tissue", "c2": "lung"})
    differences = pd.DataFrame(
        {
            "contrast": "skin",
            "hugo_symbol": list(MEANS),
            "difference": [-1.0, 0.5, 0.1, 0.0],
            "lower": -1.2,
            "upper": 0.7,
            "lfsr": [0.0, 0.01, 0.3, 0.5],
            "fdr": [0.0, 0.005, 0.2, 0.4],
            "call": ["stronger in group", "weaker in group", "not called", "not measured"],
            "group_mean": -1.0,
            "against_mean": 0.0,
            "n_group": 2,
            "n_against": 2,
        }
    )
    qc = replicates[["replicate_id", "depmap_id", "sigma"]].assign(
        verdict=["fail"] + ["pass"] * 7,
        reasons=["NNMD -1.00, not below -1.25"] + [""] * 7,
        nnmd=[-1.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0, -9.0],
        correlation=[0.5] * 6 + [None, None],
        sd_lfc=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
        missing=0.0,
    )
    strength = qc["depmap_id"].map(LAMBDA)
    qc = qc.assign(**{"lambda": strength, "lambda_lower": strength - 0.1})
    qc = qc.assign(lambda_upper=strength + 0.1).astype({"correlation": float})
    trust = pd.DataFrame({"hugo_symbol": list(MEANS), "trust": ["check", "yes", "check", "yes"]})
    trust = trust.assign(
        reasons=["guides disagree", "", "1 guide", ""],
        n_sgrna=[2, 2, 1, 2],
        replicates_per_line=2.0,
        missing=0.0,
        guide_sd=[0.9, 0.2, None, 0.2],
        guide_sd_expected=0.3,
        p_guide_sd=[0.001, 0.5, None, 0.5],
        odd_sgrna="",
        copies_upper=float("nan"),
        coverage=[0.9, 0.9, 0.5, 0.9],
    )
    return {
        "screen": screen.assign(lineage=lineage),
        "verdict": VERDICT,
        "effects": effects,
        "genes": genes,
        "differential": {"skin": differences},
        "qc": qc,
        "trust": trust,
        "lines": lines,
        "replicates": replicates,
        "delta": 0.5,
        "fdr": 0.05,
        "probability": 0.89,
        "qc_limits": default("qc"),
        "trust_limits": default("trust"),
    } | changes


VERDICT = {
    "model": "dependency",
    "passed": True,
    "reasons": [],
    "advice": [],
    "max_r_hat": 1.002,
    "min_ess_bulk": 900.0,
    "max_r_hat_lines": 1.01,
    "min_ess_bulk_lines": 300.0,
    "n_parameters": 24,
    "chains": 2,
    "draws": 500,
    "seconds": 1.5,
    "thresholds": {"max_r_hat": 1.01, "min_ess_bulk": 400.0},
    "r_hat_rule": "max_r_hat 1.01",
}


def with_lists(calls: dict[str, Any]) -> dict[str, Any]:
    """Make TP53 nonessential and RPS19 common essential."""
    kind = {"TP53": "nonessential", "RPS19": "common essential"}
    control = calls["effects"]["hugo_symbol"].map(kind).fillna("")
    call = calls["effects"]["call"].mask(control != "", "control gene")
    genes = calls["genes"]
    is_control = genes["hugo_symbol"].isin(kind)
    return calls | {
        "effects": calls["effects"].assign(control=control, call=call),
        "genes": genes.assign(**{"class": genes["class"].mask(is_control, "control gene")}),
    }
