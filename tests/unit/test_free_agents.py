"""The free agents of a queue: whichever way they are looked up, the first by their keys and a few spares."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from acd.call import Call
from acd.matcher import free_agents
from acd.matcher.free_agents import FreeAgents
from acd.matcher.ordering import Ordering
from acd.matcher.slots import AVAILABLE, COUNTED, AgentSlot, RequirementClass, StrategyTrouble
from acd.matcher.terms import Terms
from acd.queue import Queue
from acd.strategy import Candidate, Ranking, Situation, SortKey, Strategy
from tests.unit.matcher_pool import NOW, profile, ready

QUEUE = Queue(name="q", strategy="theirs")
CALL = Call(id="c", queue="q")

ONE_BY_ONE = {"VERY_FEW": 1_000}
ROW_OF_ITS_OWN = {"VERY_FEW": 0, "FEW": 1_000}
QUEUES_ROW = {"VERY_FEW": 0, "FEW": 0, "FEW_OF_ALL": 1_000}


class ByName:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return agent.id


class NoKeyFor(ByName):
    def __init__(self, bad: str, key: Callable[[], SortKey]) -> None:
        self.bad, self.bad_key = bad, key

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return self.bad_key() if agent.id == self.bad else agent.id


class Backwards:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking(sorted([one.id for one in situation.candidates], reverse=True), "backwards")


def fails() -> SortKey:
    raise ValueError("no idea")


def incomparable() -> SortKey:
    return 7


class Desk:
    """A queue's agents, who come and go. The later a name in the alphabet, the longer that agent is idle."""

    def __init__(self, names: str, strategy: Strategy) -> None:
        self.troubles: list[StrategyTrouble] = []
        idle = {name: 1_000 - number for number, name in enumerate(sorted(names.split()))}
        self.slots = {
            name: AgentSlot(name, profile=profile(name), live=ready(name, idle_since=since))
            for name, since in idle.items()
        }
        self.free = FreeAgents(Ordering(QUEUE, strategy, self.troubles.append), [0] * len(COUNTED), self.slots)
        for name in names.split():
            self.comes(name)

    def comes(self, name: str) -> None:
        slot = self.slots[name]
        slot.free, slot.shown = True, None
        slot.spell += 1
        self.free.counts[AVAILABLE] += 1
        self.free.add(slot)

    def goes(self, name: str) -> None:
        self.slots[name].free = False
        self.free.counts[AVAILABLE] -= 1

    def kind(self, *tiers: str) -> RequirementClass:
        """The callers whom these can take, first who are to be asked first; by itself, all of the queue."""
        split = [{one: self.slots[one] for one in tier.split()} for tier in tiers or (" ".join(self.slots),)]
        takers = {one: slot for tier in split for one, slot in tier.items()}
        return RequirementClass("q", Terms("q"), takers, split)

    def choose(self, kind: RequirementClass | None = None, wanted: int = 1, barred: Sequence[str] = ()) -> str:
        choice = self.free.choose(kind or self.kind(), CALL, wanted, NOW, barred)
        return "" if choice is None else " ".join([one.id for one in choice.agents])


@pytest.fixture
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in request.param.items():
        monkeypatch.setattr(free_agents, name, value)


def in_every_way(test: Callable[..., None]) -> Callable[..., None]:
    ways = pytest.mark.parametrize(
        "way", [ONE_BY_ONE, ROW_OF_ITS_OWN, QUEUES_ROW], ids=["each", "own row", "one row"], indirect=True
    )
    marked: Callable[..., None] = pytest.mark.usefixtures("way")(ways(test))
    return marked


@in_every_way
@pytest.mark.parametrize(
    ("tiers", "wanted", "barred", "chosen"),
    [
        ((), 1, "", "a b c d e"),
        ((), 2, "", "a b c d e f"),
        ((), 2, "b a", "c d e f g h"),
        (("c g b",), 1, "", "b c g"),
        (("c g b",), 1, "b", "c g"),
        (("c g b",), 1, "b c g", ""),
        (("h d", "a b", "f c"), 1, "", "d h a b c"),
        (("h d", "a b", "f c"), 1, "h a", "d b c f"),
        (("h d f g b a",), 1, "", "a b d f g"),
        (("h g", "a b c d"), 1, "", "g h a b c"),
    ],
)
def test_the_first_by_key_and_four_spares_those_of_the_first_tier_before_all_others(
    tiers: tuple[str, ...], wanted: int, barred: str, chosen: str
) -> None:
    desk = Desk("a b c d e f g h", ByName())

    assert desk.choose(desk.kind(*tiers), wanted, barred.split()) == chosen


@in_every_way
def test_whoever_came_after_the_last_look_is_found_and_whoever_went_is_not() -> None:
    desk = Desk("d b f", ByName())
    kind = desk.kind()
    assert desk.choose(kind) == "b d f"
    desk.goes("b")
    assert desk.choose(kind) == "d f"
    desk.comes("b")
    desk.goes("f")
    assert desk.choose(kind) == "b d"
    desk.goes("d")
    desk.goes("b")
    assert desk.choose(kind) == ""


