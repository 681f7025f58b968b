"""Node functions of which some arguments are fixed by the wiring."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any


class Bound:
    """A node's function with some of its keyword arguments.

    Kedro sees the signature of the function itself, and reads the types of parameters there. A
    ``partial`` would lose that on its way to a worker process.
    """

    def __init__(self, function: Callable[..., Any], **fixed: Any) -> None:
        self._function, self._fixed = function, fixed
        update_wrapper(self, function)

    def __call__(self, *inputs: Any, **more: Any) -> Any:
        """Run the function."""
        return self._function(*inputs, **more, **self._fixed)
