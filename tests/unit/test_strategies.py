"""What each built-in strategy promises, said by example."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import entry_points
from math import sqrt
from typing import Any

import pytest

from acd.queue import IdleClock, Queue
from acd.strategies.fewest_calls import FewestCalls
from acd.strategies.fixed_order import FixedOrder
from acd.strategies.idle_first import IdleFirst
from acd.strategies.least_occupied import LeastOccupied
from acd.strategies.least_talk_time import LeastTalkTime
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategies.random_order import RandomOrder
from acd.strategies.ring_all import RingAll
from acd.strategies.ring_progressively import RingProgressively
from acd.strategies.round_robin import RoundRobin
from acd.strategies.weighted_random import WeightedRandom
from acd.strategy import KeyStrategy, RankStrategy, Strategy, WideStrategy, Width
from tests.unit.strategy_people import NOW, QUEUE, agent, order, ranked

BY_RANK: list[Strategy] = [
    LongestIdle(),
    RingAll(),
    RingProgressively(),
    RoundRobin(),
    FixedOrder(order=["late"]),
    FewestCalls(),
    FewestCalls(since="ever"),
    LeastTalkTime(),
    LeastTalkTime(since="ever"),
    LeastOccupied(),
    RandomOrder(),
    WeightedRandom(by_skill=True),
    MostSkilled(),
    IdleFirst(),
]
BY_IDLENESS = [LongestIdle, RingAll, RingProgressively, RoundRobin, FewestCalls, LeastTalkTime, LeastOccupied]
BY_IDLENESS_AND_SKILL = [MostSkilled, IdleFirst]


def named(strategy: object) -> str:
    return type(strategy).__name__


# --- what all have in common -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", BY_RANK, ids=named)
def test_a_lower_rank_in_this_queue_goes_before_everything_else(strategy: Strategy) -> None:
    worst = agent(
        "zoe",
        rank=0,
        idle_since=NOW - 1,
        offered_at=NOW - 1,
        offered_in={"q": NOW - 1},
        answered=99,
        shift_answered=99,
        talk_ms=9_999,
        shift_talk_ms=9_999,
        shift_busy_ms=9_999,
        shift_since=NOW - 10_000,
        skills={"german": 1},
    )
    for number in range(20):
        call = f"call-{number}"
        assert order(strategy, agent("late", rank=1, skills={"german": 99}), worst, requires="german", id=call) == (
            "zoe late"
        )


@pytest.mark.parametrize("strategy", [made() for made in BY_IDLENESS + BY_IDLENESS_AND_SKILL], ids=named)
@pytest.mark.parametrize(
    ("clock", "field"),
    [
        (IdleClock.READY, "idle_since"),
        (IdleClock.CALL_END, "call_ended_at"),
        (IdleClock.CALL_START, "call_started_at"),
        (IdleClock.OFFER, "offered_at"),
    ],
)
def test_where_all_else_is_equal_the_idle_clock_of_the_queue_decides(
    strategy: Strategy, clock: IdleClock, field: str
) -> None:
    queue = Queue(name="q", idle_clock=clock, breaks_restart_idle_clock=False)
    clocks: list[dict[str, Any]] = [{field: 9_000}, {field: 8_000}]

    assert order(strategy, agent("amy", **clocks[0]), agent("ben", **clocks[1]), queue=queue) == "ben amy"


@pytest.mark.parametrize("strategy", [made() for made in BY_IDLENESS + BY_IDLENESS_AND_SKILL], ids=named)
def test_an_offer_that_the_agent_missed_moves_that_agent_back_whatever_the_clock(strategy: Strategy) -> None:
    queue = Queue(name="q", idle_clock=IdleClock.CALL_END)

    assert order(strategy, agent("amy", missed_at=7), agent("ben", call_ended_at=5), queue=queue) == "ben amy"


@pytest.mark.parametrize("strategy", [made() for made in BY_IDLENESS + BY_IDLENESS_AND_SKILL], ids=named)
def test_a_tie_of_all_clocks_goes_to_whose_last_offer_is_longer_ago_and_so_never_twice_to_the_same(
    strategy: Strategy,
) -> None:
    """The caller who hung up while amy's phone rang moved no clock of hers."""
    asked = agent("amy", offered_at=5, offered_in={"q": 5})

    assert order(strategy, asked, agent("ben")) == "ben amy"


def test_the_built_in_strategies_come_in_by_the_public_door() -> None:
    installed = {point.name: point.load() for point in entry_points(group="stasis_acd.strategies")}

    assert {
        "longest_idle": LongestIdle,
        "ring_all": RingAll,
        "ring_progressively": RingProgressively,
        "round_robin": RoundRobin,
        "fixed_order": FixedOrder,
        "fewest_calls": FewestCalls,
        "least_talk_time": LeastTalkTime,
        "least_occupied": LeastOccupied,
        "random": RandomOrder,
        "weighted_random": WeightedRandom,
        "most_skilled": MostSkilled,
        "idle_first": IdleFirst,
    }.items() <= installed.items()
    for made in installed.values():
        assert isinstance(made(), KeyStrategy) != isinstance(made(), RankStrategy)


