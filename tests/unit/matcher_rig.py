"""A matcher over the store in memory, and beside it what the matcher may know: late, and with repetitions."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.events import AgentRemoved, AnyEvent, ConfigurationAnnounced, OfferMade, StepSwitched, stream_position
from acd.matcher import Matcher, Proposal
from acd.matcher.refusals import LONGEST_BLOCK_MS
from acd.memory import MemoryStore
from acd.offer import Offer, OfferState
from acd.ports import OfferRef, Refused, Reservation
from acd.strategy import WideStrategy
from tests.oracle import BUSY, Decision, Oracle
from tests.unit.matcher_scenery import strategies_of

T = TypeVar("T")

CALM_MS = 10_000
"""After this long without a refusal no block can be in force."""
LEASE_MS = 60_000


def now_or_never(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine of the store in memory, which never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("the store in memory had to wait")


class NoWake:
    """Nobody waits for events here: they are read."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    async def wait(self) -> None: ...


@dataclass(frozen=True)
class Asked:
    """A proposal that is out, with the agents chosen in it."""

    proposal: Proposal
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """What the store would not do, and the event that says why."""

    position: tuple[int, int]
    call: str
    agents: frozenset[str]
    until: int
    """When the matcher tries again even if that event was lost."""


class MatcherRig:
    """The store's world runs ahead; the matcher hears of it when told to."""

    def __init__(self, configuration: Configuration) -> None:
        self.now = 1_000_000
        self.store = MemoryStore(clock=lambda: self.now, wake=NoWake)
        now_or_never(self.store.begin_epoch("p", lease_ms=1_000))
        now_or_never(self.store.open_epoch())
        self.versions = [Configuration(), configuration]
        now_or_never(self.store.configure_agents(list(configuration.agents), version=1))
        for agent in configuration.agents:
            now_or_never(self.store.set_reachable(agent, reachable=True, node="n"))
            now_or_never(self.store.set_status(agent, AgentStatus.READY))
        self.matcher = Matcher(configuration, strategies_of(configuration))
        self.asked: list[Asked] = []
        self.last_refusal = 0
        self.caps_may_be_over = False
        self.begin_with_snapshot()

    # --- what the matcher hears ------------------------------------------------------------------------------------

    def begin_with_snapshot(self) -> None:
        snapshot = now_or_never(self.store.snapshot())
        self.configure(snapshot.configuration_version)
        self.matcher.reset(snapshot)
        self.agents: dict[str, Agent] = dict(snapshot.agents)
        self.calls: dict[str, Call] = dict(snapshot.calls)
        self.steps_on = {queue: set(steps) for queue, steps in snapshot.steps_on.items()}
        self.position = snapshot.position
        self.applied: list[AnyEvent] = []
        self.unheard: dict[str, Offer] = {}
        self.heard_offers: set[str] = set()
        self.refusals: list[Refusal] = []
        self.asked.clear()

    def configure(self, version: int) -> None:
        self.configuration = self.versions[version]
        self.strategies = strategies_of(self.configuration)
        self.matcher.configure(self.configuration, self.strategies)

    def hear(self, most: int = 1_000) -> None:
        for event in now_or_never(self.store.read_events(self.position, most)):
            self.matcher.apply(event)
            if isinstance(event, ConfigurationAnnounced):
                self.configure(event.version)
            self.fold(event)

    def fold(self, event: AnyEvent) -> None:
        """Take one event into what the matcher may know."""
        self.position = event.id
        self.applied.append(event)
        call: Call | None = getattr(event, "call", None)
        if call is not None:
            self.calls[call.id] = call
            if call.state is CallState.ENDED:
                del self.calls[call.id]
        agent: Agent | None = getattr(event, "agent", None)
        if isinstance(event, AgentRemoved):
            del self.agents[event.agent.id]
        elif agent is not None:
            self.agents[agent.id] = agent
        if isinstance(event, OfferMade):
            self.heard_offers.add(event.offer.id)
            self.unheard.pop(event.offer.id, None)
        elif isinstance(event, StepSwitched):
            on = self.steps_on.setdefault(event.queue, set())
            (on.add if event.on else on.discard)(event.step)
        elif isinstance(event, ConfigurationAnnounced):
            self.steps_on = {}

    def oracle(self, now: int | None = None) -> Oracle:
        """What must be decided by what the matcher may know."""
        unheard = [offer.call for offer in self.unheard.values()]
        proposed = {agent: asked.proposal.queue for asked in self.asked for agent in asked.chosen}
        return Oracle(
            configuration=self.configuration,
            strategies=self.strategies,
            agents=self.agents,
            calls=self.calls,
            steps_on=self.steps_on,
            now=now or self.now,
            on_the_way=proposed | {offer.agent: offer.queue for offer in self.unheard.values()},
            asked={asked.proposal.call for asked in self.asked},
            unheard={call: unheard.count(call) for call in unheard},
        )

    # --- what it answers -------------------------------------------------------------------------------------------

    def propose(self) -> list[Decision]:
        """Ask the matcher; whatever the store refused before, its answer must be sound."""
        oracle = self.oracle()
        expected, calm = oracle.decisions(), self.is_calm()
        held = dict(oracle.on_the_way)
        line = oracle.line()
        got: list[Decision] = []
        for proposal in self.matcher.propose(self.now):
            call = self.calls[proposal.call]
            assert call in line, "a call that needs no offer, or has a proposal out, or comes before the one before"
            passed, line = line[: line.index(call)], line[line.index(call) + 1 :]
            assert proposal.queue == call.queue
            assert proposal.width == oracle.width(call, self.configuration.queues[call.queue])
            chosen = proposal.agents[: oracle.room(call)]
            assert chosen, "a proposal names somebody"
            assert len(set(proposal.agents)) == len(proposal.agents)
            for agent in chosen:
                assert oracle.may_take(agent, call, held)
                assert not calm or not any(oracle.may_take(agent, before, held) for before in passed), "who is first"
                held[agent] = call.queue
            assert all(oracle.eligible(agent, call) for agent in proposal.agents), "spares, too"
            self.was_not_refused(proposal)
            got.append((proposal.call, chosen))
            self.asked.append(Asked(proposal, chosen))
        if calm:
            assert got == expected
        assert not self.matcher.troubles
        return got

    def is_calm(self) -> bool:
        """Whether no refusal can hold anything back any more."""
        return not self.last_refusal or (
            self.now - self.last_refusal > CALM_MS
            and all(refusal.position <= stream_position(self.position) for refusal in self.refusals)
        )

    def was_not_refused(self, proposal: Proposal) -> None:
        for refusal in self.refusals:
            held = refusal.position > stream_position(self.position) and self.now < refusal.until
            if held and refusal.call == proposal.call:
                assert not refusal.agents & set(proposal.agents), "before the event that beat it was heard"

    def answer(self, asked: Asked) -> Sequence[Offer] | Refused:
        proposal = asked.proposal
        result = self.reserve(proposal)
        if isinstance(result, Refused):
            self.refusals.append(
                Refusal(
                    stream_position(result.beaten_by),
                    proposal.call,
                    frozenset(proposal.agents),
                    self.matcher.pool.now + LONGEST_BLOCK_MS,
                )
            )
            self.last_refusal = self.now
        else:
            assert len({offer.agent for offer in result}) == len(result)
            self.unheard |= {offer.id: offer for offer in result if offer.id not in self.heard_offers}
        self.matcher.settle(proposal, result)
        self.check_caps()
        return result

    def reserve(self, proposal: Proposal) -> Sequence[Offer] | Refused:
        return now_or_never(
            self.store.reserve(
                Reservation(call=proposal.call, agents=proposal.agents, width=proposal.width, lease_ms=LEASE_MS)
            )
        )

    def answer_all(self) -> None:
        while self.asked:
            self.answer(self.asked.pop(0))

    def start_anew(self, *, answered: bool) -> None:
        """The process reads the stream from a snapshot; its proposals are on the way to the store, or lost."""
        self.caps_may_be_over |= answered
        lost = list(self.asked)
        self.begin_with_snapshot()
        for asked in lost:
            self.matcher.settle(asked.proposal, self.reserve(asked.proposal) if answered else [])

    # --- promises --------------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Promise 2: nobody who waits and nobody who is free are left who could be put together."""
        self.go_on_until_quiet()
        if not self.is_calm():
            self.now += CALM_MS + 1
            self.go_on_until_quiet()
        assert self.oracle().decisions() == []
        first = self.first_time_that_matters()
        if first is not None:
            deadline = self.matcher.next_deadline()
            assert deadline is not None, "time alone makes a pair possible"
            assert deadline <= first

    def go_on_until_quiet(self) -> None:
        for _ in range(200):
            self.hear()
            self.answer_all()
            self.hear()
            self.propose()
            if not self.asked:
                return
            while self.asked:
                result = self.answer(self.asked.pop(0))
                assert not isinstance(result, Refused), "it knew all that the store knows"
        raise AssertionError("it proposes for ever")

    def first_time_that_matters(self) -> int | None:
        """When the oracle would decide something if nothing happened until then."""
        times = sorted({time for time in self.times() if time > self.now})
        return next((time for time in times if self.oracle(time).decisions()), None)

    def times(self) -> Iterator[int]:
        yield from (agent.cool_until for agent in self.agents.values())
        for call in self.calls.values():
            queue = self.configuration.queues.get(call.queue)
            for step in queue.steps if queue else ():
                if step.after_s is not None:
                    yield ceil(call.queued_at + step.after_s * 1000)
            if call.preferred_for_s is not None:
                yield ceil(call.queued_at + call.preferred_for_s * 1000)
            strategy: object = self.strategies.get(call.queue)
            if queue is not None and isinstance(strategy, WideStrategy):
                for width in strategy.widths(queue):
                    yield ceil(call.round_at + width.after_s * 1000)

    def decides_like_a_new_one(self) -> None:
        """Snapshot and stream lead to the same place as the whole stream did."""
        self.hear()
        if self.asked or self.unheard or not self.is_calm():
            return
        other = Matcher(self.configuration, self.strategies)
        other.reset(now_or_never(self.store.snapshot()))
        proposed = [(proposal.call, proposal.agents) for proposal in other.propose(self.now)]
        self.propose()
        assert proposed == [(asked.proposal.call, asked.proposal.agents) for asked in self.asked]

    def check_agents(self) -> None:
        """Promise 1: an agent is in at most one reservation, and is busy if and only if in one."""
        world = self.store.world
        offers = [offer for offer in world.offers.values() if offer.state is not OfferState.ENDED]
        assert len(offers) == len({offer.agent for offer in offers})
        for agent in world.agents.values():
            held = [offer for offer in offers if offer.agent == agent.id]
            assert (agent.activity in {AgentActivity.RESERVED, AgentActivity.TALKING}) == bool(held)
            assert agent.busy_for is None or agent.activity in BUSY
        winners = [offer.call for offer in offers if offer.state in {OfferState.ACCEPTED, OfferState.CONNECTED}]
        assert len(winners) == len(set(winners))

    def check_caps(self) -> None:
        """A cap is kept in the store itself, unless it, or the queue of a call, was changed under way."""
        oracle = self.oracle()
        over = False
        for cap in self.configuration.caps.values():
            busy = [agent for agent in self.store.world.agents.values() if agent.busy_for == cap.queue]
            group = set(oracle.group(cap.group))
            over |= cap.at_most is not None and sum(agent.id in group for agent in busy) > cap.at_most
        assert not over or self.caps_may_be_over

    def ref(self, offer: str) -> OfferRef:
        return OfferRef(id=offer, fence=self.store.world.offers[offer].fence, owner="p")
