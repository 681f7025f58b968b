"""``partialpool`` and ``python -m partialpool``: the commands of the project."""

import sys
from pathlib import Path
from typing import Any

from kedro.framework.project import configure_project

from partialpool.cli import cli


def main(*args: Any, **kwargs: Any) -> Any:
    """Run a command, or print the help if none is given."""
    configure_project(Path(__file__).parent.name)
    return cli(*args, prog_name="partialpool", standalone_mode=not hasattr(sys, "ps1"), **kwargs)


if __name__ == "__main__":
    main()
