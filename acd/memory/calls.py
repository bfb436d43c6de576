"""The transitions of calls and their offers, in memory: the same steps as the scripts take in Redis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from acd.agent import Agent, AgentTrigger
from acd.call import CALL_TRANSITIONS, Call, CallState, CallTrigger, EndedBy, EndReason
from acd.errors import StaleEpoch
from acd.events import (
    CallChanged,
    CallConnected,
    CallEnded,
    CallQueued,
    CallTakenOver,
    OfferAccepted,
    OfferDialled,
    OfferMade,
    stream_position,
)
from acd.memory.steps import Transition, moved_agent, moved_call
from acd.memory.world import EpochState, World
from acd.offer import OFFER_TRANSITIONS, Offer, OfferOutcome, OfferTrigger, next_offer_state
from acd.ports import CallChange, DeadlineKind, OfferRef, Refusal, Refused, Reservation

ENDED_KEPT_MS = 600_000


class CallTransitions:
    """One process's handle on a world: what it may do to calls and offers, on the epoch that it has joined."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._epoch: str | None = None
        self._run = 0

    def _live_epoch(self) -> EpochState:
        """The epoch joined, if it is still the store's; raises StaleEpoch."""
        if self._epoch is None:
            raise StaleEpoch("the store has not been joined yet")
        self._still(self._epoch)
        assert self.world.epoch is not None
        return self.world.epoch

    def _still(self, joined: str) -> None:
        if self.world.run != self._run:
            raise StaleEpoch("the store was restarted since its epoch was joined: join again")
        if self.world.epoch is None or self.world.epoch.id != joined:
            done = "rebuilt" if self.world.epoch else "emptied"
            raise StaleEpoch(f"the store was {done} since it was joined: join again")

    def _refused(self, why: Refusal, record: Call | Offer) -> Refused:
        kind = "call" if isinstance(record, Call) else "offer"
        return Refused(why=why, beaten_by=self.world.changed_by(kind, record.id))

    def _proven(self, ref: OfferRef, trigger: OfferTrigger) -> Offer | Refused:
        """The offer, if the holder may act on it: the owner alone, with the very fence, from the right state."""
        self._live_epoch()
        offer = self.world.offers.get(ref.id)
        if offer is None:
            return Refused(why=Refusal.UNKNOWN)
        if offer.owner != ref.owner:
            return self._refused(Refusal.NOT_OWNER, offer)
        if offer.fence != ref.fence:
            return self._refused(Refusal.STALE_FENCE, offer)
        if (offer.state, trigger) not in OFFER_TRANSITIONS:
            return self._refused(Refusal.WRONG_STATE, offer)
        return offer

    def _owned(self, call: str, owner: str) -> Call | Refused:
        self._live_epoch()
        record = self.world.calls.get(call)
        if record is None:
            return Refused(why=Refusal.UNKNOWN)
        return record if record.owner == owner else self._refused(Refusal.NOT_OWNER, record)

    async def take_over(self, call: str, *, previous: str, by: str) -> Call | Refused:
        """Make ``by`` the owner of a call whose owner's lease has ended; NOT_DUE while it runs."""
        self._live_epoch()
        record = self.world.calls.get(call)
        if record is None:
            return Refused(why=Refusal.UNKNOWN)
        if record.owner == by:
            return record
        if record.owner != previous:
            return self._refused(Refusal.NOT_OWNER, record)
        if self.world.processes.get(previous, 0) > self.world.clock():
            return self._refused(Refusal.NOT_DUE, record)
        record = replace(record, owner=by)
        event = self.world.emit(CallTakenOver, tell=by, call=record, previous_owner=previous)
        for offer_id in {*record.offers, record.offer or ""} & self.world.offers.keys():
            self.world.put(replace(self.world.offers[offer_id], owner=by), event_id=event)
        return record

    async def enqueue(self, call: Call) -> Call:
        """A caller waits; known already: the record as it is."""
        self._live_epoch()
        if known := self.world.calls.get(call.id):
            return known
        now = self.world.clock()
        call = replace(
            call,
            state=CallState.QUEUED,
            state_since=now,
            queued_at=call.queued_at or now,
            arrived_at=call.arrived_at or now,
        )
        self.world.emit(CallQueued, call=call)
        return call

    async def reserve(self, reservation: Reservation) -> Sequence[Offer] | Refused:
        """Claim the first free agents for the call. StaleEpoch while the epoch is not ready."""
        if not self._live_epoch().ready:
            raise StaleEpoch(f"epoch {self._epoch} of the store is not in the state for this: join again")
        call = self.world.calls.get(reservation.call)
        if call is None:
            return Refused(why=Refusal.UNKNOWN)
        if (call.state, CallTrigger.OFFER) not in CALL_TRANSITIONS:
            return self._refused(Refusal.WRONG_STATE, call)
        places = reservation.width - len(call.offers)
        if places <= 0:
            return self._refused(Refusal.ROUND_FULL, call)
        change = Transition(self.world)
        waits_since = max(call.queued_at, call.state_since, reservation.possible_since)
        made: list[Offer] = []
        taken: list[str] = []
        for agent_id in reservation.agents:
            agent = self.world.agents.get(agent_id)
            if len(made) < places and agent is not None and agent.is_available(change.now):
                made.append(self._offer(change, reservation, agent, waits_since))
            elif agent is not None:
                taken.append(self.world.changed_by("agent", agent_id))
        if made:
            return made
        return Refused(why=Refusal.NOBODY_FREE, beaten_by=max(taken, key=stream_position, default=""))

    def _offer(self, change: Transition, reservation: Reservation, agent: Agent, waits_since: int) -> Offer:
        world, now = self.world, change.now
        call = world.calls[reservation.call]
        world.fence += 1
        rounds = call.rounds if call.offers else call.rounds + 1
        offer = Offer(
            id=f"{call.id}.{world.fence}",
            call=call.id,
            agent=agent.id,
            queue=call.queue,
            fence=world.fence,
            owner=call.owner,
            round=rounds,
            made_at=now,
            lease_until=now + reservation.lease_ms,
            free_since=max(waits_since, agent.free_since, agent.activity_since),
            why=reservation.why,
        )
        call = replace(
            moved_call(call, CallTrigger.OFFER, now),
            rounds=rounds,
            round_at=call.round_at if call.offers else now,
            offers={**call.offers, offer.id: agent.id},
            first_offered_at=now if call.first_offered_at is None else call.first_offered_at,
        )
        agent = replace(
            moved_agent(agent, AgentTrigger.RESERVE, now),
            offer=offer.id,
            call=call.id,
            busy_for=call.queue,
            offered_at=now,
            offered_in={**agent.offered_in, call.queue: now},
        )
        world.deadlines[DeadlineKind.OFFER_LEASE, offer.id] = offer.lease_until
        world.emit(OfferMade, tell=call.owner, call=call, agent=agent, offer=offer)
        return offer

    async def ring(self, offer: OfferRef) -> Offer | Refused:
        """The phone is about to be dialled."""
        found = self._proven(offer, OfferTrigger.RING)
        if isinstance(found, Refused):
            return found
        now = self.world.clock()
        if found.lease_until <= now:
            return self._refused(Refusal.LEASE_OVER, found)
        found = replace(found, state=next_offer_state(found.state, OfferTrigger.RING), dialled_at=now)
        self.world.emit(OfferDialled, offer=found)
        return found

    async def accept(self, offer: OfferRef, *, lease_ms: int) -> Offer | Refused:
        """The agent answered; one offer of a call wins."""
        found = self._proven(offer, OfferTrigger.ACCEPT)
        if isinstance(found, Refused):
            return found
        now = self.world.clock()
        if found.lease_until <= now:
            return self._refused(Refusal.LEASE_OVER, found)
        call = self.world.calls[found.call]
        if (call.state, CallTrigger.ACCEPT) not in CALL_TRANSITIONS:
            return self._refused(Refusal.WRONG_STATE, call)
        state = next_offer_state(found.state, OfferTrigger.ACCEPT)
        found = replace(found, state=state, accepted_at=now, lease_until=now + lease_ms)
        call = replace(moved_call(call, CallTrigger.ACCEPT, now), offer=found.id, agent=found.agent)
        self.world.deadlines.pop((DeadlineKind.OFFER_LEASE, found.id), None)
        self.world.deadlines[DeadlineKind.ACCEPTED_LEASE, found.id] = found.lease_until
        self.world.emit(OfferAccepted, call=call, offer=found)
        return found

    async def connect(self, offer: OfferRef) -> Offer | Refused:
        """Both legs were seen in the bridge; the call's other offers end as answered elsewhere."""
        found = self._proven(offer, OfferTrigger.CONNECT)
        if isinstance(found, Refused):
            return found
        call = self.world.calls[found.call]
        if (call.state, CallTrigger.CONNECT) not in CALL_TRANSITIONS:
            return self._refused(Refusal.WRONG_STATE, call)
        change = Transition(self.world)
        now = change.now
        state = next_offer_state(found.state, OfferTrigger.CONNECT)
        found = replace(found, state=state, connected_at=now, outcome=OfferOutcome.ANSWERED)
        losers = {known: agent for known, agent in call.offers.items() if known != found.id}
        call = replace(moved_call(call, CallTrigger.CONNECT, now), connected_at=now, offers=losers)
        agent = moved_agent(self.world.agents[found.agent], AgentTrigger.CONNECT, now)
        agent = replace(
            agent,
            offer=None,
            missed=0,
            answered=agent.answered + 1,
            shift_answered=agent.shift_answered + 1,
            call_started_at=now,
        )
        self.world.deadlines.pop((DeadlineKind.ACCEPTED_LEASE, found.id), None)
        self.world.emit(CallConnected, call=call, agent=agent, offer=found)
        for loser in change.offers_of(call):
            change.end_offer(loser, OfferOutcome.ANSWERED_ELSEWHERE)
        change.retire_freed()
        return found

    async def end_offer(
        self,
        offer: OfferRef,
        outcome: OfferOutcome,
        *,
        cool_off_ms: int = 0,
        break_after: int = 0,
        sip_code: int | None = None,
    ) -> Offer | Refused:
        """An offer came to nothing; so many missed in a row and the agent goes on break."""
        found = self._proven(offer, OfferTrigger.END)
        if isinstance(found, Refused):
            return found
        change = Transition(self.world)
        ended = change.end_offer(found, outcome, cool_off_ms=cool_off_ms, break_after=break_after, sip_code=sip_code)
        change.retire_freed()
        return ended

    async def expire_offer(self, offer: str) -> Offer | Refused:
        """End an offer whose lease is over; NOT_DUE before that."""
        self._live_epoch()
        found = self.world.offers.get(offer)
        if found is None:
            return Refused(why=Refusal.UNKNOWN)
        if (found.state, OfferTrigger.END) not in OFFER_TRANSITIONS:
            return self._refused(Refusal.WRONG_STATE, found)
        change = Transition(self.world)
        if found.lease_until > change.now:
            return self._refused(Refusal.NOT_DUE, found)
        ended = change.end_offer(found, OfferOutcome.EXPIRED)
        change.retire_freed()
        return ended

    async def end_call(
        self, call: str, reason: EndReason, *, owner: str, by: EndedBy, wrap_up_ms: int = 0
    ) -> Call | Refused:
        """The call leaves; its offers end before it does, with the call shown as ended already."""
        record = self._owned(call, owner)
        if isinstance(record, Refused):
            return record
        if reason is EndReason.WITHDRAWN and not record.is_waiting:
            return self._refused(Refusal.WRONG_STATE, record)
        change = Transition(self.world)
        talked = record.state is CallState.CONNECTED
        record = replace(
            moved_call(record, CallTrigger.END, change.now), ended_at=change.now, end_reason=reason, ended_by=by
        )
        agent = None
        if talked:
            agent = change.hang_up(record, wrap_up_ms)
        else:
            record = replace(record, offer=None, agent=None)
            for offer in change.offers_of(record):
                change.end_offer(offer, OfferOutcome.CALLER_LEFT, call=record)
                record = replace(
                    record, offers={known: who for known, who in record.offers.items() if known != offer.id}
                )
        self.world.emit(CallEnded, tell=owner, call=record, agent=agent)
        self._remember_end(record, change.now)
        change.retire_freed()
        return record

    async def end_lost(self, call: Call) -> Call | Refused:
        """Book the end of a call that the store lost; no agent is held for it."""
        epoch, now = self._live_epoch(), self.world.clock()
        if (live := self.world.calls.get(call.id)) is not None:
            return self._refused(Refusal.WRONG_STATE, live)
        if (known := epoch.ended.get(call.id)) is not None and (known.ended_at or 0) >= now - ENDED_KEPT_MS:
            return known
        record = replace(call, state=CallState.ENDED, state_since=now, ended_at=now)
        self.world.emit(CallEnded, call=record, agent=None)
        self._remember_end(record, now)
        return record

    def _remember_end(self, call: Call, now: int) -> None:
        ended = self._live_epoch().ended
        ended.pop(call.id, None)
        ended[call.id] = call
        while (oldest := next(iter(ended.values()))).ended_at is not None and oldest.ended_at < now - ENDED_KEPT_MS:
            del ended[oldest.id]

    async def requeue(self, call: str, *, owner: str) -> Call | Refused:
        """A connected caller waits again; the agent is free at once."""
        record = self._owned(call, owner)
        if isinstance(record, Refused):
            return record
        if (record.state, CallTrigger.REQUEUE) not in CALL_TRANSITIONS:
            return self._refused(Refusal.WRONG_STATE, record)
        change = Transition(self.world)
        agent = change.hang_up(record, 0)
        record = replace(moved_call(record, CallTrigger.REQUEUE, change.now), offer=None, agent=None, connected_at=None)
        self.world.emit(CallQueued, call=record, agent=agent)
        change.retire_freed()
        return record

    async def change_call(self, call: str, change: CallChange) -> Call | Refused:
        """Change a waiting call; what is so already writes no event."""
        self._live_epoch()
        record = self.world.calls.get(call)
        if record is None:
            return Refused(why=Refusal.UNKNOWN)
        moves = change.queue is not None and change.queue != record.queue
        if not record.is_waiting or (moves and record.offers):
            return self._refused(Refusal.WRONG_STATE, record)
        wanted: dict[str, Any] = {
            name: said
            for name in ("priority", "queue", "requires", "prefers", "preferred_agent", "preferred_for_s")
            if (said := getattr(change, name)) is not None
        }
        if change.preferred_agent == "":
            wanted |= {"preferred_agent": None, "preferred_for_s": None}
        if moves and not change.keep_wait:
            wanted["queued_at"] = self.world.clock()
        changed = replace(record, **wanted)
        if changed != record:
            self.world.emit(CallChanged, tell=record.owner, call=changed)
        return changed
