"""A process that draws figures: it reads pickled calls and writes pickled pictures."""

import gc
import os
import pickle
import sys

from partialpool.figures.drawing import attempt


def main() -> None:
    """Draw until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # printed text must not get into the answers
    import plotnine  # noqa: F401  (early, while the tables of the first figure are made)

    gc.set_threshold(
        20_000
    )  # plots have many small objects; Python's default, 700, costs a sixth of the time

    while True:
        try:
            drawing = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(attempt(drawing), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    main()
