"""The names of columns: variants that are read as a known name, and near misses that are not."""

import difflib
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from partialpool.errors import Problem, shorten
from partialpool.preparation.columns import ALIASES, KNOWN, REQUIRED, SYNONYMS

_SIMILAR = 0.8
"""Similarity (0 to 1, of difflib) from which a name is called a near miss."""


def known_names(names: Iterable[Hashable]) -> dict[Hashable, str]:
    """Find columns that have a known name, but in another spelling.

    Case, blanks and punctuation do not matter: ``Passes QC`` is ``passes_qc``. For an sgRNA or a
    gene, other common names are read too, such as ``Guide`` and ``Gene``.

    Parameters
    ----------
    names
        The names of all columns.

    Returns
    -------
    dict
        Name in the table -> known name, without those that are the same. A name is not there if
        another column has the known name, or has an equal claim to it: see `rival_names`.
    """
    names = list(names)
    return {
        columns[0]: known
        for known, columns in _claims(names).items()
        if len(columns) == 1 and known not in names
    }


def rival_names(names: Iterable[Hashable]) -> Iterator[Problem]:
    """Find columns of which each may be the one with a known name.

    Parameters
    ----------
    names
        The names of all columns.

    Yields
    ------
    Problem
        One for each known name that several columns have.
    """
    names = list(names)
    for known, columns in _claims(names).items():
        same = [name for name in columns if _plain(name) == _plain(known)]
        rivals = [known, *same] if known in names and same else columns
        if len(rivals) > 1 and (same or known not in names):
            yield Problem(
                expected=f"one column {known}.",
                got=f"{shorten([repr(name) for name in rivals])}, which all may be meant.",
                fix=f"name the right one {known}, and rename or remove the others.",
            )


def near_misses(names: Iterable[Hashable]) -> dict[str, str]:
    """Find unknown columns whose name is almost a known one that is not there.

    Parameters
    ----------
    names
        The names of all columns, after variants were renamed.

    Returns
    -------
    dict
        Name in the table -> the optional column that may be meant.
    """
    present = [str(name) for name in names]
    absent = {_plain(name): name for name in sorted(KNOWN - set(present) - set(REQUIRED))}
    found = {
        name: difflib.get_close_matches(_plain(name), absent, n=1, cutoff=_SIMILAR)
        for name in present
        if name not in KNOWN
    }
    return {name: absent[close[0]] for name, close in found.items() if close}


def missing_columns(absent: set[str], present: Iterable[Hashable]) -> Problem:
    """Describe required columns that are missing, with the columns that may be meant."""
    ordered = [name for name in REQUIRED if name in absent]
    got = [str(name) for name in present]
    guesses = [f"{guess} to {name}" for name in ordered for guess in _guess(name, got)]
    fix = (
        f"rename {', '.join(guesses)}, if these columns have the same meaning."
        if guesses
        else "add these columns, or rename columns with the same meaning."
    )
    return Problem(
        expected=f"the columns {', '.join(REQUIRED)}.",
        got=f"no {', '.join(ordered)}; columns found: {shorten(got, shown=30)}.",
        fix=fix,
    )


def _claims(names: Sequence[Hashable]) -> Mapping[str, list[Hashable]]:
    """Known name -> the columns that may have it, in another spelling."""
    meaning = {_plain(known): known for known in sorted(KNOWN)}
    meaning |= {_plain(alias): known for known in SYNONYMS for alias in ALIASES[known]}
    claims = defaultdict(list)
    for name in names:
        known = meaning.get(_plain(name))
        if known is not None and name not in KNOWN:
            claims[known].append(name)
    return claims


def _guess(name: str, got: list[str]) -> list[str]:
    """Find a column that may be the missing one with another name."""
    plain = {_plain(other): other for other in got if other not in KNOWN}
    for target in (_plain(name), *(_plain(alias) for alias in ALIASES[name])):
        if target in plain:
            return [plain[target]]
    close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.75)
    return [plain[other] for other in close]


def _plain(name: Hashable) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())
