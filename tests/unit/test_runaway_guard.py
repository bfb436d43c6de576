"""An integrator's strategy is cut off when it does not come back, and nothing else of the process is disturbed."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import uvloop

from acd.errors import StrategyFault
from acd.queue import Queue
from acd.strategy import KeyStrategy, RankStrategy, Strategy, WideStrategy
from stasis_app.runaway_guard import cut_off_after, guarded
from tests.unit.their_strategies import ByName, Endless, EndlessWidths, Stubborn, Wide, WideRank

SITUATION: Any = None


def never_comes_back() -> NoReturn:
    while True:
        pass


@pytest.fixture(autouse=True)
def _nothing_is_left_armed() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGALRM)
    timer = signal.getitimer(signal.ITIMER_REAL)
    signal.setitimer(signal.ITIMER_REAL, 0)
    yield
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    signal.setitimer(signal.ITIMER_REAL, *timer)


def test_a_strategy_that_never_comes_back_is_cut_off() -> None:
    strategy = guarded(Endless(), 0.05)
    assert isinstance(strategy, RankStrategy)
    began = time.monotonic()

    with pytest.raises(StrategyFault, match=r"took longer than 0\.05 s"):
        strategy.rank(SITUATION)
    assert 0.04 < time.monotonic() - began < 1


def test_a_strategy_that_catches_exceptions_is_cut_off_too() -> None:
    strategy = guarded(Stubborn(), 0.05)
    assert isinstance(strategy, KeyStrategy)

    with pytest.raises(StrategyFault):
        strategy.key(SITUATION, SITUATION)


def test_it_is_cut_off_inside_a_running_event_loop() -> None:
    async def decide() -> str:
        with pytest.raises(StrategyFault), cut_off_after(0.05, "theirs"):
            never_comes_back()
        return "the loop goes on"

    assert uvloop.run(decide()) == "the loop goes on"


@pytest.mark.parametrize("strategy", [Wide(), WideRank()])
def test_a_guarded_strategy_keeps_its_widths(strategy: Strategy) -> None:
    wide = guarded(strategy)

    assert isinstance(wide, WideStrategy)
    assert isinstance(strategy, WideStrategy)
    assert wide.widths(Queue(name="q")) == strategy.widths(Queue(name="q"))
    assert isinstance(wide, KeyStrategy) == isinstance(strategy, KeyStrategy)
    assert not isinstance(guarded(ByName()), WideStrategy)


def test_widths_that_never_come_are_cut_off() -> None:
    wide = guarded(EndlessWidths(), 0.05)
    assert isinstance(wide, WideStrategy)

    with pytest.raises(StrategyFault):
        wide.widths(Queue(name="q"))


def test_a_strategy_that_answers_in_time_is_left_alone() -> None:
    with cut_off_after(0.05, "quick"):
        pass
    time.sleep(0.1)


def test_what_a_strategy_raises_itself_comes_through() -> None:
    with pytest.raises(KeyError), cut_off_after(1, "theirs"):
        raise KeyError


def test_guards_may_be_nested_and_the_outer_one_still_fires() -> None:
    began = time.monotonic()

    def nested() -> None:
        with pytest.raises(StrategyFault, match="inner"), cut_off_after(0.02, "inner"):
            never_comes_back()
        never_comes_back()

    with pytest.raises(StrategyFault, match="outer"), cut_off_after(0.1, "outer"):
        nested()
    assert 0.09 < time.monotonic() - began < 1


def test_an_inner_guard_does_not_outlast_the_outer_one() -> None:
    began = time.monotonic()
    with pytest.raises(StrategyFault), cut_off_after(0.05, "outer"), cut_off_after(30, "inner"):
        never_comes_back()
    assert time.monotonic() - began < 1


def test_a_timer_of_somebody_else_is_restored() -> None:
    rang: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: rang.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    with cut_off_after(5, "theirs"):
        pass
    assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 0.1
    time.sleep(0.15)
    signal.signal(signal.SIGALRM, before)

    assert rang == [signal.SIGALRM]


def test_outside_the_main_thread_nothing_is_limited() -> None:
    done: list[bool] = []

    def decide() -> None:
        with cut_off_after(0.01, "theirs"):
            time.sleep(0.05)
        done.append(True)

    thread = threading.Thread(target=decide)
    thread.start()
    thread.join()
    assert done == [True]