# --- one by one ------------------------------------------------------------------------------------------------------


def test_longest_idle_looks_at_the_rank_in_this_queue_alone() -> None:
    elsewhere = agent("amy", idle_since=1)
    elsewhere.profile.queues["other"] = 9  # type: ignore[index]

    assert order(LongestIdle(), elsewhere, agent("ben", idle_since=2)) == "amy ben"


def test_ring_all_rings_as_many_as_it_may_from_the_first_moment() -> None:
    assert isinstance(RingAll(), WideStrategy)
    assert list(RingAll().widths(QUEUE)) == [Width(after_s=0, phones=20)]
    assert list(RingAll(most=3).widths(QUEUE)) == [Width(after_s=0, phones=3)]


def test_ring_progressively_adds_a_phone_at_each_step() -> None:
    assert list(RingProgressively(every_s=4, most=3).widths(QUEUE)) == [Width(0, 1), Width(4, 2), Width(8, 3)]
    assert list(RingProgressively().widths(QUEUE))[:2] == [Width(0, 1), Width(10, 2)]
    assert len(RingProgressively().widths(QUEUE)) == 20


def test_no_other_strategy_says_how_many_phones_ring() -> None:
    wide = [named(strategy) for strategy in BY_RANK if isinstance(strategy, WideStrategy)]

    assert wide == ["RingAll", "RingProgressively"]


def test_round_robin_remembers_offers_of_this_queue_alone() -> None:
    amy = agent("amy", offered_in={"q": 10, "other": 900}, offered_at=900, idle_since=900)
    ben = agent("ben", offered_in={"q": 20}, offered_at=20, idle_since=20)

    assert order(RoundRobin(), amy, ben, agent("new", idle_since=950)) == "new amy ben"


def test_round_robin_gives_everybody_the_same_number_of_offers() -> None:
    offered: dict[str, int] = {}
    asked = Counter[str]()
    for now in range(1, 31):
        agents = [agent(name, offered_in={"q": offered[name]} if name in offered else {}) for name in ("c", "a", "b")]
        first = order(RoundRobin(), *agents).split()[0]
        asked[first] += 1
        offered[first] = now

    assert asked == {"a": 10, "b": 10, "c": 10}


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        ({}, "cat amy ben dan"),
        ({"cat": 1}, "amy ben dan cat"),
        ({"cat": 1, "amy": 1, "ben": 1}, "dan cat amy ben"),
        ({"cat": 2, "amy": 1, "ben": 1, "dan": 1}, "amy ben dan cat"),
    ],
)
def test_fixed_order_goes_down_the_list_for_each_caller_and_begins_again(tried: dict[str, int], expected: str) -> None:
    strategy = FixedOrder(order=["cat", "amy", "nobody"])
    agents = [agent(name, idle_since=number) for number, name in enumerate(("dan", "ben", "amy", "cat"))]

    assert order(strategy, *agents, tried=tried) == expected
    assert ranked(strategy, *agents, tried=tried).reason == (
        "next in the fixed order" if tried else "first in the fixed order"
    )


def test_fixed_order_without_a_list_goes_by_name() -> None:
    assert order(FixedOrder(), agent("ben"), agent("amy")) == "amy ben"


def test_fixed_order_refuses_a_list_that_names_somebody_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        FixedOrder(order=["amy", "ben", "amy"])


def test_fewest_calls_counts_since_log_in_or_ever() -> None:
    amy, ben = agent("amy", answered=9, shift_answered=1), agent("ben", answered=3, shift_answered=2)

    assert order(FewestCalls(), amy, ben) == "amy ben"
    assert order(FewestCalls(since="ever"), amy, ben) == "ben amy"


def test_least_talk_time_counts_since_log_in_or_ever() -> None:
    amy, ben = agent("amy", talk_ms=9, shift_talk_ms=1), agent("ben", talk_ms=3, shift_talk_ms=2)

    assert order(LeastTalkTime(), amy, ben) == "amy ben"
    assert order(LeastTalkTime(since="ever"), amy, ben) == "ben amy"


def test_least_occupied_compares_shares_of_shifts_and_not_times() -> None:
    all_day = agent("amy", shift_since=NOW - 1_000_000, shift_busy_ms=500_000)
    just_here = agent("ben", shift_since=NOW - 10_000, shift_busy_ms=6_000)

    assert order(LeastOccupied(), just_here, all_day) == "amy ben"
    assert ranked(LeastOccupied(), just_here, all_day).reason == "busy for 50% of the shift"
    assert order(LeastOccupied(), agent("amy", shift_since=NOW, shift_busy_ms=0)) == "amy"