@in_every_way
def test_those_who_come_and_go_for_long_are_found_after_the_oldest_were_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_agents, "LEAST_TO_TRIM", 2)
    desk = Desk("a b c d e f", ByName())
    kind = desk.kind()
    for name in "abcdef" * 9:
        assert desk.choose(kind).split() == sorted("abcdef")[:5]
        desk.goes(name)
        assert name not in desk.choose(kind)
        desk.comes(name)
        if name == "d":
            desk.goes("a")
            desk.comes("a")


@in_every_way
def test_whoever_went_and_came_back_with_another_key_stands_by_that_one() -> None:
    keys: dict[str, SortKey] = {"a": 1, "b": 2, "c": 3}

    class ByKeys:
        def key(self, agent: Candidate, queue: Queue) -> SortKey:
            return keys[agent.id]

    desk = Desk("a b c", ByKeys())
    kind = desk.kind()
    assert desk.choose(kind) == "a b c"
    desk.goes("a")
    keys["a"] = 9
    desk.comes("a")

    assert desk.choose(kind) == "b c a"


@in_every_way
@pytest.mark.parametrize(
    ("key", "what"),
    [
        (fails, r"key\('b'\) raised ValueError: no idea"),
        (incomparable, r"key\('[abc]'\) cannot be compared with other keys: '[<>]' not supported between .*"),
    ],
)
def test_while_one_without_a_usable_key_is_free_longest_idle_decides_and_it_is_told(
    key: Callable[[], SortKey], what: str
) -> None:
    desk = Desk("a b c", NoKeyFor("b", key))
    choice = desk.free.choose(desk.kind(), CALL, 1, NOW)

    assert choice is not None
    assert [one.id for one in choice.agents] == ["c", "b", "a"]
    assert choice.reason == "longest idle, as the strategy failed"
    assert [(one.queue, one.strategy) for one in desk.troubles] == [("q", "theirs")]
    assert re.fullmatch(what, desk.troubles[0].what)


@in_every_way
def test_once_the_one_without_a_usable_key_is_taken_the_strategy_decides_again() -> None:
    desk = Desk("a b c", NoKeyFor("b", fails))
    kind = desk.kind()
    assert [desk.choose(kind), desk.choose(kind)] == ["c b a"] * 2
    desk.goes("b")

    assert desk.choose(kind) == "a c"


@in_every_way
def test_one_who_comes_back_after_a_spell_without_a_key_does_not_leave_longest_idle_in_force() -> None:
    usable = False

    def sometimes() -> SortKey:
        return "b" if usable else fails()

    desk = Desk("a b c", NoKeyFor("b", sometimes))
    kind = desk.kind()
    assert desk.choose(kind) == "c b a"
    desk.goes("b")
    desk.comes("b")
    usable = True

    assert desk.choose(kind) == "a b c"


@in_every_way
def test_a_strategy_that_is_switched_off_leaves_no_order_behind() -> None:
    desk = Desk("a b c d", NoKeyFor("d", fails))
    kind = desk.kind()
    for _ in range(3):
        assert desk.choose(kind) == "d c b a"
        desk.goes("d")
        assert desk.choose(kind).split()[0] == ("a" if len(desk.troubles) < 3 else "c")
        desk.comes("d")

    assert [one.switched_off for one in desk.troubles] == [False, False, True]
    assert desk.choose(kind) == "d c b a"


def test_a_key_is_asked_for_once_in_each_spell_and_only_of_those_who_can_take_the_calls() -> None:
    asked: list[str] = []

    class Counts(ByName):
        def key(self, agent: Candidate, queue: Queue) -> SortKey:
            asked.append(agent.id)
            return agent.id

    desk = Desk("a b c d", Counts())
    kind = desk.kind("b d")
    assert [desk.choose(kind), desk.choose(kind)] == ["b d", "b d"]
    assert asked == ["b", "d"]
    desk.goes("b")
    desk.comes("b")
    assert desk.choose(kind) == "b d"
    assert asked == ["b", "d", "b"]


@pytest.mark.parametrize(
    ("tiers", "barred", "chosen"),
    [
        ((), "", "f e d c b"),
        ((), "e d", "f c b a"),
        (("a c", "b f"), "", "c a f b"),
        (("c",), "", "c"),
        (("c",), "c", ""),
    ],
)
def test_a_strategy_that_ranks_is_asked_about_those_who_may_be_asked(
    tiers: tuple[str, ...], barred: str, chosen: str
) -> None:
    desk = Desk("a b c d e f", Backwards())

    assert desk.choose(desk.kind(*tiers), barred=barred.split()) == chosen


@pytest.mark.parametrize("many", [4, 40])
def test_of_many_takers_of_whom_few_are_free_a_strategy_that_ranks_sees_those_few(many: int) -> None:
    desk = Desk(" ".join(f"a{number:02}" for number in range(many)), Backwards())
    for number in range(3, many):
        desk.goes(f"a{number:02}")
    desk.goes("a01")
    desk.comes("a01")

    assert desk.choose() == "a02 a01 a00"
    assert desk.choose(desk.kind("a00 a03")) == "a00"
