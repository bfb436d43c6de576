"""Decides who gets whom: a pure state machine, fed with events, that answers with proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from acd.agent import Agent
from acd.call import Call
from acd.configuration import Configuration
from acd.events import AgentRemoved, AnyEvent, stream_position
from acd.matcher.free_agents import Choice
from acd.matcher.live_pool import LivePool
from acd.matcher.slots import AgentSlot, CallSlot, Condition, LineKey, Proposal, RequirementClass, StrategyTrouble
from acd.offer import Offer
from acd.ports import Refusal, Refused, Snapshot
from acd.queue import Queue
from acd.strategy import Strategies

_MANY_NEW = 16
"""From this many on, agents who became free are put in order before callers are looked for."""


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
        offer: Offer | None = getattr(event, "offer", None)
        if offer is not None:
            self._see(offer)
        call: Call | None = getattr(event, "call", None)
        if call is not None:
            pool.put_call(call)
        agent: Agent | None = getattr(event, "agent", None)
        if isinstance(event, AgentRemoved):
            pool.remove_agent(event.agent.id)
        elif agent is not None:
            pool.put_agent(agent)
        if pool.refusals.waits_for_events:
            pool.refresh(pool.refusals.over_at_position(self.position))

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
        touched: list[AgentSlot | CallSlot] = [call, *outstanding.chosen]
        if isinstance(result, Refused):
            touched += self._refused(result, call, proposal)
        elif not result:
            touched += self._refused(Refused(why=Refusal.NOBODY_FREE), call, proposal)
        else:
            touched += self._made(result, outstanding)
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

    def _made(self, offers: Sequence[Offer], outstanding: _Outstanding) -> list[AgentSlot]:
        awaiting = []
        for offer in offers:
            if offer.id not in outstanding.made:
                slot = self.pool.roster.slot(offer.agent)
                slot.awaited = offer.id
                outstanding.call.awaited.add(offer.id)
                awaiting.append(slot)
        return awaiting

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
        if pool.line.untried or (pool.new and len(pool.line)):
            self._begin_round()
            self._walk(proposals)
        pool.everybody_was_tried()
        return proposals

    def keep_up(self, now: int) -> None:
        """It is this late, and nothing is to be proposed here: another process leads."""
        self.pool.wake(now)

    def next_deadline(self) -> int | None:
        """When time alone may make a new pair possible, store's milliseconds; None if it cannot."""
        return self.pool.next_time()

    def _begin_round(self) -> None:
        pool = self.pool
        if len(pool.new) <= _MANY_NEW:
            return
        for slot in pool.new.values():
            for agents in pool.free_of(slot):
                agents.sort_new()
        if len(pool.new) > len(pool.line.classes_waiting):
            pool.line.untried.update(dict.fromkeys(pool.line.classes_waiting))
            pool.new.clear()

    def _walk(self, proposals: list[Proposal]) -> None:
        """Go through those in line who may find somebody now, first in line first.

        These are the heads of untried classes, and for each new agent the first caller whom that agent can take.
        """
        line = self.pool.line
        heap: list[tuple[LineKey, str, RequirementClass, AgentSlot | None]]
        heap = [(kind.head, "", kind, None) for kind in line.untried]
        for slot in self.pool.new.values():
            found = line.first_for(slot)
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
                    line.untried.pop(kind, None)
                    continue
                proposals.append(proposal)
            following = kind if seeker is None else line.first_for(seeker) if seeker.free else None
            if following is not None and following.row:
                heappush(heap, (following.head, name, following, seeker))

    def _decide(self, kind: RequirementClass) -> Proposal | None:
        """Agents for the first caller of this class, who leaves the line until the proposal is settled."""
        pool = self.pool
        free = pool.free[kind.queue]
        if not free.all:
            return None
        slot = pool.calls[kind.head[2]]
        queue = free.ordering.queue
        wanted = queue.offer_width - slot.offers_out
        only_new = len(free.new) == len(free.all) or (kind not in pool.line.untried and not free.sorted_now)
        choice = free.choose(kind, slot.record, wanted, pool.now, only_new=only_new)
        if choice is None:
            return None
        proposal = self._proposal(slot, queue, choice)
        chosen = choice.agents[:wanted]
        pool.hold(slot, chosen)
        outstanding = _Outstanding(slot, chosen)
        self._outstanding[proposal.id] = self._outstanding_of[slot.record.id] = outstanding
        return proposal

    def _proposal(self, slot: CallSlot, queue: Queue, choice: Choice) -> Proposal:
        self._proposals += 1
        return Proposal(
            id=self._proposals,
            call=slot.record.id,
            queue=queue.name,
            agents=tuple([agent.id for agent in choice.agents]),
            width=queue.offer_width,
            why=self._why(queue, choice),
        )

    def _why(self, queue: Queue, choice: Choice) -> str:
        free = self.pool.free[queue.name]
        conditions = self.pool.conditions[queue.name]
        words = [f"{len(free.all)} free of {len(self.pool.roster.of_queue(queue.name))}"]
        pausing = conditions[Condition.FREE] - len(free.all)
        if pausing:
            words.append(f"{pausing} cooling off or just being offered")
        for condition, count in conditions.items():
            if count and condition is not Condition.FREE:
                words.append(f"{count} {condition.replace('_', ' ')}")
        reason = f": {choice.reason}" if choice.reason else ""
        return f"{free.ordering.name}{reason}; {', '.join(words)}"
