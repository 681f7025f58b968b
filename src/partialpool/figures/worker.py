"""A process that draws figures: calls come pickled on its input, pictures go to its output."""

import gc
import os
import pickle
import sys

from partialpool.figures.drawing import attempt


def main() -> None:
    """Draw until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed must not be among them
    import plotnine  # noqa: F401  (now, while the tables of the first figure are made)

    gc.set_threshold(20_000)  # plots are many small objects; at Python's 700 a sixth of the time

    while True:
        try:
            drawing = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(attempt(drawing), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    main()
