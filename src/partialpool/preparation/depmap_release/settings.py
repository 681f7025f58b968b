"""Settings of reading a DepMap release."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveFloat

from partialpool.parameters import Parameters

Unit = Literal["relative", "log2", "copies"]


class DepmapSettings(Parameters):
    """What is read from the folder of a release.

    Attributes
    ----------
    library
        The library whose screens are read, such as ``Avana``. None: the only one of the folder.
    copy_number_unit
        Unit of copy number: ``relative`` (1 = diploid), ``log2`` (log2(relative + 1)), ``copies``.
        None: by the name of the file.
    copies_of_diploid
        Number of copies that a relative copy number of 1 stands for.
    use
        ``counts``, ``log_fold_changes`` (the table of the release), or ``auto``: counts if they are
        there.
    """

    library: str | None
    copy_number_unit: Unit | None
    copies_of_diploid: PositiveFloat
    use: Literal["auto", "counts", "log_fold_changes"]
