"""Proposals that are out, refusals, time, events and changes of configuration: nothing is lost or done twice."""

from __future__ import annotations

from dataclasses import replace

from acd.agent import AgentStatus
from acd.call import CallState
from acd.configuration import Configuration
from acd.events import (
    AgentStatusChanged,
    CallEnded,
    CallTakenOver,
    OfferEnded,
)
from acd.ports import Refusal, Refused, Snapshot
from acd.queue import Queue
from tests.unit.matcher_pool import NOW, Pool, caller, profile, ready


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

    assert [(proposal.call, proposal.agents) for proposal in pool.propose()] == [("b", ("ben", "cat"))], (
        "who rings nowhere comes before who rings somewhere already"
    )

    pool = Pool(profile("amy"), profile("ben"), profile("cat"), queues=[Queue(name="q", offer_width=2)])
    pool.calls(offered).agents(ready("ben"), ready("cat"))
    [proposal] = pool.propose()
    assert (proposal.agents, proposal.width) == (("ben", "cat"), 2), "one more, and a spare"
    assert pool.calls(caller("c", since=NOW + 2)).pairs() == [("c", "cat")], "the spare is free for others"


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
