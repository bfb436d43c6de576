"""Cuts off a strategy that does not come back: integrators' code runs in our event loop, and ``while True`` happens."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, cast

from acd.errors import StrategyFault
from acd.queue import Queue
from acd.strategy import (
    DECISION_LIMIT_S,
    Candidate,
    KeyStrategy,
    Ranking,
    RankStrategy,
    Situation,
    SortKey,
    Strategy,
    WideStrategy,
    Width,
)

_SHORTEST_S = 0.000_1
_ALARM = int(signal.SIGALRM)

_set_handler: Callable[[int, Any], Any] = getattr(sys.modules.get("_signal"), "signal", signal.signal)
"""``signal.signal`` without its turning of numbers into enumerations, which costs more than all the rest of a guard."""


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
    previous = _set_handler(_ALARM, cut_off)
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
        _set_handler(_ALARM, previous)
        if left_s > 0:
            rest_s = left_s - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(rest_s, _SHORTEST_S), interval_s)


def guarded(strategy: Strategy, limit_s: float = DECISION_LIMIT_S) -> Strategy:
    """The same strategy, in the same form, each of whose answers raises StrategyFault when it takes longer."""
    if isinstance(strategy, KeyStrategy):
        made_by = _GuardedWideKey if isinstance(strategy, WideStrategy) else _GuardedKey
        return made_by(strategy, limit_s)
    ranking = _GuardedWideRank if isinstance(strategy, WideStrategy) else _GuardedRank
    return ranking(strategy, limit_s)


class _Guarded:
    def __init__(self, strategy: Strategy, limit_s: float) -> None:
        self._strategy = strategy
        self._limit_s = limit_s
        self._name = type(strategy).__name__


class _GuardedKey(_Guarded):
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        strategy = cast("KeyStrategy", self._strategy)
        with cut_off_after(self._limit_s, self._name):
            return strategy.key(agent, queue)


class _GuardedRank(_Guarded):
    def rank(self, situation: Situation) -> Ranking:
        strategy = cast("RankStrategy", self._strategy)
        with cut_off_after(self._limit_s, self._name):
            return strategy.rank(situation)


class _Wide(_Guarded):
    def widths(self, queue: Queue) -> Sequence[Width]:
        strategy = cast("WideStrategy", self._strategy)
        with cut_off_after(self._limit_s, self._name):
            return strategy.widths(queue)


class _GuardedWideKey(_GuardedKey, _Wide):
    pass


class _GuardedWideRank(_GuardedRank, _Wide):
    pass
