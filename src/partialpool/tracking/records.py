"""What is recorded of a fit: parameters, metrics, tags, its data."""

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
#: Metrics as the verdict of a fit names them.
DIAGNOSTICS = (
    "max_r_hat",
    "min_ess_bulk",
    "min_ess_tail",
    "divergences",
    "treedepth_hits",
    "min_e_bfmi",
    "n_parameters",
)
#: Attributes of a fit that count something or identify what it was made from.
FACTS = ("data_hash", "fit_id", "n_measurements", "n_left_out", "python")


@dataclass(frozen=True)
class File:
    """A file that a run wrote: where it lies and how a run's page names it."""

    path: str
    folder: str = ""


@dataclass(frozen=True)
class FitRecord:
    """One fit, as the catalog holds it.

    Attributes
    ----------
    name
        Namespace of its pipeline.
    attributes
        Provenance that the posterior carries.
    data_name, data_source
        The table that it was fitted to, in the catalog and on disk.
    verdict, scores
        Records that were written in this run; empty if it did not come so far.
    truth_coverage
        Share of planted values inside their intervals, if truth was planted.
    files
        Artefacts that were written in this run.
    """

    name: str
    attributes: Mapping[str, Any]
    data_name: str
    data_source: str
    verdict: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    truth_coverage: float | None = None
    files: tuple[File, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that it was made with, nested."""
        settings: dict[str, Any] = json.loads(self.attributes["settings"])
        return settings

    @property
    def seconds(self) -> float:
        """How long it took, compilation included."""
        return float(self.attributes["seconds"])

    @property
    def end(self) -> datetime:
        """When it was done."""
        return datetime.fromisoformat(self.attributes["created_at"])

    def params(self) -> dict[str, str]:
        """All that shaped it, one level deep, as text."""
        attributes = self.attributes
        counts = [name for name in attributes if name.startswith("n_") and name not in FACTS]
        versions = json.loads(attributes["versions"])
        facts = {name: attributes[name] for name in (*FACTS, *counts) if name in attributes}
        found = flatten(self.settings) | facts
        found |= {f"version.{package}": version for package, version in versions.items()}
        return {name: str(value) for name, value in found.items()}

    def metrics(self) -> dict[str, float]:
        """Diagnostics, times and scores; those that are not known are left out."""
        found: dict[str, Any] = {name: self.verdict.get(name) for name in DIAGNOSTICS}
        found |= {"seconds": self.seconds, "truth_coverage": self.truth_coverage, **self.scores}
        if "compile_seconds" in self.attributes:  # samplers can be compared without it only
            found |= self._times(float(self.attributes["compile_seconds"]))
        found.pop("n_measurements", None)  # a parameter already
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
        """What runs are looked up by."""
        verdicts = {True: "passed", False: "failed", None: "none"}
        reasons = "; ".join(self.verdict.get("reasons", ()))
        return {
            "model": str(self.attributes["model"]),
            "pipeline": self.name,
            "verdict": verdicts[self.verdict.get("passed")],
        } | ({"verdict_reasons": reasons} if reasons else {})

    def dataset(self) -> dict[str, str]:
        """The table that it was fitted to, as MLflow describes one."""
        sizes = {k: v for k, v in self.attributes.items() if k.startswith("n_")}
        return {
            "name": self.data_name,
            "digest": self.attributes["data_hash"][:MAX_DIGEST],
            "source_type": "local",
            "source": json.dumps({"uri": without_password(self.data_source)}),
            "profile": json.dumps({k: int(v) for k, v in sizes.items()}),
        }


def run_tags(project: Path) -> Iterator[tuple[str, str]]:
    """Yield the commit of the project, if it is under git; ``-dirty`` if files differ from it."""
    commit = _git(project, "rev-parse", "HEAD")
    if commit:
        changes = _git(project, "status", "--porcelain", "--untracked-files=no")
        yield "git_commit", commit + ("-dirty" if changes else "")
        yield "mlflow.source.git.commit", commit


def _git(folder: Path, *arguments: str) -> str:
    """What git says, or nothing."""
    try:
        command = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not math.isnan(value)
