"""An integrator's strategy is found, and checked before it decides."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from acd.configuration import Configuration
from acd.queue import Queue
from acd.strategies.fewest_calls import FewestCalls
from acd.strategies.fixed_order import FixedOrder
from acd.strategies.least_talk_time import LeastTalkTime
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategies.random_order import RandomOrder
from acd.strategies.ring_all import RingAll
from acd.strategies.ring_progressively import RingProgressively
from acd.strategies.round_robin import RoundRobin
from acd.strategies.weighted_random import WeightedRandom
from acd.strategy import KeyStrategy, RankStrategy
from stasis_app import plugins
from stasis_app.plugins import strategies_for
from tests.unit.strategy_faults import THEIRS, faults_of, strategy_of
from tests.unit.their_strategies import ByName


def test_built_in_strategies_are_found_by_name() -> None:
    assert isinstance(strategy_of("longest_idle"), LongestIdle)
    assert isinstance(strategy_of("most_skilled"), MostSkilled)


def test_an_own_strategy_is_found_by_module_and_class_and_keeps_its_form() -> None:
    strategy = strategy_of(f"{THEIRS}:ByName", backwards=True)

    assert isinstance(strategy, KeyStrategy)
    assert not isinstance(strategy, RankStrategy)


def test_each_queue_has_a_strategy_of_its_own() -> None:
    queues = {name: Queue(name=name) for name in ("a", "b")}
    strategies = strategies_for(Configuration(queues=queues))

    assert set(strategies) == {"a", "b"}
    assert strategies["a"] is not strategies["b"]


def test_all_faults_of_all_queues_are_told_at_once_with_their_places() -> None:
    faults = faults_of(("nope", {}), ("longest_idle", {}), (f"{THEIRS}:Neither", {}))

    assert [fault.place for fault in faults] == ["queues.q0.strategy", "queues.q2.strategy"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("longest_idel", "did you mean longest_idle? installed: fewest_calls, fixed_order"),
        ("rrmemry", "did you mean rrmemory?"),
        ("xyz", "no such strategy; installed: "),
        ("no_such_module:Class", "No module named 'no_such_module'"),
        (f"{THEIRS}:Missing", "has no attribute 'Missing'"),
        (f"{THEIRS}:a_function", "no class"),
        (f"{THEIRS}:Both", "both key() and rank()"),
        (f"{THEIRS}:Neither", "neither key(agent, queue) nor rank(situation)"),
        (f"{THEIRS}:SleepyConstructor", "took longer than 0.5 s"),
        (f"{THEIRS}:Nonsense", "rank() answered 1"),
        (f"{THEIRS}:Strangers", "rank() answered 'somebody-else', who is no candidate"),
        (f"{THEIRS}:Twice", "rank() answered 'agent-0' twice"),
        (f"{THEIRS}:Remembers", "different orders"),
        (f"{THEIRS}:Exits", "tried to end the process"),
        (f"{THEIRS}:Endless", "took longer than 0.5 s"),
        (f"{THEIRS}:Stubborn", "took longer than 0.5 s"),
        (f"{THEIRS}:NarrowingWidths", "widths() must go up"),
        (f"{THEIRS}:EndlessWidths", "took longer than 0.5 s"),
    ],
)
def test_what_is_wrong_with_a_strategy_is_said_in_one_sentence(name: str, words: str) -> None:
    [fault] = faults_of((name, {}))

    assert fault.place == "queues.q0.strategy"
    assert fault.value == name
    assert words in fault.remedy
    assert "\n" not in fault.remedy


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("ringall", RingAll),
        ("leastrecent", LongestIdle),
        ("fewestcalls", FewestCalls),
        ("random", RandomOrder),
        ("rrmemory", RoundRobin),
        ("rrordered", RoundRobin),
        ("roundrobin", RoundRobin),
        ("linear", FixedOrder),
        ("wrandom", WeightedRandom),
        ("longest-idle-agent", LongestIdle),
        ("agent-with-least-talk-time", LeastTalkTime),
        ("agent-with-fewest-calls", FewestCalls),
        ("ring-all", RingAll),
        ("ring-progressively", RingProgressively),
        ("round-robin", RoundRobin),
        ("top-down", FixedOrder),
        ("sequentially-by-agent-order", FixedOrder),
    ],
)
def test_names_of_app_queue_and_mod_callcenter_are_accepted(theirs: str, ours: type) -> None:
    assert type(strategy_of(theirs)) is ours


def test_an_installed_strategy_goes_before_an_alias_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint(name="linear", value=f"{THEIRS}:ByName", group=plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [point])

    assert plugins.StrategyLibrary().class_of("linear") is ByName
