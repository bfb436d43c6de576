"""Decides who gets whom: a pure state machine, fed with events, that answers with proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import Any

from acd.agent import Agent
from acd.configuration import Configuration
from acd.events import (
    AgentReachabilityChanged,
    AgentRemoved,
    AgentStatusChanged,
    AnyEvent,
    CallChanged,
    CallConnected,
    CallEnded,
    CallQueued,
    CallTakenOver,
    ConfigurationAnnounced,
    OfferAccepted,
    OfferDialled,
    OfferEnded,
    OfferMade,
    StepSwitched,
    WrapUpEnded,
    stream_position,
)
from acd.matcher.free_agents import SPARES, Choice
from acd.matcher.live_pool import LivePool
from acd.matcher.slots import (
    AVAILABLE,
    AgentSlot,
    CallSlot,
    LineKey,
    Proposal,
    RequirementClass,
    StepChange,
    StrategyTrouble,
)
from acd.offer import Offer
from acd.ports import Refusal, Refused, Snapshot
from acd.strategy import Strategies

_by_head = attrgetter("head")
_MANY_NEW = 16
"""Beyond this many, agents who became free are no longer looked at one by one for each caller."""


@dataclass(slots=True)
class _Outstanding:
    call: CallSlot
    chosen: list[AgentSlot]
    made: set[str] = field(default_factory=set)
    """Offers of this call whose event came before the proposal was settled."""


class Matcher:
    """Holds every live agent and call, and keeps the answer to *who next?* at hand.

    Feed it a snapshot and every event after it; ask ``propose`` after each batch and at ``next_deadline``; settle
    every proposal with what the store answered. It knows no clock: ``now`` is the store's milliseconds throughout.

    What holds after every ``propose``, once all proposals are settled and all events applied: no caller who needs an
    offer and no available agent who can take the call are left unmatched; and callers are served in the order of the
    pool's one line, in which a caller whose agents are all busy holds up nobody behind.
    """

    def __init__(self, configuration: Configuration, strategies: Strategies) -> None:
        self.pool = LivePool()
        self.troubles: list[StrategyTrouble] = []
        """What strategies did wrong since somebody last looked; whoever reports them empties the list."""
        self.position: tuple[int, int] = (0, 0)
        """Of the last event applied."""
        self._outstanding: dict[int, _Outstanding] = {}
        self._outstanding_of: dict[str, _Outstanding] = {}
        self._proposals = 0
        self.configure(configuration, strategies)

    @property
    def configuration(self) -> Configuration:
        """The one in force."""
        return self.pool.configuration

    # --- what goes in ----------------------------------------------------------------------------------------------

    def configure(self, configuration: Configuration, strategies: Strategies) -> None:
        """From now on this configuration holds; calls that wait keep waiting, also for a queue that is gone.

        A strategy that was switched off stays so unless its queue's own configuration changed.
        """
        self.pool.configure(configuration, strategies, self.troubles.append)

    def reset(self, snapshot: Snapshot) -> None:
        """Forget everything live and begin with this. Proposals that are still out become void."""
        self._outstanding.clear()
        self._outstanding_of.clear()
        self.position = stream_position(snapshot.position)
        self.pool.load(snapshot)

    def apply(self, event: AnyEvent) -> None:
        """Take over the records as they are after the event; one that was applied before changes nothing."""
        if event.id:
            position = stream_position(event.id)
            if position <= self.position:
                return
            self.position = position
        pool = self.pool
        if event.at > pool.now:
            pool.now = event.at
        take_over = _TAKE_OVER.get(type(event))
        if take_over is not None:
            take_over(self, event)
        if pool.refusals.waits_for_events:
            pool.refresh(pool.refusals.over_at_position(self.position))

    def _take_offer(self, event: OfferDialled) -> None:
        self._see(event.offer)

    def _take_offer_and_call(self, event: OfferAccepted) -> None:
        self._see(event.offer)
        self.pool.put_call(event.call)

    def _take_all(self, event: OfferMade | OfferEnded | CallConnected) -> None:
        self._see(event.offer)
        self.pool.put_call(event.call)
        self.pool.put_agent(event.agent)

    def _take_call(self, event: CallQueued | CallEnded | CallTakenOver | CallChanged) -> None:
        self.pool.put_call(event.call)
        agent: Agent | None = getattr(event, "agent", None)
        if agent is not None:
            self.pool.put_agent(agent)

    def _take_agent(self, event: AgentStatusChanged | AgentReachabilityChanged | WrapUpEnded) -> None:
        self.pool.put_agent(event.agent)

    def _take_removal(self, event: AgentRemoved) -> None:
        self.pool.remove_agent(event.agent.id)

    def _take_step(self, event: StepSwitched) -> None:
        self.pool.callers.switch_step(event.queue, event.step, self.pool.now, on=event.on)

    def _take_announcement(self, event: ConfigurationAnnounced) -> None:
        self.pool.callers.announce(event.version, self.pool.now)

    def settle(self, proposal: Proposal, result: Sequence[Offer] | Refused) -> None:
        """What came of a proposal: the offers that the store made, or its refusal."""
        outstanding = self._outstanding.pop(proposal.id, None)
        if outstanding is None:
            return
        call = outstanding.call
        del self._outstanding_of[call.record.id]
        call.held = False
        for slot in outstanding.chosen:
            slot.held = False
            slot.held_for = None
        touched: list[AgentSlot | CallSlot] = [call]
        if isinstance(result, Refused):
            touched += self._refused(result, call, proposal)
        elif not result:
            touched += self._refused(Refused(why=Refusal.NOBODY_FREE), call, proposal)
        else:
            touched += self._made(result, outstanding, proposal.queue)
        touched += [slot for slot in outstanding.chosen if slot.awaited is None]
        self.pool.refresh(touched)

    def _see(self, offer: Offer) -> None:
        """An event about this offer is there, and with it the records: its making is not awaited any more."""
        agent = self.pool.roster.slots.get(offer.agent)
        if agent is not None and agent.awaited == offer.id:
            agent.awaited = None
        call = self.pool.calls.get(offer.call)
        if call is not None:
            call.awaited.discard(offer.id)
        outstanding = self._outstanding_of.get(offer.call)
        if outstanding is not None:
            outstanding.made.add(offer.id)

    def _made(self, offers: Sequence[Offer], outstanding: _Outstanding, queue: str) -> list[AgentSlot]:
        """Note what is awaited; answers the spares among them, who were not held, and who were held for another queue
        than the one to which the call was moved meanwhile: caps count them otherwise now."""
        spares = []
        for offer in offers:
            if offer.id not in outstanding.made:
                slot = self.pool.roster.slot(offer.agent)
                slot.awaited, slot.held_for = offer.id, offer.queue
                outstanding.call.awaited.add(offer.id)
                if slot.free or offer.queue != queue:
                    spares.append(slot)
        return spares

    def _refused(self, refused: Refused, call: CallSlot, proposal: Proposal) -> list[AgentSlot | CallSlot]:
        """Nobody free says something of every agent named, anything else of the call."""
        slots: list[AgentSlot | CallSlot] = [call]
        if refused.why is Refusal.NOBODY_FREE:
            known = self.pool.roster.slots
            slots = [known[agent] for agent in proposal.agents if agent in known]
        beaten_by = stream_position(refused.beaten_by) if refused.beaten_by else None
        for slot in slots:
            self.pool.refusals.refuse(slot, beaten_by, self.position, self.pool.now)
        return slots

    # --- what comes out --------------------------------------------------------------------------------------------

    def propose(self, now: int) -> Sequence[Proposal]:
        """Every decision that can be taken now, first in line first."""
        pool = self.pool
        pool.wake(now)
        proposals: list[Proposal] = []
        line, new = pool.line, pool.agents.new
        if not len(line):
            pool.agents.enter_new()
        elif len(line.untried) == 1 and not new:
            self._serve_class(next(iter(line.untried)), proposals)
        elif line.untried or len(new) > 1:
            if len(new) > _MANY_NEW and len(new) > len(line.classes_waiting):
                line.untried.update(dict.fromkeys(line.classes_waiting))
            self._walk(proposals)
            line.untried.clear()
        elif new:
            self._serve_one(next(iter(new.values())), proposals)
        return proposals

    def _serve_one(self, slot: AgentSlot, proposals: list[Proposal]) -> None:
        """The one thing that changed is that this agent is free: the first caller whom the agent can take is served.

        The most frequent case by far where callers wait, and so a way of its own that touches nothing else.
        """
        agents = self.pool.agents
        kind = self._first_for(slot)
        if kind is None:
            agents.enter_new()
            return
        free = agents.free[kind.queue]
        counts = list(agents.counts(kind.queue))
        if slot.profile is not None and kind.queue in slot.profile.queues:
            counts[slot.counted] -= 1
            counts[AVAILABLE] += 1
        caller = self.pool.calls[kind.head[3]]
        choice = free.choose_among([slot], kind, caller.record, 1, self.pool.now)
        assert choice is not None, "somebody to choose among was given"
        proposals.append(self._propose(kind, caller, self._width(kind, caller), choice, tuple(counts)))

    def _serve_class(self, kind: RequirementClass, proposals: list[Proposal]) -> None:
        """The one thing that changed is that callers of this class came: they are served one after the other."""
        while kind.row:
            proposal = self._decide(kind)
            if proposal is None:
                self.pool.line.must_wait(kind)
                return
            proposals.append(proposal)

    def keep_up(self, now: int) -> None:
        """It is this late, and nothing is to be proposed here: another process leads."""
        self.pool.wake(now)
        self.pool.figures.pass_over(now)

    def sample(self, now: int) -> Sequence[StepChange]:
        """Look at the live figures that steps depend on, if it is time to; what crossed a mark is to be committed."""
        return self.pool.figures.sample(now, self.pool.available_of)

    def next_deadline(self) -> int | None:
        """When time alone may make a new pair possible or a live figure is to be looked at, store's milliseconds; None
        if it cannot."""
        times = [at for at in (self.pool.next_time(), self.pool.figures.next_sample) if at is not None]
        return min(times, default=None)

    def _walk(self, proposals: list[Proposal]) -> None:
        """Go through those in line who may find somebody now, first in line first.

        These are the heads of untried classes, and for each new agent the first caller whom that agent can take.
        """
        line = self.pool.line
        new = tuple(self.pool.agents.new.values())
        self.pool.agents.enter_new()
        heap: list[tuple[LineKey, str, RequirementClass, AgentSlot | None]]
        heap = [(kind.head, "", kind, None) for kind in line.untried]
        if len(new) <= _MANY_NEW or len(new) <= len(line.classes_waiting):
            for slot in new:
                found = self._first_for(slot)
                if found is not None:
                    heap.append((found.head, slot.id, found, slot))
        heapify(heap)
        while heap:
            key, name, kind, seeker = heappop(heap)
            if seeker is not None and not seeker.free:
                continue
            if kind.head == key:
                proposal = self._decide(kind)
                if proposal is None:
                    line.must_wait(kind)
                    if seeker is None:
                        continue
                else:
                    proposals.append(proposal)
            following = kind if seeker is None else self._first_for(seeker, after=key) if seeker.free else None
            if following is not None and following.row:
                heappush(heap, (following.head, name, following, seeker))

    def _first_for(self, slot: AgentSlot, after: LineKey | None = None) -> RequirementClass | None:
        """The class whose head is the first caller whom this agent can take, behind ``after`` if that is given."""
        if not slot.capped and after is None:
            return self.pool.line.first_for(slot)
        heads = [
            kind
            for kind in self.pool.line.waiting_for(slot)
            if (after is None or kind.head > after) and self.pool.caps.bars(kind.queue, slot) is None
        ]
        return min(heads, key=_by_head, default=None)

    def _decide(self, kind: RequirementClass) -> Proposal | None:
        """Agents for the first caller of this class, who leaves the line until the proposal is settled."""
        pool = self.pool
        slot = pool.calls[kind.head[3]]
        width = self._width(kind, slot)
        choice = self._choose(kind, slot, width - slot.offers_out)
        if choice is None:
            return None
        return self._propose(kind, slot, width, choice, tuple(pool.agents.counts(kind.queue)))

    def _width(self, kind: RequirementClass, slot: CallSlot) -> int:
        terms = self.pool.terms[kind.queue]
        if len(terms.widths) == 1 or not slot.record.offers:
            return terms.widths[0][1]
        return terms.width(self.pool.now - slot.record.round_at)[0]

    def _choose(self, kind: RequirementClass, slot: CallSlot, wanted: int) -> Choice | None:
        pool = self.pool
        free = pool.free[kind.queue]
        if not pool.caps.limit(kind.queue):
            return free.choose(kind, slot.record, wanted, pool.now)
        barred = {agent.id for agent in kind.takers.values() if agent.free and pool.caps.bars(kind.queue, agent)}
        # Caps may run out within a wide round: everybody is put in order then, so that others can fill it.
        choice = free.choose(kind, slot.record, len(kind.takers) if wanted > 1 else wanted, pool.now, barred)
        if choice is not None:
            choice.agents = pool.caps.trimmed(kind.queue, choice.agents, wanted)[: wanted + SPARES]
        return choice if choice is not None and choice.agents else None

    def _propose(
        self, kind: RequirementClass, slot: CallSlot, width: int, choice: Choice, counts: tuple[int, ...]
    ) -> Proposal:
        self._proposals += 1
        terms = kind.terms
        agents = choice.agents
        proposal = Proposal(
            id=self._proposals,
            call=slot.record.id,
            queue=kind.queue,
            agents=tuple([agent.id for agent in agents]),
            width=width,
            possible_since=max(slot.possible_since, kind.opened_at),
            strategy=self.pool.free[kind.queue].ordering.name,
            reason=choice.reason,
            counts=counts,
            asked=terms.agent or terms.requires,
        )
        chosen = agents[: width - slot.offers_out]
        self.pool.hold(slot, chosen)
        outstanding = _Outstanding(slot, chosen)
        self._outstanding[proposal.id] = self._outstanding_of[proposal.call] = outstanding
        return proposal


_TAKE_OVER: Mapping[type[AnyEvent], Callable[[Matcher, Any], None]] = {
    OfferDialled: Matcher._take_offer,  # noqa: SLF001
    OfferAccepted: Matcher._take_offer_and_call,  # noqa: SLF001
    **dict.fromkeys((OfferMade, OfferEnded, CallConnected), Matcher._take_all),  # noqa: SLF001
    **dict.fromkeys((CallQueued, CallEnded, CallTakenOver, CallChanged), Matcher._take_call),  # noqa: SLF001
    **dict.fromkeys((AgentStatusChanged, AgentReachabilityChanged, WrapUpEnded), Matcher._take_agent),  # noqa: SLF001
    AgentRemoved: Matcher._take_removal,  # noqa: SLF001
    StepSwitched: Matcher._take_step,  # noqa: SLF001
    ConfigurationAnnounced: Matcher._take_announcement,  # noqa: SLF001
}
"""What each event brings; those that are missing bring nothing that decisions need."""
