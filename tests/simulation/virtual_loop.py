"""An event loop whose time passes only when nothing is left to be done: what waits a day is done in seconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
EPOCH_MS = 1_700_000_000_000


class _Selector(selectors.SelectSelector):
    """Never sleeps: it moves the loop's time on by as long as it should have slept."""

    slept = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits for something that will never happen")
            self.slept += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Also the clock and the timers of simulated parts: ``acd.simulation.Time`` and ``acd.ports.Clock``."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.slept

    def now(self) -> int:
        return EPOCH_MS + round(self._virtual.slept * 1000)

    def after(self, ms: float, act: Callable[[], object]) -> asyncio.TimerHandle:
        return self.call_later(ms / 1000, act)

    def monotonic_ns(self) -> int:
        """In place of the machine's own, for those who ask the ``time`` module."""
        return round(self._virtual.slept * 1e9)


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run this to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        return runner.run(main(loop))
