"""What counts as an offer's delay, and from when; and what is left out because something else may have held it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from acd.queue import Queue, Step
from scenarios.load.latencies import Latencies, latencies
from scenarios.load.plan import AgentChange, Change, Plan
from scenarios.load.run import Run
from scenarios.load.seen import CallerEnd, OfferEnd, SeenCall, SeenOffer
from tests.load_plans import callers, small_plan
from tests.unit.load_runs import BEGAN, call, offer, run_of, served

Seen = SeenCall | SeenOffer | tuple[SeenCall, SeenOffer]


def found(*seen: Seen, plan: Plan | None = None) -> Latencies:
    run: Run = run_of(*seen, plan=plan or small_plan(callers(4, every_s=1.0)))
    return latencies(run.plan, run.traffic, BEGAN)


def told(*seen: Seen, plan: Plan | None = None) -> dict[str, list[float]]:
    """Milliseconds of each kind that there is any of."""
    kinds = found(*seen, plan=plan)
    named = {"free": kinds.agent_free, "came": kinds.caller_came, "missed": kinds.offer_missed}
    return {name: [round(one.seconds * 1000) for one in some] for name, some in named.items() if some}


FIRST = served(0, 1.0, rang=1.1, ended=4.0)
"""Agent 1001 is free at 4."""
WAITED = (call(1, 2.0, 6.0), offer(1, 4.02, 6.0, answered=4.1))
"""A caller who was there before."""
CAME = (call(1, 5.0, 8.0), offer(1, 5.03, 8.0, answered=5.1))
"""One who came when 1001 was free."""
SECOND = call(1, 2.0, 6.0)
AFTER_THAT = offer(1, 4.54, 6.0, answered=5.0)
OTHER_REFUSED = offer(1, 2.1, 4.5, phone="1002", end=OfferEnd.REFUSED)
"""The other phone refused at 4.5, when 1001 was free already."""


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ((FIRST,), {"came": [100]}),
        ((FIRST, WAITED), {"came": [100], "free": [20]}),
        ((FIRST, CAME), {"came": [100, 30]}),
        (
            (FIRST, call(1, 2.0, 6.0), OTHER_REFUSED, offer(1, 4.54, 6.0, answered=5.0)),
            {"came": [100, 100], "missed": [40]},
        ),
        # It rang on at the other phone: whether a second one may ring is the strategy's choice.
        (
            (FIRST, call(1, 2.0, 6.0), offer(1, 2.1, 5.0, phone="1002"), offer(1, 4.54, 6.0, answered=5.0)),
            {"came": [100, 100]},
        ),
        # Nobody knows when a phone that refused, or was not answered, may ring again.
        ((call(0, 1, 3), offer(0, 1.1, 1.5, end=OfferEnd.REFUSED), WAITED), {"came": [100]}),
        ((call(0, 1, 3), offer(0, 1.1, 2.5), WAITED), {"came": [100]}),
        # It talks still.
        ((call(0, 1), offer(0, 1.1, answered=1.2), WAITED), {"came": [100]}),
        # The offer is of somebody who never called.
        ((FIRST, offer(7, 4.02, 6.0, answered=4.1)), {"came": [100]}),
        # The phone belongs to nobody in the plan.
        ((call(0, 1, 3), offer(0, 1.1, 3, answered=1.2, phone="4711")), {}),
    ],
)
def test_what_counts_and_what_is_left_out(seen: Sequence[Seen], expected: dict[str, list[float]]) -> None:
    assert told(*[_copied(one) for one in seen]) == expected


def _copied(one: Seen) -> Seen:
    """Runs join offers to calls: each needs calls of its own."""
    if isinstance(one, tuple):
        return replace(one[0], offers=[]), replace(one[1])
    return replace(one, offers=[]) if isinstance(one, SeenCall) else replace(one)


def test_wrap_up_comes_first() -> None:
    plan = small_plan(callers(4, every_s=1.0))
    slow = replace(plan, agents=[replace(agent, wrap_up_s=1.5) for agent in plan.agents])
    late = (call(1, 2.0, 8.0), offer(1, 5.55, 8.0, answered=5.6))

    assert told(_copied(FIRST), _copied(late), plan=slow) == {"came": [100], "free": [50]}
    # A caller who comes within the wrap-up waits for the agent, and not the agent for the caller.
    within = (call(1, 5.0, 8.0), offer(1, 5.55, 8.0, answered=5.6))
    assert told(_copied(FIRST), _copied(within), plan=slow) == {"came": [100], "free": [50]}


@pytest.mark.parametrize(("at", "counts"), [(3.0, False), (4.01, False), (4.5, True)])
def test_who_has_been_away_is_left_out_from_then_on(at: float, counts: bool) -> None:
    plan = small_plan(callers(4, every_s=1.0), changes=[AgentChange(at=at, agent="desk-001", change=Change.BREAK)])

    assert ("free" in told(_copied(FIRST), _copied(WAITED), plan=plan)) == counts


@pytest.mark.parametrize(
    "queue",
    [
        {"steps": (Step(after_s=5, ranks=2),)},
        {"ranks": 1},
        {"offer_width": 2},
    ],
)
def test_where_time_itself_lets_agents_in_nothing_counts(queue: dict[str, object]) -> None:
    slow = Queue(name="desk", numbers=("100",), **queue)  # type: ignore[arg-type]

    assert told(_copied(FIRST), _copied(WAITED), plan=small_plan(callers(4, every_s=1.0), queue=slow)) == {}


def test_each_case_says_who_where_and_when() -> None:
    (one,) = found(_copied(FIRST), _copied(WAITED)).agent_free

    assert (one.phone, one.number, one.at) == ("1001", "900000100", BEGAN + 4.02)


def test_who_gave_up_is_nothing_to_be_late_for() -> None:
    assert told(call(0, 1, 3, CallerEnd.GAVE_UP)) == {}
