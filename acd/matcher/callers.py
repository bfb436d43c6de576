"""Every live call, and where in line it stands now: who it can be taken by changes with time, figures and people."""

from __future__ import annotations

from heapq import heappop, heappush

from acd.agent import Agent, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration, LineOrder
from acd.matcher.figures import Figures
from acd.matcher.line import Line
from acd.matcher.roster import Roster
from acd.matcher.slots import CallSlot, LineKey, RequirementClass, changed
from acd.matcher.terms import QueueTerms, Terms, head_start_ms
from acd.ports import Snapshot
from acd.strategy import Strategies

_QUEUED, _OFFERED = CallState.QUEUED, CallState.OFFERED


class Callers:
    """Calls by id, and the line of those who need an offer. ``now`` is the store's milliseconds throughout."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self.calls: dict[str, CallSlot] = {}
        """Every call that has not ended."""
        self.line = Line(roster)
        self.terms: dict[str, QueueTerms] = {}
        self.figures = Figures(Configuration(), {})
        self._strictly_by_priority = False
        self._steps_on: set[tuple[str, int]] = set()
        """Steps that count by a live figure, as committed; of the configuration version announced last."""
        self._announced = 0
        self._due: list[tuple[int, str]] = []
        """When time changes what a waiting call asks for."""
        self._waiting_for: dict[str, set[str]] = {}
        """By agent: the calls that wait for this very agent."""

    # --- as a whole ------------------------------------------------------------------------------------------------

    def configure(self, configuration: Configuration, strategies: Strategies) -> None:
        """Take over another configuration; ``index`` is to follow."""
        self._strictly_by_priority = configuration.line is LineOrder.STRICT_PRIORITY
        self.terms = {name: QueueTerms(queue, strategies.get(name)) for name, queue in configuration.queues.items()}

    def load(self, snapshot: Snapshot) -> None:
        """Forget every call and take these over; ``index`` is to follow."""
        self.calls = {call.id: CallSlot(call) for call in snapshot.calls.values() if call.state is not CallState.ENDED}
        self._steps_on = {(name, step) for name, steps in snapshot.steps_on.items() for step in steps}
        self._announced = snapshot.configuration_version

    def index(self, configuration: Configuration, now: int) -> None:
        """Put everybody in line anew."""
        for terms in self.terms.values():
            terms.on = 0
        for queue, step in self._steps_on:
            if queue in self.terms:
                self.terms[queue].switch(step, on=True)
        self.line = Line(self._roster)
        self.figures = Figures(configuration, self.terms)
        self._due, self._waiting_for = [], {}
        for slot in self.calls.values():
            slot.kind = slot.due = None
            self._take_notice(slot)
            self.refresh(slot, now)

    # --- one record ------------------------------------------------------------------------------------------------

    def put(self, call: Call, now: int) -> None:
        """The call is like this now."""
        slot = self.calls.get(call.id)
        if call.state is CallState.ENDED:
            if slot is not None:
                self._forget(slot, call)
            return
        commanded = False
        if slot is None:
            slot = self.calls[call.id] = CallSlot(call)
        else:
            before = slot.record
            commanded = slot.kind is not None and (before.state, before.offers) == (call.state, call.offers)
            if slot.record.preferred_agent != call.preferred_agent:
                self._waits_no_more(slot.record)
            slot.record = call
            changed(slot)
        self._take_notice(slot)
        self.refresh(slot, now, changed_at=now if commanded else 0)

    def _forget(self, slot: CallSlot, ended: Call) -> None:
        self.line.remove(slot)
        self._waits_no_more(slot.record)
        self.figures.see(ended)
        del self.calls[ended.id]

    def _take_notice(self, slot: CallSlot) -> None:
        """Of what hangs on the call's record besides its place in line."""
        call = slot.record
        self.figures.see(call)
        if call.preferred_agent is not None:
            self._waiting_for.setdefault(call.preferred_agent, set()).add(call.id)

    def _waits_no_more(self, call: Call) -> None:
        if call.preferred_agent is not None:
            waiting = self._waiting_for.get(call.preferred_agent, set())
            waiting.discard(call.id)
            if not waiting:
                self._waiting_for.pop(call.preferred_agent, None)

    # --- what else changes the line --------------------------------------------------------------------------------

    def somebody_came_or_went(self, agent: str, now: int) -> None:
        """This agent logged in or out: who waits for just this one may have to wait no more."""
        for call in self._waiting_for.get(agent, ()):
            self.refresh(self.calls[call], now, changed_at=now)

    def switch_step(self, queue: str, step: int, now: int, *, on: bool) -> None:
        """A step of this queue counts by its live figure from now on, or counts no more."""
        if on:
            self._steps_on.add((queue, step))
        else:
            self._steps_on.discard((queue, step))
        terms = self.terms.get(queue)
        if terms is None:
            return
        terms.switch(step, on=on)
        for kind in [kind for kind in self.line.classes_waiting if kind.queue == queue]:
            for key in list(kind.row):
                self.refresh(self.calls[key[3]], now, changed_at=now)

    def announce(self, version: int, now: int) -> None:
        """Another version of the configuration was announced: it begins without steps that count by live figures."""
        if version != self._announced:
            self._announced = version
            for queue, step in list(self._steps_on):
                self.switch_step(queue, step, now, on=False)

    # --- a call's place in line ------------------------------------------------------------------------------------

    def refresh(self, slot: CallSlot, now: int, *, changed_at: int = 0) -> None:
        """Put the call where it belongs: into its class's row if it needs an offer, else out of line.

        ``changed_at``: when something else than the call's own course changed what it may get.
        """
        call = slot.record
        out = len(call.offers) + len(slot.awaited)
        terms = self.terms.get(call.queue)
        key = self._key(call, terms, out)
        state = call.state
        if (
            terms is None
            or slot.held
            or slot.block is not None
            or (state is not _QUEUED and state is not _OFFERED)
            or out >= self._width(slot, terms, out, now)
        ):
            if slot.kind is not None:
                self.line.remove(slot)
            slot.key = key
            return
        kind = self._class_now(slot, terms, now)
        if slot.kind is not kind or slot.key != key:
            if changed_at and slot.kind is not kind:
                slot.possible_since = changed_at
            if slot.kind is not None:
                self.line.remove(slot)
            slot.key = key
            self.line.add(slot, kind)

    def _key(self, call: Call, terms: QueueTerms | None, out: int) -> LineKey:
        queued_at = call.queued_at
        rings = 1 if out else 0
        if terms is None or not (call.priority or terms.queue.priority):
            return (rings, 0.0 if self._strictly_by_priority else queued_at, queued_at, call.id)
        if self._strictly_by_priority:
            return (rings, -(call.priority + terms.queue.priority), queued_at, call.id)
        return (rings, queued_at - head_start_ms(terms.queue, call), queued_at, call.id)

    def _width(self, slot: CallSlot, terms: QueueTerms, out: int, now: int) -> int:
        call = slot.record
        if not out or len(terms.widths) == 1 or not call.offers:  # the record of a round just begun is on its way
            return terms.widths[0][1]
        phones, until = terms.width(now - call.round_at)
        if until is not None and phones <= out:
            self._wake_at(slot, call.round_at + until, now)
        return phones

    def _class_now(self, slot: CallSlot, terms: QueueTerms, now: int) -> RequirementClass:
        call = slot.record
        waited = now - call.queued_at
        agent = self._only_agent(slot, waited, now) if call.preferred_agent is not None else None
        if not terms.queue.steps:
            return self.line.class_of(terms, 0, slot, agent)
        next_step = terms.next_step_ms(waited)
        if next_step is not None:
            self._wake_at(slot, call.queued_at + next_step, now)
        return self.line.class_of(terms, terms.counting(waited), slot, agent)

    def terms_at(self, slot: CallSlot, now: int) -> Terms | None:
        """What the call asks for at this time; None if its queue is not configured. For explanations."""
        call = slot.record
        queue = self.terms.get(call.queue)
        if queue is None:
            return None
        waited = call.waited_ms(now)
        only = self._awaited_agent(call, waited) if call.preferred_agent is not None else None
        agent = None if only is None else only[0]
        return queue.terms(queue.counting(waited), call.requires, call.prefers, agent)

    def _only_agent(self, slot: CallSlot, waited: int, now: int) -> str | None:
        """The agent whom this call waits for, if nobody else may be asked now."""
        awaited = self._awaited_agent(slot.record, waited)
        if awaited is None:
            return None
        agent, until = awaited
        if until is not None:
            self._wake_at(slot, slot.record.queued_at + until, now)
        return agent

    def _awaited_agent(self, call: Call, waited: int) -> tuple[str, int | None] | None:
        """Nobody but this agent, until this wait (None: for good)."""
        wanted = self._roster.slots.get(call.preferred_agent or "")
        if wanted is None or wanted.profile is None:
            return None
        if call.preferred_for_s is None:
            return wanted.id, None
        until = round(call.preferred_for_s * 1000)
        return (wanted.id, until) if waited < until and is_there(wanted.live) else None

    # --- time ------------------------------------------------------------------------------------------------------

    def wake(self, now: int) -> None:
        """It is this late: calls ask for what they ask for by now."""
        while self._due and self._due[0][0] <= now:
            at, call = heappop(self._due)
            slot = self.calls.get(call)
            if slot is not None and slot.due == at:
                slot.due = None
                self.refresh(slot, now, changed_at=at)

    def next_time(self) -> int | None:
        """When time alone changes what a call asks for; None if it does not."""
        while self._due and not self._is_due(*self._due[0]):
            heappop(self._due)
        return self._due[0][0] if self._due else None

    def _wake_at(self, slot: CallSlot, at: int, now: int) -> None:
        if slot.due is None or at < slot.due or slot.due <= now:
            slot.due = at
            heappush(self._due, (at, slot.record.id))

    def _is_due(self, at: int, call: str) -> bool:
        slot = self.calls.get(call)
        return slot is not None and slot.due == at and slot.record.is_waiting


def is_there(live: Agent | None) -> bool:
    """Whether it is worth waiting for this agent: logged in, on break or not."""
    return live is not None and live.status is not AgentStatus.LOGGED_OUT
