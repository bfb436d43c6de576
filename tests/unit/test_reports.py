"""The figures of the reports, against figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState, EndReason
from acd.events import (
    AgentRemoved,
    AgentStatusChanged,
    AnyEvent,
    CallConnected,
    CallEnded,
    CallQueued,
    OfferEnded,
    WrapUpEnded,
)
from acd.offer import Offer, OfferOutcome
from acd.reports import (
    AgentTimes,
    EndedRecords,
    Spread,
    Summary,
    agent_times,
    spread_of,
    summarise,
    summarise_events,
)

READY, ON_BREAK, LOGGED_OUT = AgentStatus.READY, AgentStatus.ON_BREAK, AgentStatus.LOGGED_OUT
IDLE, TALKING, WRAP_UP = AgentActivity.IDLE, AgentActivity.TALKING, AgentActivity.WRAP_UP


def ended(
    name: str,
    queued_at: int,
    *,
    connected_at: int | None = None,
    ended_at: int,
    reason: EndReason = EndReason.COMPLETED,
    queue: str = "support",
) -> Call:
    return Call(
        id=name,
        queue=queue,
        state=CallState.ENDED,
        queued_at=queued_at,
        connected_at=connected_at,
        ended_at=ended_at,
        end_reason=reason,
    )


def offer(name: str, outcome: OfferOutcome, *, free_since: int = 0, dialled_at: int | None = None) -> Offer:
    return Offer(
        id=name,
        call="c",
        agent="alice",
        queue="support",
        fence=1,
        outcome=outcome,
        free_since=free_since,
        dialled_at=dialled_at,
    )


HOUR = [
    ended("answered at once", 0, connected_at=0, ended_at=60_000),
    ended("answered in time", 1_000, connected_at=21_000, ended_at=141_000),
    ended("answered late", 2_000, connected_at=42_000, ended_at=52_000),
    ended("gave up early", 3_000, ended_at=8_000, reason=EndReason.ABANDONED),
    ended("gave up late", 4_000, ended_at=64_000, reason=EndReason.ABANDONED),
    ended("timed out", 50_000, ended_at=350_000, reason=EndReason.TIMED_OUT),
    ended("sales", 400_000, connected_at=404_000, ended_at=414_000, queue="sales"),
]


def test_a_summary_counts_every_call_where_it_belongs() -> None:
    summary = summarise(HOUR, service_levels_s={"sales": 3})

    assert (summary.offered, summary.answered, summary.abandoned) == (7, 4, 2)
    assert summary.by_reason == {EndReason.COMPLETED: 4, EndReason.ABANDONED: 2, EndReason.TIMED_OUT: 1}
    # waits, ordered: 0, 4, 5, 20, 40, 60 and 300 s
    assert summary.wait == Spread(count=7, mean=429_000 / 7, p50=20_000, p90=300_000, p99=300_000, max=300_000)
    # answered: 0, 4, 20 and 40 s
    assert summary.asa_ms == 16_000
    assert summary.answer_wait == Spread(count=4, mean=16_000, p50=4_000, p90=40_000, p99=40_000, max=40_000)
    assert summary.abandon_wait == Spread(count=2, mean=32_500, p50=5_000, p90=60_000, p99=60_000, max=60_000)
    # talked: 60, 120, 10 and 10 s
    assert summary.talk == Spread(count=4, mean=50_000, p50=10_000, p90=120_000, p99=120_000, max=120_000)
    assert summary.abandon_rate == 2 / 7


def test_a_service_level_is_told_both_ways() -> None:
    summary = summarise(HOUR, service_levels_s={"sales": 3})

    # within 20 s: at once, and exactly at 20 s; sales took 4 s of its 3
    assert (summary.answered_in_time, summary.abandoned_in_time) == (2, 1)
    assert summary.service_level == 2 / 4
    assert summary.service_level_with_abandoned == (2 + 1) / (4 + 2)
    assert summarise(HOUR).service_level == 3 / 4


def test_the_longest_line_is_who_waited_at_one_instant() -> None:
    # 4 s to 8 s: in time, late, early and late giving up
    assert summarise(HOUR).longest_line == 4
    # one leaves in the very millisecond in which the next comes
    assert summarise([ended("a", 0, ended_at=10), ended("b", 10, ended_at=20)]).longest_line == 1


def test_offers_are_counted_by_outcome_and_timed_until_dialled() -> None:
    offers = [
        offer("1", OfferOutcome.ANSWERED, free_since=100, dialled_at=105),
        offer("2", OfferOutcome.NO_ANSWER, free_since=100, dialled_at=111),
        offer("3", OfferOutcome.NO_ANSWER, free_since=100, dialled_at=103),
        offer("4", OfferOutcome.RESCINDED),
    ]
    summary = summarise([], offers)

    assert summary.offers_by_outcome == {
        OfferOutcome.ANSWERED: 1,
        OfferOutcome.NO_ANSWER: 2,
        OfferOutcome.RESCINDED: 1,
    }
    assert summary.offer_latency == Spread(count=3, mean=19 / 3, p50=5, p90=11, p99=11, max=11)


def test_where_nothing_happened_rates_are_unknown_and_not_zero() -> None:
    summary = summarise([])

    assert summary == Summary()
    assert summary.service_level is None
    assert summary.service_level_with_abandoned is None
    assert summary.abandon_rate is None


@pytest.mark.parametrize(
    ("count", "p50", "p90", "p99"),
    [(1, 1, 1, 1), (2, 1, 2, 2), (10, 5, 9, 10), (11, 6, 10, 11), (100, 50, 90, 99), (101, 51, 91, 100)],
)
def test_percentiles_are_by_nearest_rank(count: int, p50: int, p90: int, p99: int) -> None:
    spread = spread_of(range(1, count + 1))

    assert (spread.p50, spread.p90, spread.p99, spread.max) == (p50, p90, p99, count)
    assert spread.mean == (count + 1) / 2


@given(st.lists(st.integers(0, 10_000), min_size=1), st.sampled_from([50, 90, 99]))
def test_a_percentile_is_the_smallest_that_so_many_do_not_exceed(values: list[int], percent: int) -> None:
    spread = spread_of(values)
    found = {50: spread.p50, 90: spread.p90, 99: spread.p99}[percent]

    def share(limit: int) -> int:
        return sum(value <= limit for value in values) * 100

    assert found in values
    assert share(found) >= percent * len(values)
    assert all(share(value) < percent * len(values) for value in values if value < found)


def alice(status: AgentStatus, activity: AgentActivity = IDLE, call: str | None = None) -> Agent:
    return Agent(id="alice", status=status, activity=activity, call=call)


def connected(at: int, call: Call, agent: Agent) -> CallConnected:
    return CallConnected(at=at, call=call, agent=agent, offer=offer(f"o-{call.id}", OfferOutcome.ANSWERED))


CALL = Call(id="c", queue="support", queued_at=100, connected_at=200)

DAY: list[AnyEvent] = [
    AgentStatusChanged(at=100, agent=alice(READY)),
    connected(200, CALL, alice(READY, TALKING, "c")),
    AgentStatusChanged(at=250, agent=alice(ON_BREAK, TALKING, "c")),
    CallEnded(at=500, call=CALL, agent=alice(ON_BREAK, WRAP_UP, "c")),
    WrapUpEnded(at=600, agent=alice(ON_BREAK)),
    AgentStatusChanged(at=900, agent=alice(READY)),
    AgentStatusChanged(at=1000, agent=alice(LOGGED_OUT)),
]


def test_an_agents_day_adds_up() -> None:
    assert agent_times(DAY, start=0, end=2000) == {
        "alice": AgentTimes(logged_in_ms=900, on_break_ms=300, staffed_ms=600, talking_ms=300, wrap_up_ms=100, calls=1)
    }
    (times,) = agent_times(DAY, start=0, end=2000).values()
    assert times.occupancy == 400 / 600
    assert times.aht_ms == 400


def test_a_span_counts_only_what_lies_within_it() -> None:
    talking = alice(READY, TALKING, "c")

    assert agent_times(DAY[2:], start=220, end=550, agents=[talking]) == {
        "alice": AgentTimes(logged_in_ms=330, staffed_ms=330, talking_ms=280, wrap_up_ms=50)
    }
    assert agent_times(DAY, start=220, end=550) == agent_times(DAY[2:], start=220, end=550, agents=[talking])


def test_a_caller_who_waits_again_ends_the_agents_talk() -> None:
    events = [*DAY[:2], CallQueued(at=230, call=replace(CALL, connected_at=None), agent=alice(READY))]

    assert agent_times(events, start=0, end=300)["alice"].talking_ms == 30


def test_an_agent_who_is_removed_counts_no_further() -> None:
    events = [DAY[0], AgentRemoved(at=150, agent=alice(READY))]

    assert agent_times(events, start=0, end=300) == {"alice": AgentTimes(logged_in_ms=50, staffed_ms=50)}


def test_an_agent_who_was_never_there_has_no_occupancy() -> None:
    times = AgentTimes(logged_in_ms=5)

    assert times.occupancy is None
    assert times.aht_ms is None


def test_events_make_the_same_figures_as_records_however_often_they_come() -> None:
    lost = offer("lost", OfferOutcome.NO_ANSWER, free_since=90, dialled_at=95)
    events = [
        OfferEnded(at=150, call=CALL, agent=alice(READY), offer=lost),
        DAY[1],
        CallEnded(at=500, call=replace(CALL, ended_at=500, end_reason=EndReason.COMPLETED)),
    ]
    records = EndedRecords()
    for event in events * 2:
        records.apply(event)

    assert records.summary() == summarise_events(events)
    assert records.summary().answered == 1
    assert records.summary().offers_by_outcome == {OfferOutcome.NO_ANSWER: 1, OfferOutcome.ANSWERED: 1}
