"""Whatever several processes ask in whatever order, the promises hold, and memory and Redis do and tell the same.

``SOAK_STEPS=1000000`` makes it a long one.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from acd.agent import AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.fold import folded
from acd.offer import Offer, OfferOutcome, OfferState
from acd.ports import CallChange, Refused, Reservation, Store
from acd.testing.stage import LONG_MS
from scenarios.lab.redis import Redis
from tests.contract.store_promises import check_promises
from tests.contract.store_setups import together
from tests.contract.store_sides import Act, BothSides, Side, act, on_offer

STEPS = int(os.environ.get("SOAK_STEPS", "750"))
STEPS_IN_A_ROW = 50
HANDLES = 3
LEASES = st.sampled_from([LONG_MS, LONG_MS, LONG_MS, -1])
CALLS = st.sampled_from(["c1", "c2", "c3"])
QUEUES = st.sampled_from(["q", "q", "r"])
AGENTS = st.sampled_from(["anna", "bert", "cleo", "dora"])
PROCESSES = st.sampled_from(["acd-1", "acd-1", "acd-1", "acd-2"])
BY = st.integers(0, HANDLES - 1)
FEW_OFFERS = st.sampled_from([0, 0, 0, 1, 1, 2, 5])
MOSTLY_RIGHT = st.sampled_from([0, 0, 0, 0, 0, 0, 0, -1])
RESERVATIONS = st.builds(
    lambda call, agents, width, lease: Reservation(call=call, agents=agents, width=width, lease_ms=lease, why="w"),
    CALLS,
    st.lists(AGENTS, min_size=1, max_size=4),
    st.integers(1, 3),
    LEASES,
)
CHANGES = st.builds(
    CallChange,
    priority=st.sampled_from([None, 0.5, -3.25]),
    queue=st.none() | QUEUES,
    keep_wait=st.booleans(),
    requires=st.sampled_from([None, "", "german >= 50"]),
    prefers=st.sampled_from([None, "", "french or dutch"]),
    preferred_agent=st.sampled_from([None, "", "anna"]),
    preferred_for_s=st.sampled_from([None, 2.5, 30.0]),
)


class SeveralDistributors(RuleBasedStateMachine):
    """The same steps on both sides, each by one of several processes."""

    def __init__(self, redis_url: str) -> None:
        super().__init__()
        self.both_sides = BothSides(redis_url, handles=HANDLES)
        self.sides = (self.both_sides.memory, self.both_sides.redis)
        self.repeatable: list[Act] = []
        self.fences: list[int] = [0, 0]
        for side in self.sides:
            self.both_sides.run(get_ready(side))
        self.starts = [self.both_sides.run(side.store.snapshot()) for side in self.sides]

    def teardown(self) -> None:
        try:
            for side, start in zip(self.sides, self.starts, strict=True):
                self.both_sides.run(the_stream_tells_it_all(side, start))
        finally:
            self.both_sides.close()

    def step(self, what: Act) -> None:
        self.repeatable.append(what)
        self.both([self.both_sides.run(what(side)) for side in self.sides], same_answers=True)

    def both(self, answers: list[Any], *, same_answers: bool) -> None:
        """What both sides answered is the same, and so is what they show and tell; each keeps the promises."""
        told, shown = [], []
        for number, side in enumerate(self.sides):
            side.learn(answers[number])
            told.append(self.both_sides.run(side.news()))
            snapshot, deadlines, plain = self.both_sides.run(side.shown())
            check_promises(snapshot, deadlines)
            self.fences_rise(number, answers[number])
            shown.append(plain)
        if same_answers:
            assert self.sides[0].plain(answers[0]) == self.sides[1].plain(answers[1])
            assert not (told[0] and isinstance(answers[0], Refused)), "what is refused changes nothing"
        assert told[0] == told[1]
        assert shown[0] == shown[1]

    def fences_rise(self, number: int, answer: object) -> None:
        for offer in answer if isinstance(answer, list) else ():
            assert offer.fence > self.fences[number]
            self.fences[number] = offer.fence

    # calls

    @rule(call=CALLS, queue=QUEUES, owner=PROCESSES, by=BY)
    def enqueue(self, call: str, queue: str, owner: str, by: int) -> None:
        self.step(act("enqueue", by, call=Call(id=call, queue=queue, owner=owner, priority=0.5)))

    @rule(call=CALLS, change=CHANGES, by=BY)
    def change(self, call: str, change: CallChange, by: int) -> None:
        self.step(act("change_call", by, call=call, change=change))

    @rule(
        call=CALLS,
        reason=st.sampled_from([EndReason.COMPLETED, EndReason.WITHDRAWN]),
        owner=PROCESSES,
        wrap_up=st.sampled_from([0, LONG_MS, -1]),
        by=BY,
    )
    def end_call(self, call: str, reason: EndReason, owner: str, wrap_up: int, by: int) -> None:
        what = {"call": call, "reason": reason, "owner": owner, "by": EndedBy.AGENT, "wrap_up_ms": wrap_up}
        self.step(_asked("end_call", by, what))

    @rule(call=CALLS, owner=PROCESSES, by=BY)
    def requeue(self, call: str, owner: str, by: int) -> None:
        self.step(act("requeue", by, call=call, owner=owner))

    @rule(call=CALLS, previous=PROCESSES, new=PROCESSES, by=BY)
    def take_over(self, call: str, previous: str, new: str, by: int) -> None:
        self.step(_asked("take_over", by, {"call": call, "previous": previous, "by": new}))

    # offers

    @rule(reservation=RESERVATIONS, by=BY)
    def reserve(self, reservation: Reservation, by: int) -> None:
        self.step(act("reserve", by, reservation=reservation))

    @rule(reservations=st.lists(RESERVATIONS, min_size=2, max_size=6))
    def reserve_at_once(self, reservations: list[Reservation]) -> None:
        """Redis decides which distributor is first; in that order memory is asked."""
        memory, redis = self.sides
        answers = self.both_sides.run(
            together([_reserve(redis.stores[n % HANDLES], asked) for n, asked in enumerate(reservations)])
        )
        order = sorted(range(len(answers)), key=lambda n: _fence(answers[n]))
        again = [self.both_sides.run(_reserve(memory.stores[n % HANDLES], reservations[n])) for n in order]
        assert [isinstance(answer, Refused) for answer in again] == [isinstance(answers[n], Refused) for n in order]
        won = [_offers_of(one) for one in (again, [answers[n] for n in order])]
        self.both(won, same_answers=False)

    @rule(index=FEW_OFFERS, lease=LEASES, fence=MOSTLY_RIGHT, by=BY)
    @precondition(lambda self: self.sides[0].offers)
    def forward(self, index: int, lease: int, fence: int, by: int) -> None:
        """What the owner of a live offer does next, or tries with the number of another."""
        offers = self.both_sides.run(self.sides[0].store.snapshot()).offers
        live = [n for n, offer in enumerate(reversed(self.sides[0].offers)) if offer.id in offers]
        if not live:
            return
        chosen = live[index % len(live)]
        offer = offers[self.sides[0].offers[-1 - chosen].id]
        if offer.state is OfferState.RESERVED:
            self.step(on_offer("ring", by, chosen, offer.owner, fence))
        elif offer.state is OfferState.RINGING:
            self.step(on_offer("accept", by, chosen, offer.owner, fence, lease_ms=lease))
        elif offer.state is OfferState.ACCEPTED:
            self.step(on_offer("connect", by, chosen, offer.owner, fence))

    @rule(name=st.sampled_from(["ring", "connect"]), index=FEW_OFFERS, owner=PROCESSES, fence=MOSTLY_RIGHT, by=BY)
    def ring_or_connect(self, name: str, index: int, owner: str, fence: int, by: int) -> None:
        self.step(on_offer(name, by, index, owner, fence))

    @rule(index=FEW_OFFERS, owner=PROCESSES, fence=MOSTLY_RIGHT, lease=LEASES, by=BY)
    def accept(self, index: int, owner: str, fence: int, lease: int, by: int) -> None:
        self.step(on_offer("accept", by, index, owner, fence, lease_ms=lease))

    @rule(
        index=FEW_OFFERS,
        owner=PROCESSES,
        fence=MOSTLY_RIGHT,
        outcome=st.sampled_from(OfferOutcome),
        cool_off=st.sampled_from([0, 0, LONG_MS]),
        break_after=st.sampled_from([0, 1, 2]),
        by=BY,
    )
    def end_offer(
        self, index: int, owner: str, fence: int, outcome: OfferOutcome, cool_off: int, break_after: int, by: int
    ) -> None:
        self.step(
            on_offer(
                "end_offer", by, index, owner, fence, outcome=outcome, cool_off_ms=cool_off, break_after=break_after
            )
        )

    @rule(index=FEW_OFFERS, by=BY)
    def expire(self, index: int, by: int) -> None:
        self.step(on_offer("expire_offer", by, index, "", 0))

    # agents

    @rule(
        agent=AGENTS,
        status=st.sampled_from([*AgentStatus, AgentStatus.READY, AgentStatus.READY]),
        reason=st.sampled_from([None, "lunch", ""]),
        by=BY,
    )
    def set_status(self, agent: str, status: AgentStatus, reason: str | None, by: int) -> None:
        self.step(act("set_status", by, agent=agent, status=status, reason=reason))

    @rule(
        agent=AGENTS,
        reachable=st.sampled_from([True, True, False]),
        node=st.sampled_from(["pbx", "pbx", "pbx-2"]),
        by=BY,
    )
    def set_reachable(self, agent: str, reachable: bool, node: str, by: int) -> None:
        self.step(act("set_reachable", by, agent=agent, reachable=reachable, node=node))

    @rule(agent=AGENTS, word=st.sampled_from(["agent", "time"]), by=BY)
    def end_wrap_up(self, agent: str, word: str, by: int) -> None:
        self.step(_asked("end_wrap_up", by, {"agent": agent, "by": word}))

    # the pool

    @rule(agents=st.sets(AGENTS, min_size=2), version=st.integers(1, 5), by=BY)
    def configure_agents(self, agents: set[str], version: int, by: int) -> None:
        self.step(act("configure_agents", by, agents=sorted(agents), version=version))

    @rule(queue=QUEUES, step=st.integers(0, 2), on=st.booleans(), version=st.integers(1, 5), by=BY)
    def switch_step(self, queue: str, step: int, on: bool, version: int, by: int) -> None:
        self.step(act("switch_step", by, queue=queue, step=step, on=on, version=version))

    @rule(process=PROCESSES, lease=LEASES, by=BY)
    def beat_or_lead(self, process: str, lease: int, by: int) -> None:
        self.step(act("beat", by, process=process, lease_ms=lease))
        self.step(act("lead", by, process=process, lease_ms=LONG_MS))

    @rule(process=PROCESSES, by=BY)
    def leave(self, process: str, by: int) -> None:
        self.step(act("leave", by, process=process))

    @rule(index=st.integers(0, 10))
    @precondition(lambda self: self.repeatable)
    def the_same_again(self, index: int) -> None:
        """A command that was sent before comes again, late."""
        self.step(self.repeatable[-1 - index % len(self.repeatable)])

    @rule(sure=st.integers(0, 9))
    def begin_anew(self, sure: int) -> None:
        if sure == 0:
            self.both([self.both_sides.run(begin_anew(side)) for side in self.sides], same_answers=True)
            self.starts = [self.both_sides.run(side.store.snapshot()) for side in self.sides]


def _asked(name: str, handle: int, what: dict[str, Any]) -> Act:
    """As ``act``, for methods that have a ``by`` of their own."""

    async def run(side: Side) -> object:
        return await getattr(side.stores[handle], name)(**what)

    return run


async def _reserve(store: Store, reservation: Reservation) -> list[Offer] | Refused:
    answer = await store.reserve(reservation)
    return answer if isinstance(answer, Refused) else list(answer)


def _fence(answer: list[Offer] | Refused) -> float:
    return float("inf") if isinstance(answer, Refused) else answer[0].fence


def _offers_of(answers: list[list[Offer] | Refused]) -> list[Offer]:
    return [offer for answer in answers if not isinstance(answer, Refused) for offer in answer]


async def begin_anew(side: Side) -> object:
    begun = await side.store.begin_epoch("acd-1", lease_ms=LONG_MS)
    opened = await side.store.open_epoch()
    side.meaning[opened.id] = "this epoch"
    for handle in side.stores:
        await handle.join()
    return (begun is None, opened.ready)


async def get_ready(side: Side) -> None:
    await begin_anew(side)
    await side.store.configure_agents(["anna", "bert", "cleo"], version=1)
    for agent in ("anna", "bert", "cleo"):
        await side.store.set_status(agent, AgentStatus.READY)
        await side.store.set_reachable(agent, reachable=True, node="pbx")
    for call in ("c1", "c2"):
        await side.store.enqueue(Call(id=call, queue="q", owner="acd-1", priority=0.5))
    await side.news()


async def the_stream_tells_it_all(side: Side, start: Any) -> None:
    end = await side.store.snapshot()
    events = await side.store.read_events(start.position, 100_000)
    assert replace(folded(start, events), at=0) == replace(end, at=0)


@pytest.mark.redis
@pytest.mark.timeout(60 if STEPS < 10_000 else 0)
def test_several_distributors_on_memory_and_on_redis(redis_server: Redis) -> None:
    class Here(SeveralDistributors):
        def __init__(self) -> None:
            super().__init__(redis_server.url)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_IN_A_ROW),
            stateful_step_count=STEPS_IN_A_ROW,
            deadline=None,
            phases=[Phase.explicit, Phase.generate] if STEPS < 10_000 else list(Phase),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