def test_random_is_the_same_for_the_same_round_and_drawn_anew_for_the_next() -> None:
    agents = [agent(f"agent-{number}") for number in range(30)]
    draws = {
        (call, rounds): order(RandomOrder(), *agents, id=call, rounds=rounds) for call in "ab" for rounds in (0, 1)
    }

    assert len(set(draws.values())) == 4
    assert draws["a", 0] == order(RandomOrder(), *reversed(agents), id="a", rounds=0, now=5)
    assert ranked(RandomOrder(), *agents).reason == "by chance"


def test_random_gives_each_of_the_six_orders_of_three_the_same_chance() -> None:
    agents = [agent(name) for name in ("agent-1", "agent-2", "agent-3")]
    seen = Counter(order(RandomOrder(), *agents, id=f"17000000{number}.{number}") for number in range(6_000))

    assert len(seen) == 6
    assert all(abs(count - 1_000) < 4 * sqrt(6_000 * 1 / 6 * 5 / 6) for count in seen.values())


@pytest.mark.parametrize(
    ("by_skill", "ranks", "levels", "share_of_the_first"),
    [(False, (0, 1), (1, 1), 2 / 3), (False, (0, 3), (1, 99), 4 / 5), (True, (0, 0), (75, 25), 3 / 4)],
)
def test_weighted_random_asks_first_in_proportion_to_the_weight(
    by_skill: bool, ranks: tuple[int, int], levels: tuple[int, int], share_of_the_first: float
) -> None:
    strategy = WeightedRandom(by_skill=by_skill)
    agents = [
        agent(f"agent-{n}", rank=rank, skills={"german": level, "french": 99})
        for n, (rank, level) in enumerate(zip(ranks, levels, strict=True))
    ]
    calls = 4_000
    firsts = Counter(order(strategy, *agents, requires="german", id=f"c{n}").split()[0] for n in range(calls))

    error = sqrt(share_of_the_first * (1 - share_of_the_first) / calls)
    assert abs(firsts["agent-0"] / calls - share_of_the_first) < 4 * error


def test_weighted_random_by_skill_weighs_everybody_alike_where_nothing_is_asked_for() -> None:
    agents = [agent("amy", skills={"german": 99}), agent("ben")]
    firsts = Counter(order(WeightedRandom(by_skill=True), *agents, id=f"c{n}").split()[0] for n in range(2_000))

    assert abs(firsts["amy"] - 1_000) < 4 * sqrt(500)
    assert ranked(WeightedRandom(by_skill=True), *agents).reason == "by chance, weighted by skill"
    assert ranked(WeightedRandom(), *agents).reason == "by chance, weighted by rank"


def test_most_skilled_adds_up_the_levels_that_are_asked_for_and_no_others() -> None:
    amy = agent("amy", skills={"german": 60, "sales": 10, "french": 100})
    ben = agent("ben", skills={"german": 50, "sales": 30})

    assert order(MostSkilled(), amy, ben, requires="german and sales >= 5 and not french") == "ben amy"
    assert order(MostSkilled(), amy, ben, requires="german") == "amy ben"
    assert order(MostSkilled(), amy, ben, requires="german or sales") == "ben amy"


def test_most_skilled_says_by_what_the_first_is_first() -> None:
    amy = agent("amy", skills={"german": 60, "sales": 7})

    assert ranked(MostSkilled(), amy, requires="sales and german").reason == "highest in german 60, sales 7"
    assert ranked(MostSkilled(), amy).reason == "longest idle"
    assert ranked(MostSkilled()).agents == ()


@pytest.mark.parametrize(
    ("step_s", "expected"),
    [(60, "ben amy cat"), (10, "amy ben cat"), (0, "amy ben cat"), (3600, "ben cat amy")],
)
def test_idle_first_compares_idleness_in_steps_and_then_levels(step_s: float, expected: str) -> None:
    agents = [
        agent("amy", idle_since=NOW - 110_000, skills={"german": 10}),
        agent("ben", idle_since=NOW - 90_000, skills={"german": 90}),
        agent("cat", idle_since=NOW - 20_000, skills={"german": 80}),
    ]

    assert order(IdleFirst(step_s=step_s), *agents, requires="german") == expected
    assert ranked(IdleFirst(step_s=step_s), *agents, requires="german").reason == "longest idle, then highest level"


@pytest.mark.parametrize("strategy", [one for one in BY_RANK if isinstance(one, RankStrategy)], ids=named)
def test_nobody_is_an_answer_to_nobody(strategy: Strategy) -> None:
    assert order(strategy) == ""
