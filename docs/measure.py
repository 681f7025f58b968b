"""Write ``measured.json``, the results of a run that pages quote.

kedro run && kedro run --pipelines copy_number,full && python docs/measure.py data
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

PAGES = Path(__file__).parent
QUOTED = re.compile(r'measured\("([^"]+)"')


def paths() -> Iterator[str]:
    """What pages quote: ``{{ measured("<fit>/<file>/<row>/<column>") }}``."""
    for page in sorted(PAGES.rglob("*.md")):
        yield from QUOTED.findall(page.read_text("utf-8"))


def value(data: Path, path: str) -> float:
    """A number in a JSON file, or in a row of a table that its first column names."""
    fit, name, *keys = path.split("/")
    folder = data / ("08_reporting" if fit == "comparison" else "07_model_output") / fit
    if (record := folder / f"{name}.json").exists():
        return float(json.loads(record.read_text("utf-8"))[keys[0]])
    row, column = keys
    return float(pd.read_csv(folder / f"{name}.csv", index_col=0).loc[row, column])


def main(data: Path) -> None:
    """Read them off the results that lie under a ``data_root``."""
    values = {path: value(data, path) for path in sorted(set(paths()))}
    (PAGES / "measured.json").write_text(json.dumps(values, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
