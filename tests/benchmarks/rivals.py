"""A worker: the same models in other packages: python rivals.py NAME MODEL TABLE [--tiny].

It does not import partialpool, so it can run in an environment of its own. Building, compiling and
sampling are timed, but not the import of a package, nor the effective sample sizes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from time import perf_counter
from typing import Any

# NumPyro treats each of these as a device, and runs one chain at a time on each.
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")

import numpy as np
import pandas as pd
from processes import cpu_seconds, report

SEED = 824
#: Prior sd of the mean over genes.
MU_GENE_SD = {"sgrna_in_gene": 5.0, "cell_line": 2.0}


@dataclass(frozen=True)
class Data:
    """A table as integer codes."""

    lfc: Any
    sgrna: Any
    line: Any
    gene_of_sgrna: Any
    n_genes: int
    n_lines: int

    @classmethod
    def of(cls, table: pd.DataFrame) -> Data:
        """Number the labels of a table."""
        sgrna, guides = pd.factorize(table["sgrna"])
        line, lines = pd.factorize(table["depmap_id"])
        gene, genes = pd.factorize(table["hugo_symbol"])
        of_sgrna = np.zeros(len(guides), dtype=int)
        of_sgrna[sgrna] = gene
        return cls(table["lfc"].to_numpy(), sgrna, line, of_sgrna, len(genes), len(lines))


@dataclass(frozen=True)
class Draws:
    """Numbers of chains and draws."""

    chains: int
    tune: int
    draws: int

    def __str__(self) -> str:
        return f"{self.chains} x {self.draws}"


def _pymc_model(model: str, data: Data, zero_sum: bool) -> Any:
    """The model row by row. The lines sum to zero, or have a mean as in the notebook."""
    import pymc as pm

    with pm.Model() as built:
        mu_gene, sigma_gene = pm.Normal("mu_gene", 0, MU_GENE_SD[model]), _exponential(pm, "gene")
        gene = pm.Normal("gene_effect", mu_gene, sigma_gene, shape=data.n_genes)
        n_sgrnas = len(data.gene_of_sgrna)
        mean, sd = gene[data.gene_of_sgrna], _exponential(pm, "sgrna")
        mu = pm.Normal("sgrna_effect", mean, sd, shape=n_sgrnas)[data.sgrna]
        if model == "cell_line" and zero_sum:
            sigma_line = pm.Exponential("sigma_cell_line", 0.4)
            lines = pm.ZeroSumNormal("cell_line_effect", sigma_line, shape=data.n_lines)
            mu = mu + lines[data.line]
        elif model == "cell_line":
            mu_line = pm.Normal("mu_cell_line", 0, 0.2)
            sigma_line = pm.Exponential("sigma_cell_line", 0.4)
            lines = pm.Normal("cell_line_effect", mu_line, sigma_line, shape=data.n_lines)
            mu = mu + lines[data.line]
        pm.Normal("lfc", mu, pm.HalfNormal("sigma", 5), observed=data.lfc)
    return built


def _exponential(pm: Any, of: str) -> Any:
    return pm.Exponential(f"sigma_{of}", 1)


def notebook(model: str, table: pd.DataFrame, tiny: bool) -> tuple[Any, str]:
    """PyMC's NUTS on the published model, started by ADVI, as in the notebook."""
    import pymc as pm

    how = Draws(2, 100, 50) if tiny else Draws(2, 4000, 2000)
    with _pymc_model(model, Data.of(table), zero_sum=False):
        idata = pm.sample(
            how.draws,
            tune=how.tune,
            chains=how.chains,
            cores=2,
            target_accept=0.9,
            init="advi+adapt_diag",
            n_init=200 if tiny else 40_000,
            random_seed=SEED,
            progressbar=False,
            compute_convergence_checks=False,
        )
    return idata, str(how)


def nutpie_rowwise(model: str, table: pd.DataFrame, tiny: bool) -> tuple[Any, str]:
    """nutpie on the identified model, row by row."""
    import nutpie

    how = Draws(2, 100, 50) if tiny else Draws(4, 1000, 1500)
    compiled = nutpie.compile_pymc_model(_pymc_model(model, Data.of(table), zero_sum=True))
    idata = nutpie.sample(
        compiled,
        draws=how.draws,
        tune=how.tune,
        chains=how.chains,
        cores=2,
        seed=SEED,
        progress_bar=False,
    )
    return idata, str(how)


