"""Finds the files of a DepMap release by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.depmap_release.settings import DepmapSettings

SUFFIX = r"\.(csv|tsv|txt|parquet|pq|hdf5|h5)(\.gz)?$"
#: What a file contains -> its name, without suffix. Names differ between releases.
NAMES: Mapping[str, re.Pattern[str]] = {
    what: re.compile(f"^{name}{SUFFIX}", re.IGNORECASE)
    for what, name in {
        "sequences": r"(?P<library>[a-z0-9-]+?)SequenceMap",
        "guides": r"(?P<library>[a-z0-9-]+?)GuideMap",
        "counts": r"(?P<library>[a-z0-9-]+?)RawReadcounts",
        "log_fold_changes": r"(?P<library>[a-z0-9-]+?)LogfoldChange",
        "copy_number": r"(Portal)?Omics(Absolute)?CNGene\w*",
        "expression": r"OmicsExpression\w*TPMLogp1\w*",
        "mutations": r"OmicsSomaticMutations(Profile)?",
        "models": r"Model",
        "nonessential": r"AchillesNonessentialControls",
    }.items()
}
#: Of several files with the same content: the first of these whose name starts so.
PREFERRED: Mapping[str, tuple[str, ...]] = {
    "copy_number": ("OmicsCNGene.", "OmicsCNGeneWGS", "OmicsCNGene", "PortalOmicsCN"),
    "expression": (
        "OmicsExpressionProteinCodingGenesTPMLogp1.",
        "OmicsExpressionTPMLogp1HumanProteinCodingGenes.",
        "OmicsExpressionProteinCodingGenes",
        "OmicsExpressionTPMLogp1HumanProteinCoding",
    ),
    "mutations": ("OmicsSomaticMutations.",),
}
OF_LIBRARY = ("guides", "counts", "log_fold_changes")
#: What the modelling table gets from each file that may be missing.
OPTIONAL: Mapping[str, tuple[str, str]] = {
    "copy_number": ("OmicsCNGene.csv", "gene_cn"),
    "expression": ("OmicsExpression*TPMLogp1*.csv", "rna_expr"),
    "mutations": ("OmicsSomaticMutations.csv", "n_muts and kras_mutation"),
    "models": ("Model.csv", "lineage and lineage_subtype"),
    "nonessential": ("AchillesNonessentialControls.csv", "the list of nonessential genes"),
}


@dataclass(frozen=True)
class ReleaseFiles:
    """The files of a release.

    Attributes
    ----------
    folder
        The folder.
    found
        What -> names of the files with this content.
    """

    folder: Path
    found: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        """Names of all files that are understood."""
        return sorted({name for names in self.found.values() for name in names})

    def path(self, what: str, library: str | None = None) -> Path | None:
        """The file with some content, of a library if there is one for each; None if absent."""
        names = self.found.get(what, ())
        if library is not None and what in OF_LIBRARY:
            names = tuple(name for name in names if library_of(name, what) == library.casefold())
        for start in PREFERRED.get(what, ()):
            chosen = [name for name in names if name.casefold().startswith(start.casefold())]
            if chosen:
                return self.folder / chosen[0]
        return self.folder / names[0] if names else None

    def sequences(self, library: str) -> Path | None:
        """The sequence map: that of the library, or that of all screens."""
        of_library = [
            name
            for name in self.found.get("sequences", ())
            if library_of(name, "sequences") == library.casefold()
        ]
        return self.folder / of_library[0] if of_library else self.path("sequences")

    def library(self, settings: DepmapSettings) -> str:
        """The library that is read, as its files spell it.

        Raises
        ------
        ScreenError
            If there are several libraries and none is chosen, or if files are missing.
        """
        spelled = {
            library_of(name, what): _start(name, what)
            for what in ("counts", "log_fold_changes")
            for name in self.found.get(what, ())
        }
        known = sorted(spelled.values())
        if not known:
            raise self._refuse(
                "counts or log fold changes of screens: <Library>RawReadcounts.csv or "
                "<Library>LogfoldChange.csv",
                f"none in {self.folder.absolute()}; understood: {shorten(self.names, shown=20)}",
                "download these files of the release into the folder",
            )
        if settings.library is None:
            if len(known) > 1:
                raise self._refuse(
                    "one library",
                    f"screens of {shorten(known)}",
                    f"choose one: --params depmap.library={known[0]}",
                )
            return known[0]
        if settings.library.casefold() not in spelled:
            raise self._refuse(
                f"screens of library {settings.library}",
                f"screens of {shorten(known)}",
                "correct depmap.library",
            )
        return spelled[settings.library.casefold()]

    def require(self, what: str, path: Path | None, name: str) -> Path:
        """The path, or an error that names the missing file."""
        if path is None:
            raise self._refuse(
                f"{name} ({what}) in {self.folder.absolute()}",
                f"no such file; understood: {shorten(self.names, shown=20)}",
                "download this file of the release into the folder",
            )
        return path

    @staticmethod
    def _refuse(expected: str, got: str, fix: str) -> ScreenError:
        return ScreenError.of(Problem(expected=f"{expected}.", got=f"{got}.", fix=f"{fix}."))


def library_of(name: str, what: str) -> str:
    """The library in the name of a file, in lower case."""
    return _start(name, what).casefold()


def _start(name: str, what: str) -> str:
    match = NAMES[what].match(name)
    return match["library"] if match else ""


def find_files(folder: Path) -> ReleaseFiles:
    """Find the files of a release.

    Raises
    ------
    ScreenError
        If there is no such folder.
    """
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing"
        raise ScreenError.of(
            Problem(
                expected="a folder with the files of a DepMap release.",
                got=f"{what} at {folder.absolute()}.",
                fix="correct depmap_dir.",
            )
        )
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    found = {
        what: tuple(name for name in names if pattern.match(name))
        for what, pattern in NAMES.items()
    }
    return ReleaseFiles(folder, {what: files for what, files in found.items() if files})
