"""Labels made of letters."""

import string


def letter_label(index: int) -> str:
    """Return the `index`-th label of the sequence A, B, ..., Z, AA, AB, ...

    Parameters
    ----------
    index
        Position, counted from 0.

    Returns
    -------
    str
        One or more capital letters.
    """
    label = ""
    remaining = index + 1
    while remaining > 0:
        remaining, letter = divmod(remaining - 1, len(string.ascii_uppercase))
        label = string.ascii_uppercase[letter] + label
    return label