def numpyro_rowwise(model: str, table: pd.DataFrame, tiny: bool) -> tuple[Any, str]:
    """NumPyro's NUTS on the identified model, row by row, in doubles."""
    import jax
    import numpyro
    import numpyro.distributions as dist
    from jax import random

    jax.config.update("jax_enable_x64", True)
    data, how = Data.of(table), Draws(2, 100, 50) if tiny else Draws(2, 500, 500)

    def rowwise() -> None:
        mu_gene = numpyro.sample("mu_gene", dist.Normal(0, MU_GENE_SD[model]))
        sigma_gene = numpyro.sample("sigma_gene", dist.Exponential(1))
        gene = numpyro.sample(
            "gene_effect", dist.Normal(mu_gene, sigma_gene).expand([data.n_genes])
        )
        sigma_sgrna = numpyro.sample("sigma_sgrna", dist.Exponential(1))
        around = dist.Normal(gene[data.gene_of_sgrna], sigma_sgrna)
        mu = numpyro.sample("sgrna_effect", around)[data.sgrna]
        if model == "cell_line":
            sigma_line = numpyro.sample("sigma_cell_line", dist.Exponential(0.4))
            lines = dist.ZeroSumNormal(sigma_line, (data.n_lines,))
            mu = mu + numpyro.sample("cell_line_effect", lines)[data.line]
        sigma = numpyro.sample("sigma", dist.HalfNormal(5))
        numpyro.sample("lfc", dist.Normal(mu, sigma), obs=data.lfc)

    sampler = numpyro.infer.MCMC(
        numpyro.infer.NUTS(rowwise),
        num_warmup=how.tune,
        num_samples=how.draws,
        num_chains=how.chains,
        chain_method="parallel",
        progress_bar=False,
    )
    sampler.run(random.key(SEED))
    draws = sampler.get_samples(group_by_chain=True)
    return {name: np.asarray(values) for name, values in draws.items()}, str(how)


def bambi_formula(model: str, table: pd.DataFrame, tiny: bool) -> tuple[Any, str]:
    """bambi with lme4's formula and its own priors, sampled by nutpie."""
    import bambi

    how = Draws(2, 100, 50) if tiny else Draws(2, 500, 500)
    line = " + (1|depmap_id)" if model == "cell_line" else ""
    formula = f"lfc ~ 1 + (1|hugo_symbol) + (1|sgrna){line}"
    built = bambi.Model(formula, table, noncentered=False)
    idata = built.fit(
        how.draws,
        tune=how.tune,
        chains=how.chains,
        cores=2,
        random_seed=SEED,
        inference_method="nutpie",
        progress_bar=False,
    )
    return idata, str(how)


def statsmodels_mixed(model: str, table: pd.DataFrame, tiny: bool) -> tuple[Any, str]:
    """statsmodels' MixedLM, restricted maximum likelihood: point estimates."""
    import statsmodels.formula.api as smf

    if model == "cell_line":  # crossed effects: one group that holds all rows
        groups, among = np.ones(len(table)), None
        parts = {name: f"0 + C({name})" for name in ("hugo_symbol", "sgrna", "depmap_id")}
    else:  # guides nested in genes
        groups, among, parts = table["hugo_symbol"], "1", {"sgrna": "0 + C(sgrna)"}
    smf.mixedlm("lfc ~ 1", table, groups=groups, re_formula=among, vc_formula=parts).fit()
    return None, "point estimates"


#: Name -> the package that it needs, and how it fits.
RIVALS: dict[str, tuple[str, Callable[[str, pd.DataFrame, bool], tuple[Any, str]]]] = {
    "PyMC, as the notebook": ("pymc", notebook),
    "nutpie, row by row": ("nutpie", nutpie_rowwise),
    "NumPyro, row by row": ("numpyro", numpyro_rowwise),
    "bambi (nutpie)": ("bambi", bambi_formula),
    "statsmodels MixedLM": ("statsmodels", statsmodels_mixed),
}


def main(name: str, model: str, path: str, tiny: bool) -> None:
    """Fit once, if the package is installed; print seconds and the smallest ESS."""
    package, fit = RIVALS[name]
    try:
        __import__(package)
    except ImportError:
        report({"not_installed": package})
        return
    table = pd.read_csv(path)
    start, cpu_start = perf_counter(), cpu_seconds()
    found, draws = fit(model, table, tiny)
    seconds, cpu = perf_counter() - start, cpu_seconds() - cpu_start
    report(
        {
            "seconds": [seconds],
            "cpu_seconds": [cpu],
            "draws": draws,
            "version": f"{package} {version(package)}",
            **_diagnostics(found),
        }
    )


def _diagnostics(found: Any) -> dict[str, float]:
    """Diagnostics of parameters with several values. Point estimates have none."""
    if found is None:
        return {}
    import arviz as az

    idata = az.from_dict(posterior=found) if isinstance(found, dict) else found
    ess, r_hat = az.ess(idata), az.rhat(idata)
    return {
        "min_ess_bulk": float(min(values.min() for values in ess.values())),
        "max_r_hat": float(max(values.max() for values in r_hat.values())),
    }


if __name__ == "__main__":
    main(*sys.argv[1:4], tiny="--tiny" in sys.argv)
