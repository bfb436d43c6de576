"""The strategies' edges: defaults, least weights, steps to the millisecond, and the words of their answers."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import blake2b
from math import sqrt

import pytest

from acd.call import Call
from acd.strategies import chance as chance_module
from acd.strategies.aliases import ALIASES, known_as
from acd.strategies.chance import chance
from acd.strategies.fixed_order import FixedOrder
from acd.strategies.idle_first import IdleFirst
from acd.strategies.least_occupied import LeastOccupied
from acd.strategies.weighted_random import WeightedRandom
from acd.strategy import Strategy
from tests.unit.strategy_people import NOW, agent, order, ranked


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("ringall", "ring_all"), ("top-down", "fixed_order"), ("longest_idle", "longest_idle"), ("mine:Own", "mine:Own")],
)
def test_a_name_of_others_is_ours_and_any_other_name_is_itself(theirs: str, ours: str) -> None:
    assert known_as(theirs) == ours


@pytest.mark.parametrize("ours", sorted(set(ALIASES.values())))
def test_no_name_of_ours_means_something_else_to_others(ours: str) -> None:
    assert known_as(ours) == ours


# --- chance ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "rounds", "name", "drawn"),
    [
        ("a", 0, "amy", b"a\n0\namy"),
        ("17.1", 2, "ben", b"17.1\n2\nben"),
        ("\u00fc", 0, "amy", b"\xc3\xbc\n0\namy"),
        ("\ud800", 0, "amy", b"\\ud800\n0\namy"),
    ],
)
def test_chance_is_the_same_on_every_machine_and_of_any_name(call: str, rounds: int, name: str, drawn: bytes) -> None:
    number = int.from_bytes(blake2b(drawn, digest_size=8).digest(), "big")

    assert chance(Call(id=call, queue="q", rounds=rounds), name) == pytest.approx(number / 2**64, rel=1e-12)


def test_chance_is_above_zero_whatever_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Zeros:
        def __init__(self, drawn: bytes, *, digest_size: int) -> None:
            self.size = digest_size

        def digest(self) -> bytes:
            return bytes(self.size)

    monkeypatch.setattr(chance_module, "blake2b", Zeros)

    assert chance(Call(id="c", queue="q"), "amy") == 0.5 / 2**64


@pytest.mark.parametrize(
    ("requires", "amy", "ben", "share_of_ben"),
    [
        ("german or sales", {"german": 1}, {"german": 1, "sales": 1}, 2 / 3),
        ("german", {}, {"german": 2}, 2 / 3),
        ("german", {}, {"german": 1}, 1 / 2),
        ("not german", {"french": 99}, {}, 1 / 2),
    ],
)
def test_the_least_weight_by_skill_is_one_and_what_one_lacks_weighs_nothing(
    requires: str, amy: dict[str, int], ben: dict[str, int], share_of_ben: float
) -> None:
    agents = [agent("amy", skills=amy), agent("ben", skills=ben)]
    calls = 2_000
    firsts = Counter(
        order(WeightedRandom(by_skill=True), *agents, requires=requires, id=f"c{n}").split()[0] for n in range(calls)
    )

    assert abs(firsts["ben"] / calls - share_of_ben) < 4 * sqrt(share_of_ben * (1 - share_of_ben) / calls)


# --- idleness and occupancy ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "longer_ms", "shorter_ms", "first"),
    [
        (IdleFirst(), 60_000, 59_999, "weak"),
        (IdleFirst(), 119_999, 60_000, "good"),
        (IdleFirst(), 120_000, 119_999, "weak"),
        (IdleFirst(step_s=1), 1_000, 999, "weak"),
        (IdleFirst(step_s=0.5), 999, 500, "good"),
        (IdleFirst(step_s=3600), 7_199_999, 3_600_000, "good"),
        (IdleFirst(step_s=0), 3, 2, "weak"),
        (IdleFirst(step_s=0), 2, 2, "good"),
    ],
)
def test_idle_first_compares_whole_steps_a_minute_if_nothing_is_said_and_milliseconds_at_zero(
    strategy: Strategy, longer_ms: int, shorter_ms: int, first: str
) -> None:
    weak = agent("weak", idle_since=NOW - longer_ms, skills={"german": 1})
    good = agent("good", idle_since=NOW - shorter_ms, skills={"german": 99})

    assert order(strategy, good, weak, requires="german").split()[0] == first


def test_idle_first_counts_a_skill_that_one_lacks_as_nothing() -> None:
    lacks_one = agent("amy", skills={"german": 2})
    has_both = agent("ben", skills={"german": 1, "sales": 1})

    assert order(IdleFirst(), lacks_one, has_both, requires="german or sales") == "amy ben"
    assert order(IdleFirst(), has_both, agent("cat", skills={"german": 3}), requires="german or sales") == "cat ben"
    assert order(IdleFirst(), has_both, agent("abe", skills={"german": 1}), requires="german or sales") == "ben abe"


@pytest.mark.parametrize(
    ("requires", "reason"),
    [("german", "longest idle, then highest level"), ("", "longest idle"), ("not german", "longest idle")],
)
def test_idle_first_speaks_of_levels_only_where_skills_are_asked_for(requires: str, reason: str) -> None:
    assert ranked(IdleFirst(), agent("amy"), requires=requires).reason == reason


def test_least_occupied_takes_a_shift_of_a_millisecond_for_what_it_is() -> None:
    just_here = agent("amy", shift_since=NOW - 1, shift_busy_ms=1)
    longer = agent("ben", shift_since=NOW - 4, shift_busy_ms=3)

    assert order(LeastOccupied(), just_here, longer) == "ben amy"


def test_a_list_that_names_somebody_twice_is_refused_with_the_remedy() -> None:
    words = "order names somebody twice: name each agent once"
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        FixedOrder(order=["amy", "amy"])
