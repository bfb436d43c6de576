"""An integrator's strategy is found, checked before it decides, and cut off when it does not come back."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from types import ModuleType
from typing import Any, NoReturn

import pytest
import uvloop

from acd.configuration import Configuration
from acd.errors import Fault, InvalidConfiguration, StrategyFault
from acd.queue import Queue
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategy import Candidate, KeyStrategy, Ranking, RankStrategy, Situation, SortKey, Strategy
from stasis_app.plugins import guarded, strategies_for
from stasis_app.runaway_guard import cut_off_after


class ByName:
    def __init__(self, *, backwards: bool = False) -> None:
        self.backwards = backwards

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return agent.id


class Both:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return 0

    def rank(self, situation: Situation) -> Ranking:
        return Ranking(())


class Neither:
    pass


class Nonsense:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking([1, 2])  # type: ignore[list-item]


class Remembers:
    """Not pure: gives another order each time."""

    def __init__(self) -> None:
        self.asked = count()

    def rank(self, situation: Situation) -> Ranking:
        ids = [agent.id for agent in situation.candidates]
        turn = next(self.asked) % len(ids)
        return Ranking(ids[turn:] + ids[:turn])


class Exits:
    def rank(self, situation: Situation) -> Ranking:
        sys.exit(1)


class Endless:
    def rank(self, situation: Situation) -> Ranking:
        while True:
            pass


class Stubborn:
    """Catches whatever it can be told decently."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        while True:
            try:
                time.sleep(0.001)
            except Exception:  # noqa: BLE001  that is the point
                continue


class NeedsAnOption:
    def __init__(self, *, weight: int) -> None:
        self.weight = weight

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return self.weight


@pytest.fixture(autouse=True)
def theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An integrator's module on the path."""
    module = ModuleType("their_strategies")
    for made in (ByName, Both, Neither, Nonsense, Remembers, Exits, Endless, Stubborn, NeedsAnOption):
        setattr(module, made.__name__, made)
    module.a_function = len  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "their_strategies", module)


def strategy_of(name: str, **options: Any) -> Strategy:
    queue = Queue(name="q", strategy=name, strategy_options=options)
    return strategies_for(Configuration(queues={"q": queue}))["q"]


def faults_of(*named: tuple[str, dict[str, object]]) -> list[Fault]:
    queues = {
        f"q{number}": Queue(name=f"q{number}", strategy=name, strategy_options=options)
        for number, (name, options) in enumerate(named)
    }
    with pytest.raises(InvalidConfiguration) as refused:
        strategies_for(Configuration(queues=queues))
    return list(refused.value.faults)


def test_built_in_strategies_are_found_by_name() -> None:
    assert isinstance(strategy_of("longest_idle"), LongestIdle)
    assert isinstance(strategy_of("most_skilled"), MostSkilled)


def test_an_own_strategy_is_found_by_module_and_class_and_keeps_its_form() -> None:
    strategy = strategy_of("their_strategies:ByName", backwards=True)

    assert isinstance(strategy, KeyStrategy)
    assert not isinstance(strategy, RankStrategy)


def test_each_queue_has_a_strategy_of_its_own() -> None:
    queues = {name: Queue(name=name) for name in ("a", "b")}
    strategies = strategies_for(Configuration(queues=queues))

    assert set(strategies) == {"a", "b"}
    assert strategies["a"] is not strategies["b"]


def test_all_faults_of_all_queues_are_told_at_once_with_their_places() -> None:
    faults = faults_of(("nope", {}), ("longest_idle", {}), ("their_strategies:Neither", {}))

    assert [fault.place for fault in faults] == ["queues.q0.strategy", "queues.q2.strategy"]


@pytest.mark.parametrize(
    ("name", "options", "key", "words"),
    [
        ("longest_idel", {}, "strategy", "no such strategy; installed: longest_idle, most_skilled"),
        ("no_such_module:Class", {}, "strategy", "No module named 'no_such_module'"),
        ("their_strategies:Missing", {}, "strategy", "has no attribute 'Missing'"),
        ("their_strategies:a_function", {}, "strategy", "no class"),
        ("their_strategies:Both", {}, "strategy", "both key() and rank()"),
        ("their_strategies:Neither", {}, "strategy", "neither key(agent, queue) nor rank(situation)"),
        ("their_strategies:Nonsense", {}, "strategy", "rank() answered 1"),
        ("their_strategies:Remembers", {}, "strategy", "different orders"),
        ("their_strategies:Exits", {}, "strategy", "tried to end the process"),
        ("their_strategies:Endless", {}, "strategy", "took longer than 0.5 s"),
        ("their_strategies:NeedsAnOption", {}, "strategy_options", "weight (needed)"),
        ("their_strategies:ByName", {"forwards": 1}, "strategy_options", "options that it takes: backwards"),
        ("longest_idle", {"rank": 1}, "strategy_options", "options that it takes: none"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(name: str, options: dict[str, object], key: str, words: str) -> None:
    [fault] = faults_of((name, options))

    assert fault.place == f"queues.q0.{key}"
    assert fault.value == (name if key == "strategy" else options)
    assert words in fault.remedy
    assert "\n" not in fault.remedy


# --- the guard -------------------------------------------------------------------------------------------------------

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
