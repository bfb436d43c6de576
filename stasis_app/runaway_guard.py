"""Cuts off a strategy that does not come back: integrators' code runs in our event loop, and ``while True`` happens."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from acd.errors import StrategyFault
from acd.queue import Queue
from acd.strategy import Candidate, KeyStrategy, Ranking, Situation, SortKey, Strategy

DECISION_LIMIT_S = 0.1
"""How long one call of a strategy may take: far more than any sane one needs, and little enough for callers."""

_SHORTEST_S = 0.000_1


class _CutOff(BaseException):
    """Not an Exception, so that a strategy's own ``except Exception`` does not swallow it."""


@contextmanager
def cut_off_after(limit_s: float, strategy: str) -> Iterator[None]:
    """Raises StrategyFault inside the block once it has run for so long.

    It works by an interval timer and SIGALRM, which only the main thread has; elsewhere nothing is limited. Python
    code is cut off between two of its steps; a call into C that does not return cannot be. Blocks may be nested: the
    outer timer goes on afterwards, and one that was set by others is restored. SystemExit becomes a fault, too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def cut_off(_signal: int, _frame: FrameType | None) -> None:
        if armed:
            raise _CutOff

    began = time.monotonic()
    previous = signal.signal(signal.SIGALRM, cut_off)
    left_s, interval_s = signal.setitimer(signal.ITIMER_REAL, limit_s, limit_s)
    try:
        try:
            if 0 < left_s < limit_s:
                signal.setitimer(signal.ITIMER_REAL, left_s, limit_s)
            yield
        finally:
            armed = False
    except _CutOff:
        raise StrategyFault(strategy, f"took longer than {limit_s:g} s and was cut off") from None
    except SystemExit:
        raise StrategyFault(strategy, "tried to end the process") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if left_s > 0:
            rest_s = left_s - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(rest_s, _SHORTEST_S), interval_s)


def guarded(strategy: Strategy, limit_s: float = DECISION_LIMIT_S) -> Strategy:
    """The same strategy, each of whose answers raises StrategyFault when it takes longer than this."""
    if isinstance(strategy, KeyStrategy):
        return _GuardedKey(strategy, limit_s)
    return _GuardedRank(strategy, limit_s)


class _GuardedKey:
    def __init__(self, strategy: KeyStrategy, limit_s: float) -> None:
        self._strategy = strategy
        self._limit_s = limit_s

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        with cut_off_after(self._limit_s, type(self._strategy).__name__):
            return self._strategy.key(agent, queue)


class _GuardedRank:
    def __init__(self, strategy: Strategy, limit_s: float) -> None:
        assert not isinstance(strategy, KeyStrategy)
        self._strategy = strategy
        self._limit_s = limit_s

    def rank(self, situation: Situation) -> Ranking:
        with cut_off_after(self._limit_s, type(self._strategy).__name__):
            return self._strategy.rank(situation)
