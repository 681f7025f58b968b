"""What was noticed or changed while a table was read, for its data-quality table and the log."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """One thing that the user should know about the table.

    Attributes
    ----------
    item
        What it is, in a few words, such as ``labels merged``.
    count
        How many columns, labels or replicates.
    note
        Which ones.
    is_odd
        Whether something may be wrong, so that it is logged as a warning.
    """

    item: str
    count: int
    note: str
    is_odd: bool = False
