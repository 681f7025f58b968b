"""A worker: the five columns of the default screen as CSV: python write_table.py PATH [--tiny]."""

import sys

import inputs

from partialpool.preparation.columns import REQUIRED

if __name__ == "__main__":
    table = inputs.modelling_table(inputs.project("--tiny" in sys.argv))
    table[list(REQUIRED)].to_csv(sys.argv[1], index=False)
