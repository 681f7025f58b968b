"""What is recorded of a fit: its name, parameters, metrics, tags and data."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from partialpool.parameters import flatten
from partialpool.tracking.store import without_password

#: MLflow's limit of a dataset's digest, in characters.
MAX_DIGEST = 36
#: The metrics that a person compares first. MLflow sorts metrics by name and groups them by the
#: part before a slash. So these have plain names, and all others are in groups after them.
COMPARED = ("coverage", "elpd_loo", "elpd_loo_se", "rmse")
COMPARED_DIAGNOSTICS = ("divergences", "max_r_hat", "min_ess_bulk")
#: Other numbers in the verdict of a fit.
SAMPLER_DIAGNOSTICS = ("min_ess_tail", "treedepth_hits", "min_e_bfmi", "n_parameters")
SAMPLER, SCORES = "sampler", "scores"
#: Attributes of a fit that identify it and its data: tags.
IDENTIFIERS = ("fit_id", "data_hash")
#: Attributes of a fit that are parameters: counts, and the version of Python.
FACTS = ("n_measurements", "n_left_out", "python")
#: The name of the simulated screen.
SIMULATED = "simulated"


@dataclass(frozen=True)
class File:
    """A file that a run wrote: its path, and its folder among the run's artefacts."""

    path: str
    folder: str = ""


@dataclass(frozen=True)
class FitRecord:
    """One fit, as the catalog contains it.

    Attributes
    ----------
    name
        The namespace of its pipeline, such as ``cell_line``.
    screen
        The name of its screen, such as ``avana_small``.
    attributes
        The attributes of the posterior: settings, versions, counts.
    data_name, data_source
        The table that it was fitted to, in the catalog and on disk.
    verdict, scores
        The records that this run wrote; empty if the run ended before that.
    truth_coverage
        The share of planted values inside their intervals, if the screen is simulated.
    files
        The artefacts that this run wrote.
    """

    name: str
    screen: str
    attributes: Mapping[str, Any]
    data_name: str
    data_source: str
    verdict: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    truth_coverage: float | None = None
    files: tuple[File, ...] = ()

    @property
    def title(self) -> str:
        """The name of its MLflow run."""
        return title(self.screen, self.name)

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings, nested."""
        settings: dict[str, Any] = json.loads(self.attributes["settings"])
        return settings

    @property
    def seconds(self) -> float:
        """How long it took, including compilation."""
        return float(self.attributes["seconds"])

    @property
    def end(self) -> datetime:
        """When it ended."""
        return datetime.fromisoformat(self.attributes["created_at"])

    def params(self) -> dict[str, str]:
        """Settings, counts and versions by dotted name, as text."""
        attributes = self.attributes
        counts = [name for name in attributes if name.startswith("n_") and name not in FACTS]
        versions = json.loads(attributes["versions"])
        facts = {name: attributes[name] for name in (*FACTS, *counts) if name in attributes}
        found = flatten(self.settings) | facts
        found |= {f"version.{package}": version for package, version in versions.items()}
        return {name: str(value) for name, value in found.items()}

    def metrics(self) -> dict[str, float]:
        """Scores, diagnostics and times. Unknown ones are left out."""
        found: dict[str, Any] = {name: self.verdict.get(name) for name in COMPARED_DIAGNOSTICS}
        found |= {_score_name(name): value for name, value in self.scores.items()}
        found |= {"coverage_of_planted": self.truth_coverage, "fit_seconds": self.seconds}
        sampler = {name: self.verdict.get(name) for name in SAMPLER_DIAGNOSTICS}
        if "compile_seconds" in self.attributes:  # samplers are compared without compilation
            sampler |= self._times(float(self.attributes["compile_seconds"]))
        found |= {f"{SAMPLER}/{name}": value for name, value in sampler.items()}
        for count in ("n_measurements", "n_genes"):  # They are parameters.
            found.pop(f"{SCORES}/{count}", None)
        return {name: float(value) for name, value in found.items() if _is_number(value)}

    def _times(self, compile_seconds: float) -> dict[str, float | None]:
        sampling_seconds = self.seconds - compile_seconds
        ess = self.verdict.get("min_ess_bulk")
        return {
            "compile_seconds": compile_seconds,
            "sampling_seconds": sampling_seconds,
            "ess_per_second": ess / sampling_seconds if ess and sampling_seconds > 0 else None,
        }

    def tags(self) -> dict[str, str]:
        """Its names, verdict and identifiers."""
        verdicts = {True: "passed", False: "failed", None: "none"}
        reasons = "; ".join(self.verdict.get("reasons", ()))
        return {
            "screen": self.screen,
            "model": str(self.attributes["model"]),
            "fit": self.name,
            "verdict": verdicts[self.verdict.get("passed")],
            **{name: str(self.attributes[name]) for name in IDENTIFIERS},
        } | ({"verdict_reasons": reasons} if reasons else {})

    def dataset(self) -> dict[str, str]:
        """The table that it was fitted to, as an MLflow dataset."""
        sizes = {k: v for k, v in self.attributes.items() if k.startswith("n_")}
        return {
            "name": self.data_name,
            "digest": self.attributes["data_hash"][:MAX_DIGEST],
            "source_type": "local",
            "source": json.dumps({"uri": without_password(self.data_source)}),
            "profile": json.dumps({k: int(v) for k, v in sizes.items()}),
        }


def screen_name(screen_path: str | None) -> str:
    """Name a screen after its file, without suffixes."""
    return Path(screen_path).name.partition(".")[0] if screen_path else SIMULATED


def title(screen: str, what: str = "") -> str:
    """Name an MLflow run after its screen and what it fits."""
    return f"{screen} · {what}" if what else screen


def run_tags(project: Path) -> Iterator[tuple[str, str]]:
    """Yield the git commit of the project, if any, with ``-dirty`` if files differ from it."""
    commit = _git(project, "rev-parse", "HEAD")
    if commit:
        changes = _git(project, "status", "--porcelain", "--untracked-files=no")
        yield "git_commit", commit + ("-dirty" if changes else "")
        yield "mlflow.source.git.commit", commit


def _git(folder: Path, *arguments: str) -> str:
    """The output of a git command; empty if it fails."""
    try:
        command = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _score_name(name: str) -> str:
    return name if name in COMPARED else f"{SCORES}/{name}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not math.isnan(value)
