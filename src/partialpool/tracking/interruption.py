"""Acts on the signals that stop a run, before they do."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

#: Ctrl-C, ``kill`` or a scheduler, and a terminal that closes (not on Windows).
SIGNALS = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]


class Interruption:
    """Calls ``act`` with the name of a signal that would end the process, then passes it on.

    Kedro has hooks for errors but not for signals. After ``act``, the earlier handler of the
    signal runs; a signal that the process ignores is still ignored.
    """

    def __init__(self, act: Callable[[str], None]) -> None:
        self._act, self._process = act, 0
        self._before: dict[int, Any] = {}

    def watch(self) -> None:
        """Start to watch; this works in Python's main thread only."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._process = os.getpid()
        for number in SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._handle)

    def stop(self) -> None:
        """Restore the earlier handlers."""
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._before.items():
                signal.signal(number, handler)
            self._before.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        handler = self._before.get(number, signal.SIG_DFL)
        self.stop()
        if os.getpid() == self._process:  # not in a worker process that inherited this
            self._act(signal.Signals(number).name)
        if callable(handler):
            handler(number, frame)
        else:
            os.kill(os.getpid(), number)
