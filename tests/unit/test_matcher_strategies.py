"""Whatever a strategy does, every decision gets a full order, and failures are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from acd.agent import AgentActivity, AgentStatus
from acd.call import CallState
from acd.events import (
    CallEnded,
    CallQueued,
)
from acd.matcher import free_agents
from acd.ports import Refusal, Refused, Snapshot
from acd.queue import Queue
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategy import Candidate, Ranking, Situation, SortKey, Strategy
from tests.unit.matcher_pool import NOW, Pool, caller, profile, ready


class ByName:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return agent.id


class ByNameBackwards:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking(sorted((agent.id for agent in situation.candidates), reverse=True), "backwards")


THREE = (ready("amy", idle_since=3), ready("ben", idle_since=2), ready("cat", idle_since=1))


def three(strategy: object, **fields: Any) -> Pool:
    queue = Queue(name="q", strategy="theirs", **fields)
    profiles = [profile(agent.id) for agent in THREE]
    return Pool(*profiles, queues=[queue], strategies={"q": strategy}).agents(*THREE)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (LongestIdle(), ("cat", "ben", "amy")),
        (MostSkilled(), ("cat", "ben", "amy")),
        (ByName(), ("amy", "ben", "cat")),
        (ByNameBackwards(), ("cat", "ben", "amy")),
    ],
)
def test_the_queues_strategy_orders_the_agents(strategy: Strategy, expected: tuple[str, ...]) -> None:
    [proposal] = three(strategy).calls(caller("a")).propose()

    assert proposal.agents == expected


def test_a_key_follows_the_agents_own_events() -> None:
    pool = three(LongestIdle())
    pool.propose()
    pool.agents(ready("cat", idle_since=9))

    assert pool.calls(caller("a")).propose()[0].agents == ("ben", "amy", "cat")


@pytest.mark.parametrize("very_few", [0, free_agents.VERY_FEW], ids=["in a row", "one by one"])
def test_a_key_that_was_asked_for_follows_the_agents_own_events(very_few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_agents, "VERY_FEW", very_few)
    pool = three(LongestIdle())
    assert pool.calls(caller("a")).propose()[0].agents == ("cat", "ben", "amy")
    pool.agents(ready("amy", idle_since=1))

    assert pool.calls(caller("b")).propose()[0].agents == ("amy", "ben")


def test_a_strategy_orders_but_cannot_leave_out_or_add() -> None:
    class Picky:
        def rank(self, situation: Situation) -> Ranking:
            return Ranking(["nobody", "amy", "amy"])

    pool = three(Picky())
    [proposal] = pool.calls(caller("a")).propose()

    assert proposal.agents == ("amy", "cat", "ben")
    assert pool.matcher.troubles == []


class Raises:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        raise ValueError("no idea")


class RaisesForBen:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        if agent.id == "ben":
            raise ValueError("no idea")
        return agent.id


class NotANumber:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return (1, float("nan"))


class AnswersNone:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return None  # type: ignore[return-value]


class Mixes:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return 1 if agent.id == "amy" else "one"


class RaisesInRank:
    def rank(self, situation: Situation) -> Ranking:
        raise KeyError


class AnswersACandidate:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking(list(situation.candidates))  # type: ignore[arg-type]


class AnswersAString:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking("amy")


class AnswersAList:
    def rank(self, situation: Situation) -> Ranking:
        return ["amy"]  # type: ignore[return-value]


@pytest.mark.parametrize(
    "strategy",
    [
        Raises,
        RaisesForBen,
        NotANumber,
        AnswersNone,
        Mixes,
        RaisesInRank,
        AnswersACandidate,
        AnswersAString,
        AnswersAList,
    ],
)
def test_when_a_strategy_fails_longest_idle_decides_and_it_is_told(strategy: type) -> None:
    pool = three(strategy())
    [proposal] = pool.calls(caller("a")).propose()

    assert proposal.agents == ("cat", "ben", "amy")
    assert pool.matcher.troubles
    trouble = pool.matcher.troubles[0]
    assert (trouble.queue, trouble.strategy) == ("q", "theirs")
    assert trouble.what


def test_a_strategy_that_fails_three_times_is_switched_off_until_its_queue_changes() -> None:
    pool = three(RaisesInRank())
    for number in range(5):
        [proposal] = pool.calls(caller(f"c{number}")).propose()
        pool.apply(CallEnded(at=NOW, call=replace(caller(f"c{number}"), state=CallState.ENDED)))
        pool.matcher.settle(proposal, Refused(why=Refusal.UNKNOWN))
    assert [trouble.switched_off for trouble in pool.matcher.troubles] == [False, False, True]

    pool.matcher.configure(replace(pool.configuration, version=2), {"q": RaisesInRank()})
    pool.calls(caller("same")).propose()
    assert len(pool.matcher.troubles) == 3, "its queue is as it was: it stays off"

    queue = replace(pool.configuration.queues["q"], strategy_options={"mended": True})
    pool.matcher.configure(replace(pool.configuration, queues={"q": queue}), {"q": ByName()})
    pool.matcher.reset(
        Snapshot(agents={one.id: one for one in THREE}, calls={}, offers={}, position="", at=NOW, epoch="e")
    )
    pool.matcher.apply(CallQueued(at=NOW, call=caller("new")))
    assert pool.propose()[0].agents == ("amy", "ben", "cat")


def test_a_key_strategy_that_is_switched_off_leaves_no_key_behind() -> None:
    pool = three(Mixes())
    for number in range(4):
        [proposal] = pool.calls(caller(f"c{number}")).propose()
        assert proposal.agents == ("cat", "ben", "amy")
        pool.apply(CallEnded(at=NOW, call=replace(caller(f"c{number}"), state=CallState.ENDED)))
        pool.matcher.settle(proposal, Refused(why=Refusal.UNKNOWN))
        pool.agents(*THREE)


def test_once_a_strategy_is_switched_off_those_who_were_free_before_are_still_found() -> None:
    names = [f"agent-{number}" for number in range(5)]
    queue = Queue(name="q", strategy="theirs")
    pool = Pool(*[profile(name) for name in names], queues=[queue], strategies={"q": RaisesInRank()})
    pool.agents(*[ready(name, idle_since=number) for number, name in enumerate(names)])

    served = [pool.calls(caller(f"c{number}")).pairs() for number in range(5)]
    assert served == [[(f"c{number}", name)] for number, name in enumerate(names)]


def test_a_strategy_that_fails_for_one_agent_decides_again_when_that_one_is_gone() -> None:
    pool = three(RaisesForBen())
    pool.propose()
    pool.agents(replace(ready("ben"), status=AgentStatus.ON_BREAK))

    assert pool.calls(caller("a")).propose()[0].agents == ("amy", "cat")


def test_why_names_the_strategy_its_reason_and_how_the_agents_stood() -> None:
    pool = three(ByNameBackwards())
    pool.agents(ready("amy", activity=AgentActivity.TALKING))

    assert pool.calls(caller("a")).propose()[0].why == "theirs: backwards; best cat, ben; 2 free of 3, 1 with calls"
