"""What callers and agents may rely on when they are matched, one promise a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.events import (
    AgentRemoved,
    AgentStatusChanged,
    AnyEvent,
    CallEnded,
    CallQueued,
    CallTakenOver,
    OfferEnded,
    OfferMade,
    WrapUpEnded,
)
from acd.matcher import Matcher, Proposal
from acd.offer import Offer
from acd.ports import Refusal, Refused, Snapshot
from acd.queue import Queue
from acd.strategies.longest_idle import LongestIdle
from acd.strategies.most_skilled import MostSkilled
from acd.strategy import Candidate, Ranking, Situation, SortKey, Strategy

NOW = 1_000_000


def profile(agent: str, *queues: str, **skills: int) -> AgentProfile:
    return AgentProfile(id=agent, queues=dict.fromkeys(queues or ("q",), 0), skills=skills)


def ready(agent: str, **fields: Any) -> Agent:
    return Agent(id=agent, status=AgentStatus.READY, reachable=True, **fields)


def caller(call: str, *, queue: str = "q", since: int = NOW, priority: float = 0.0, **requires: int) -> Call:
    return Call(id=call, queue=queue, queued_at=since, priority=priority, requires=requires)


class Pool:
    """A matcher with the little of a store that examples need: it numbers events and makes offers."""

    def __init__(
        self,
        *profiles: AgentProfile,
        queues: Sequence[Queue] = (Queue(name="q"),),
        strategies: Mapping[str, Strategy] | None = None,
    ) -> None:
        self.configuration = Configuration(
            queues={queue.name: queue for queue in queues}, agents={one.id: one for one in profiles}
        )
        self.strategies = dict(strategies or {})
        self.matcher = Matcher(self.configuration, self.strategies)
        self.events = 0
        self.now = NOW

    def apply(self, event: AnyEvent) -> AnyEvent:
        self.events += 1
        numbered = replace(event, id=f"{NOW}-{self.events}")
        self.matcher.apply(numbered)
        return numbered

    def agents(self, *agents: Agent) -> Pool:
        for agent in agents:
            self.apply(AgentStatusChanged(at=self.now, agent=agent))
        return self

    def calls(self, *calls: Call) -> Pool:
        for call in calls:
            self.apply(CallQueued(at=self.now, call=call))
        return self

    def propose(self, now: int | None = None) -> list[Proposal]:
        self.now = now or self.now
        return list(self.matcher.propose(self.now))

    def pairs(self, now: int | None = None) -> list[tuple[str, str]]:
        """Who gets whom: each call with the agent who comes first."""
        return [(proposal.call, proposal.agents[0]) for proposal in self.propose(now)]

    def offers_for(self, proposal: Proposal, count: int = 1) -> list[Offer]:
        return [
            Offer(id=f"{proposal.call}.{agent}", call=proposal.call, agent=agent, queue=proposal.queue, fence=1)
            for agent in proposal.agents[:count]
        ]

    def made(self, offer: Offer, call: Call, agent: Agent) -> AnyEvent:
        return self.apply(
            OfferMade(
                at=self.now,
                call=replace(call, state=CallState.OFFERED, offers=dict(call.offers) | {offer.id: offer.agent}),
                agent=replace(agent, activity=AgentActivity.RESERVED, offer=offer.id, call=call.id),
                offer=offer,
            )
        )

    def position(self) -> str:
        return f"{NOW}-{self.events}"


# --- who is served first ---------------------------------------------------------------------------------------------


def test_who_came_first_is_served_first() -> None:
    pool = Pool(profile("amy")).calls(caller("late", since=NOW - 1), caller("early", since=NOW - 2))

    assert pool.agents(ready("amy")).pairs() == [("early", "amy")]


def test_a_minute_of_priority_is_worth_a_minute_of_waiting() -> None:
    early, late = caller("early", since=NOW - 60_000), caller("late", since=NOW, priority=1.0)
    pool = Pool(profile("amy")).calls(late, early).agents(ready("amy"))

    assert pool.pairs() == [("early", "amy")], "equal: who came first by the clock"

    hurried = Pool(profile("amy")).calls(early, replace(late, priority=1.001)).agents(ready("amy"))
    assert hurried.pairs() == [("late", "amy")]


def test_a_queues_priority_counts_like_its_callers_own() -> None:
    queues = [Queue(name="q"), Queue(name="vip", priority=5)]
    pool = Pool(profile("amy", "q", "vip"), queues=queues)
    pool.calls(caller("early", since=NOW - 299_000), caller("late", queue="vip")).agents(ready("amy"))

    assert pool.pairs() == [("late", "amy")]


def test_a_caller_whose_agents_are_all_busy_holds_up_nobody_behind() -> None:
    pool = Pool(profile("amy"), profile("ben", german=50))
    pool.calls(caller("waits", since=NOW - 9, german=50), caller("next", since=NOW - 1))

    assert pool.agents(ready("amy")).pairs() == [("next", "amy")]


def test_a_call_that_comes_back_keeps_its_place() -> None:
    pool = Pool(profile("amy"), profile("ben")).calls(caller("first", since=NOW - 2)).agents(ready("amy"))
    [proposal] = pool.propose()
    [offer] = pool.offers_for(proposal)
    pool.matcher.settle(proposal, [offer])
    pool.made(offer, caller("first", since=NOW - 2), ready("amy"))
    pool.calls(caller("second", since=NOW - 1))
    pool.apply(
        OfferEnded(at=NOW, call=caller("first", since=NOW - 2), agent=ready("amy", cool_until=NOW + 9), offer=offer)
    )

    assert pool.agents(ready("ben")).pairs() == [("first", "ben")]


def test_one_round_serves_everybody_whom_it_can() -> None:
    pool = Pool(profile("amy"), profile("ben"), profile("cat"))
    pool.agents(ready("amy", idle_since=1), ready("ben", idle_since=2), ready("cat", idle_since=3))

    assert pool.calls(caller("a"), caller("b")).pairs() == [("a", "amy"), ("b", "ben")]


# --- who is eligible -------------------------------------------------------------------------------------------------


def test_only_agents_of_the_queue_are_asked() -> None:
    queues = [Queue(name="q"), Queue(name="other")]
    pool = Pool(profile("amy", "other"), queues=queues).agents(ready("amy")).calls(caller("a"))

    assert pool.pairs() == []


def test_a_caller_of_another_queue_who_came_meanwhile_does_not_hide_ones_own() -> None:
    pool = Pool(profile("amy"), profile("ben", "other"), queues=[Queue(name="q"), Queue(name="other")])
    [proposal] = pool.calls(caller("a")).agents(ready("amy")).propose()
    pool.matcher.settle(proposal, pool.offers_for(proposal))
    pool.calls(caller("theirs", queue="other", since=NOW - 9), replace(caller("b"), requires={}))
    assert pool.propose() == []

    pool.made(pool.offers_for(proposal)[0], caller("a"), ready("amy"))
    assert pool.agents(ready("amy")).pairs() == [("b", "amy")]


@pytest.mark.parametrize(("level", "expected"), [(49, []), (50, [("a", "amy")]), (51, [("a", "amy")])])
def test_an_agent_needs_the_level_that_the_call_asks_for(level: int, expected: list[tuple[str, str]]) -> None:
    pool = Pool(profile("amy", german=level)).agents(ready("amy")).calls(caller("a", german=50))

    assert pool.pairs() == expected


@pytest.mark.parametrize(
    "live",
    [
        ready("amy", activity=AgentActivity.RESERVED),
        ready("amy", activity=AgentActivity.TALKING),
        ready("amy", activity=AgentActivity.WRAP_UP),
        replace(ready("amy"), reachable=False),
        replace(ready("amy"), status=AgentStatus.ON_BREAK),
        replace(ready("amy"), status=AgentStatus.LOGGED_OUT),
        ready("amy", cool_until=NOW + 1),
    ],
)
def test_who_is_not_available_gets_nothing(live: Agent) -> None:
    assert Pool(profile("amy")).calls(caller("a")).agents(live).pairs() == []


@pytest.mark.parametrize("state", [CallState.CONNECTING, CallState.CONNECTED])
def test_a_call_that_has_its_agent_gets_no_offer(state: CallState) -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(replace(caller("a"), state=state))

    assert pool.pairs() == []


def test_an_agent_who_left_the_configuration_gets_nothing() -> None:
    pool = Pool(profile("amy")).agents(ready("amy"))
    pool.apply(AgentRemoved(at=NOW, agent=ready("amy")))

    assert pool.calls(caller("a")).pairs() == []


# --- how many --------------------------------------------------------------------------------------------------------


def test_a_call_gets_as_many_offers_as_its_queue_allows() -> None:
    pool = Pool(profile("amy"), profile("ben"), profile("cat"), queues=[Queue(name="q", offer_width=2)])
    pool.agents(ready("amy", idle_since=1), ready("ben", idle_since=2), ready("cat", idle_since=3))
    pool.calls(caller("a"), caller("b"))

    first, second = pool.propose()
    assert (first.agents[:2], first.width) == (("amy", "ben"), 2)
    assert second.agents == ("cat",), "those chosen for the first are not even spares"


def test_a_call_with_an_offer_out_is_offered_to_the_next_who_is_free() -> None:
    pool = Pool(profile("amy"), profile("ben"), queues=[Queue(name="q", offer_width=2)])
    pool.calls(caller("a")).agents(ready("amy"))
    [proposal] = pool.propose()
    [offer] = pool.offers_for(proposal)
    pool.matcher.settle(proposal, [offer])
    pool.made(offer, caller("a"), ready("amy"))

    assert pool.agents(ready("ben")).pairs() == [("a", "ben")]


def test_spares_follow_those_who_are_chosen() -> None:
    names = [f"agent-{number}" for number in range(9)]
    pool = Pool(*[profile(name) for name in names])
    pool.agents(*[ready(name, idle_since=number) for number, name in enumerate(names)])

    [proposal] = pool.calls(caller("a")).propose()
    assert proposal.agents == tuple(names[:5])


def test_a_spare_is_still_there_for_the_next_caller() -> None:
    pool = Pool(profile("amy"), profile("ben")).agents(ready("amy", idle_since=1), ready("ben", idle_since=2))

    [first] = pool.calls(caller("a")).propose()
    [second] = pool.calls(caller("b")).propose()

    assert first.agents == ("amy", "ben")
    assert second.agents == ("ben",)


# --- proposals that are out ------------------------------------------------------------------------------------------


def test_nothing_is_proposed_twice_while_a_proposal_is_out() -> None:
    pool = Pool(profile("amy"), profile("ben")).agents(ready("amy")).calls(caller("a"))
    assert len(pool.propose()) == 1

    assert pool.propose() == []
    assert pool.calls(caller("b")).propose() == [], "amy is held"
    assert pool.agents(ready("ben")).pairs() == [("b", "ben")], "call a is held"


def test_news_of_a_call_whose_proposal_is_out_does_not_put_it_back_in_line() -> None:
    pool = Pool(profile("amy"), profile("ben")).agents(ready("amy")).calls(caller("a"))
    assert len(pool.propose()) == 1

    pool.agents(ready("ben")).apply(CallTakenOver(at=NOW, call=replace(caller("a"), owner="p2"), previous_owner="p1"))
    assert pool.propose() == []


def test_offers_whose_events_are_still_to_come_count_towards_the_width() -> None:
    pool = Pool(profile("amy"), profile("ben"), profile("cat"), queues=[Queue(name="q", offer_width=2)])
    [proposal] = pool.agents(ready("amy"), ready("ben")).calls(caller("a")).propose()
    pool.matcher.settle(proposal, pool.offers_for(proposal, 2))

    assert pool.agents(ready("cat")).propose() == []


def test_a_call_with_an_offer_out_takes_no_more_agents_than_it_may() -> None:
    pool = Pool(profile("amy"), profile("ben"), profile("cat"), queues=[Queue(name="q", offer_width=2)])
    offered = replace(caller("a"), state=CallState.OFFERED, offers={"a.1": "amy"})
    pool.calls(offered, caller("b", since=NOW + 1)).agents(ready("ben"), ready("cat"))

    assert [(proposal.call, proposal.agents) for proposal in pool.propose()] == [("a", ("ben", "cat")), ("b", ("cat",))]


def test_after_success_an_agent_is_held_until_the_offers_own_event() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"), caller("b", since=NOW + 1))
    [proposal] = pool.propose()
    [offer] = pool.offers_for(proposal)
    pool.matcher.settle(proposal, [offer])

    assert pool.agents(ready("amy")).propose() == [], "an event from before the reservation"

    pool.made(offer, caller("a"), ready("amy"))
    pool.apply(OfferEnded(at=NOW, call=caller("a"), agent=ready("amy"), offer=offer))
    assert pool.pairs() == [("a", "amy")]


def test_an_offer_whose_event_came_before_the_answer_holds_nobody() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    [proposal] = pool.propose()
    [offer] = pool.offers_for(proposal)
    pool.made(offer, caller("a"), ready("amy"))
    pool.apply(OfferEnded(at=NOW, call=caller("a"), agent=ready("amy"), offer=offer))
    pool.matcher.settle(proposal, [offer])

    assert pool.pairs() == [("a", "amy")]


def test_an_answer_to_a_proposal_from_before_a_reset_changes_nothing() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    [proposal] = pool.propose()
    snapshot = Snapshot(
        agents={"amy": ready("amy")}, calls={"a": caller("a")}, offers={}, position=pool.position(), at=NOW, epoch="e"
    )
    pool.matcher.reset(snapshot)
    pool.matcher.settle(proposal, pool.offers_for(proposal))

    assert pool.pairs() == [("a", "amy")]


# --- refusals --------------------------------------------------------------------------------------------------------


def test_who_was_found_busy_is_not_proposed_before_the_event_that_beat_us() -> None:
    pool = Pool(profile("amy"), profile("ben")).agents(ready("amy", idle_since=1), ready("ben", idle_since=2))
    [proposal] = pool.calls(caller("a")).propose()
    beaten_by = f"{NOW}-{pool.events + 2}"
    pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE, beaten_by=beaten_by))

    assert pool.propose() == []
    pool.agents(ready("ben", idle_since=2))
    assert pool.propose() == [], "this event came before the one that beat us"
    pool.agents(replace(ready("amy"), status=AgentStatus.ON_BREAK))
    assert pool.pairs() == [("a", "ben")]


def test_a_call_that_the_store_would_not_offer_waits_for_its_news_alone() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    [proposal] = pool.propose()
    pool.matcher.settle(proposal, Refused(why=Refusal.WRONG_STATE, beaten_by=f"{NOW}-{pool.events + 2}"))

    assert pool.calls(caller("b", since=NOW + 1)).pairs() == [("b", "amy")]


def test_a_refusal_by_an_event_that_was_heard_meanwhile_is_tried_again_at_once() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    [proposal] = pool.propose()
    pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE, beaten_by=pool.position()))

    assert pool.pairs() == [("a", "amy")]


def test_refusals_never_loop_hot() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    asked = 0
    for now in range(NOW, NOW + 10_000):
        for proposal in pool.propose(now):
            asked += 1
            pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE, beaten_by=pool.position()))

    assert 8 <= asked <= 20, "every second in the end"


def test_after_its_own_news_a_refused_agent_has_a_free_try_again() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    for _ in range(2):
        [proposal] = pool.propose()
        pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE, beaten_by=pool.position()))
    assert pool.propose() == []

    pool.agents(ready("amy"))
    [proposal] = pool.propose()
    pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE, beaten_by=pool.position()))
    assert pool.pairs() == [("a", "amy")]


def test_a_refusal_that_names_nothing_waits_for_a_moment_or_for_news() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    [proposal] = pool.propose()
    pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE))
    assert pool.propose() == []

    deadline = pool.matcher.next_deadline()
    assert deadline is not None
    assert NOW < deadline <= NOW + 100
    [again] = pool.propose(deadline)

    pool.matcher.settle(again, Refused(why=Refusal.NOBODY_FREE))
    assert pool.propose() == []
    assert pool.agents(ready("amy")).pairs() == [("a", "amy")]


def test_a_block_ends_even_if_the_event_never_comes() -> None:
    pool = Pool(profile("amy")).agents(ready("amy")).calls(caller("a"))
    [proposal] = pool.propose()
    pool.matcher.settle(proposal, Refused(why=Refusal.NOBODY_FREE, beaten_by="9999999999999-0"))

    deadline = pool.matcher.next_deadline()
    assert deadline is not None
    assert pool.propose(deadline - 1) == []
    assert pool.pairs(deadline) == [("a", "amy")]


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_cool_off_is_a_deadline() -> None:
    pool = Pool(profile("amy")).calls(caller("a")).agents(ready("amy", cool_until=NOW + 500))
    assert pool.propose() == []

    assert pool.matcher.next_deadline() == NOW + 500
    assert pool.propose(NOW + 499) == []
    assert pool.pairs(NOW + 500) == [("a", "amy")]


def test_there_is_no_deadline_when_nobody_waits_or_the_cool_off_is_moot() -> None:
    pool = Pool(profile("amy")).agents(ready("amy", cool_until=NOW + 500))
    assert pool.matcher.next_deadline() is None

    pool.calls(caller("a"))
    assert pool.matcher.next_deadline() == NOW + 500
    pool.agents(replace(ready("amy", cool_until=NOW + 500), status=AgentStatus.ON_BREAK))
    assert pool.matcher.next_deadline() is None


def test_a_cool_off_that_goes_on_after_a_break_still_ends() -> None:
    pool = Pool(profile("amy")).calls(caller("a")).agents(ready("amy", cool_until=NOW + 500))
    pool.agents(replace(ready("amy", cool_until=NOW + 500), status=AgentStatus.ON_BREAK))
    assert pool.matcher.next_deadline() is None
    pool.agents(ready("amy", cool_until=NOW + 500))

    assert pool.matcher.next_deadline() == NOW + 500
    assert pool.pairs(NOW + 500) == [("a", "amy")]


def test_a_follower_keeps_up_without_proposing_and_can_lead_at_any_time() -> None:
    pool = Pool(profile("amy")).calls(caller("a")).agents(ready("amy", cool_until=NOW + 500))
    pool.matcher.keep_up(NOW + 500)

    assert pool.pairs(NOW + 501) == [("a", "amy")]


# --- events ----------------------------------------------------------------------------------------------------------


def test_an_event_that_was_applied_before_changes_nothing() -> None:
    pool = Pool(profile("amy"))
    old = pool.apply(AgentStatusChanged(at=NOW, agent=ready("amy")))
    pool.agents(replace(ready("amy"), status=AgentStatus.ON_BREAK)).calls(caller("a"))
    pool.matcher.apply(old)

    assert pool.propose() == []


def test_events_that_are_in_the_snapshot_already_are_ignored() -> None:
    pool = Pool(profile("amy"))
    snapshot = Snapshot(agents={}, calls={"a": caller("a")}, offers={}, position=f"{NOW}-5", at=NOW, epoch="e")
    pool.matcher.reset(snapshot)
    pool.matcher.apply(AgentStatusChanged(at=NOW, id=f"{NOW}-5", agent=ready("amy")))
    assert pool.propose() == []

    pool.matcher.apply(AgentStatusChanged(at=NOW, id=f"{NOW}-6", agent=ready("amy")))
    assert pool.pairs() == [("a", "amy")]


def test_a_call_that_ended_is_forgotten_wherever_it_stood() -> None:
    pool = Pool(profile("amy")).calls(*[caller(f"c{number}", since=NOW + number) for number in range(300)])
    gone = [*range(100), *range(150, 200), 299]
    for number in gone:
        pool.apply(CallEnded(at=NOW, call=replace(caller(f"c{number}"), state=CallState.ENDED)))

    served = []
    for _ in range(300 - len(gone)):
        pool.agents(ready("amy"))
        [proposal] = pool.propose()
        served.append(proposal.call)
        pool.apply(CallEnded(at=NOW, call=replace(caller(proposal.call), state=CallState.ENDED)))
        pool.matcher.settle(proposal, Refused(why=Refusal.UNKNOWN))

    assert served == [f"c{number}" for number in range(300) if number not in gone]
    assert pool.agents(ready("amy")).propose() == []


# --- configuration ---------------------------------------------------------------------------------------------------


def test_calls_wait_on_when_their_queue_goes_and_are_served_when_it_comes_back() -> None:
    pool = Pool(profile("amy")).calls(caller("a")).agents(ready("amy"))
    pool.matcher.configure(Configuration(agents=pool.configuration.agents), {})
    assert pool.propose() == []

    pool.matcher.configure(pool.configuration, {})
    assert pool.pairs() == [("a", "amy")]


def test_a_new_skill_makes_a_waiting_call_possible() -> None:
    pool = Pool(profile("amy")).calls(caller("a", german=1)).agents(ready("amy"))
    assert pool.propose() == []
    agents = {"amy": profile("amy", german=1)}
    pool.matcher.configure(replace(pool.configuration, agents=agents), {})

    assert pool.pairs() == [("a", "amy")]


def test_what_is_on_the_way_stays_held_over_a_change_of_configuration() -> None:
    pool = Pool(profile("amy")).calls(caller("a")).agents(ready("amy"))
    [proposal] = pool.propose()
    pool.matcher.configure(pool.configuration, {})
    assert pool.propose() == []

    pool.matcher.settle(proposal, pool.offers_for(proposal))
    assert pool.propose() == []


# --- strategies ------------------------------------------------------------------------------------------------------


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

    assert pool.calls(caller("a")).propose()[0].why == "theirs: backwards; 2 free of 3, 1 talking"


# --- many ------------------------------------------------------------------------------------------------------------


def test_many_agents_at_once_are_matched_like_one_after_the_other() -> None:
    names = [f"agent-{number:03}" for number in range(100)]
    skills = [{"german": 1 + number % 3} if number % 2 else {} for number in range(100)]
    profiles = [AgentProfile(id=name, queues={"q": 0}, skills=skill) for name, skill in zip(names, skills, strict=True)]
    calls = [
        replace(caller(f"c{number:03}", since=NOW + number), requires={"german": 2} if number % 3 else {})
        for number in range(150)
    ]
    agents = [ready(name, idle_since=number) for number, name in enumerate(names)]

    at_once = Pool(*profiles).calls(*calls).agents(*agents)
    together = dict(at_once.pairs())

    free = dict(zip(names, skills, strict=True))
    expected = {}
    for call in calls:
        able = [name for name, skill in free.items() if not call.requires or skill.get("german", 0) >= 2]
        if able:
            expected[call.id] = able[0]
            del free[able[0]]
    assert together == expected


def test_many_agents_for_still_more_kinds_of_callers_are_matched_too() -> None:
    skills = [f"skill-{number:02}" for number in range(30)]
    pool = Pool(*[AgentProfile(id=f"for-{skill}", queues={"q": 0}, skills={skill: 1}) for skill in skills[:20]])
    pool.calls(*[replace(caller(f"c-{skill}"), requires={skill: 1}) for skill in skills])
    assert pool.propose() == []

    pool.agents(*[ready(f"for-{skill}") for skill in skills[:20]])
    assert sorted(pool.pairs()) == [(f"c-{skill}", f"for-{skill}") for skill in skills[:20]]


def test_who_has_a_rare_skill_is_found_among_many_and_spares_with_it() -> None:
    names = [f"agent-{number:03}" for number in range(200)]
    rare = {"agent-150", "agent-160", "agent-170"}
    pool = Pool(*[AgentProfile(id=name, queues={"q": 0}, skills={"rare": 1} if name in rare else {}) for name in names])
    pool.agents(*[ready(name, idle_since=1_000 - number) for number, name in enumerate(names)])
    pool.propose()

    [proposal] = pool.calls(replace(caller("a"), requires={"rare": 1})).propose()
    assert proposal.agents == ("agent-170", "agent-160", "agent-150")


def test_requirements_that_nobody_has_any_more_are_forgotten_and_may_come_back() -> None:
    pool = Pool(profile("amy", german=100)).calls(replace(caller("hopeless"), requires={"nobody": 1}))

    def come_and_go(numbers: range) -> None:
        for number in numbers:
            call = replace(caller(f"c{number}"), requires={"german": 1 + number % 100, f"s{number}": 1})
            pool.calls(call)
            pool.apply(CallEnded(at=NOW, call=replace(call, state=CallState.ENDED)))

    come_and_go(range(900))
    assert pool.agents(ready("amy")).propose() == []
    pool.agents(replace(ready("amy"), status=AgentStatus.ON_BREAK))
    come_and_go(range(900, 1_100))
    assert pool.matcher.pool.line.classes_known < 200

    assert pool.calls(caller("a", german=3)).propose() == []
    assert pool.agents(ready("amy")).pairs() == [("a", "amy")]


def test_wrap_up_that_ended_makes_the_agent_free() -> None:
    pool = Pool(profile("amy")).calls(caller("a")).agents(ready("amy", activity=AgentActivity.WRAP_UP))
    assert pool.propose() == []
    pool.apply(WrapUpEnded(at=NOW, agent=ready("amy")))

    assert pool.pairs() == [("a", "amy")]
