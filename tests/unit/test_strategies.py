"""What the built-in strategies promise, said by example."""

from __future__ import annotations

from importlib.metadata import entry_points

from acd.agent import Agent, AgentProfile
from acd.call import Call
from acd.queue import Queue
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategy import Candidate, KeyStrategy, Ranking, RankStrategy, Situation

QUEUE = Queue(name="q")


def agent(name: str, *, idle_since: int = 0, rank: int = 0, **skills: int) -> Candidate:
    return Candidate(AgentProfile(id=name, queues={"q": rank}, skills=skills), Agent(id=name, idle_since=idle_since))


def idlest_first(*agents: Candidate) -> list[str]:
    strategy = LongestIdle()
    return [one.id for one in sorted(agents, key=lambda one: (strategy.key(one, QUEUE), one.id))]


def best_first(*agents: Candidate, **requires: int) -> Ranking:
    call = Call(id="c", queue="q", requires=requires)
    return MostSkilled().rank(Situation(call=call, queue=QUEUE, candidates=agents, now=9))


def test_longest_idle_asks_whose_idle_clock_started_first() -> None:
    assert idlest_first(agent("amy", idle_since=2), agent("ben", idle_since=1)) == ["ben", "amy"]


def test_longest_idle_asks_a_lower_rank_before_a_longer_idleness() -> None:
    assert idlest_first(agent("amy", idle_since=1, rank=1), agent("ben", idle_since=2)) == ["ben", "amy"]


def test_longest_idle_looks_at_the_rank_in_this_queue_alone() -> None:
    ranked_elsewhere = Candidate(AgentProfile(id="amy", queues={"q": 0, "other": 9}), Agent(id="amy", idle_since=1))

    assert idlest_first(ranked_elsewhere, agent("ben", idle_since=2)) == ["amy", "ben"]


def test_longest_idle_leaves_ties_to_the_id() -> None:
    assert idlest_first(agent("ben"), agent("amy")) == ["amy", "ben"]


def test_most_skilled_asks_the_highest_level_first() -> None:
    assert best_first(agent("amy", german=60), agent("ben", german=90), german=50).agents == ["ben", "amy"]


def test_most_skilled_adds_up_the_levels_that_the_call_requires_and_no_others() -> None:
    amy, ben = agent("amy", german=60, sales=10, french=100), agent("ben", german=50, sales=30)

    assert best_first(amy, ben, german=1, sales=1).agents == ["ben", "amy"]


def test_most_skilled_asks_a_lower_rank_before_a_better_one() -> None:
    assert best_first(agent("amy", german=99, rank=1), agent("ben", german=1), german=1).agents == ["ben", "amy"]


def test_most_skilled_lets_idleness_then_the_id_break_ties() -> None:
    agents = [agent("cat", idle_since=1, german=5), agent("ben", german=5), agent("amy", german=5)]

    assert best_first(*agents, german=1).agents == ["amy", "ben", "cat"]


def test_most_skilled_says_by_what_the_first_is_first() -> None:
    assert best_first(agent("amy", german=60, sales=7), german=1, sales=1).reason == "highest in german 60, sales 7"
    assert best_first(agent("amy", german=60)).reason == "longest idle"
    assert best_first().agents == ()


def test_the_built_in_strategies_come_in_by_the_public_door() -> None:
    installed = {point.name: point.load() for point in entry_points(group="stasis_acd.strategies")}

    assert installed["longest_idle"] is LongestIdle
    assert installed["most_skilled"] is MostSkilled
    assert isinstance(LongestIdle(), KeyStrategy)
    assert not isinstance(LongestIdle(), RankStrategy)
    assert isinstance(MostSkilled(), RankStrategy)
    assert not isinstance(MostSkilled(), KeyStrategy)
