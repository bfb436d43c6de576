"""Everything live in one pool, with the indexes that decisions need, brought up to date record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from acd.agent import Agent, AgentStatus
from acd.call import Call, CallState
from acd.configuration import Configuration, LineOrder
from acd.matcher.caps import CapCount, Caps
from acd.matcher.figures import Figures
from acd.matcher.free_agents import FreeAgents
from acd.matcher.line import Line
from acd.matcher.ordering import Ordering
from acd.matcher.refusals import Refusals
from acd.matcher.roster import Roster
from acd.matcher.slots import CONDITIONS, AgentSlot, CallSlot, RequirementClass, StrategyTrouble, condition_place
from acd.matcher.terms import QueueTerms, Terms, head_start_ms
from acd.ports import Snapshot
from acd.strategy import Candidate, Strategies


class LivePool:
    """Agents and calls by id, the line of those who need an offer, and per queue the agents who are free."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.now = 0
        """The latest time seen, store's milliseconds."""
        self.roster = Roster()
        self.calls: dict[str, CallSlot] = {}
        """Every call that has not ended."""
        self.line = Line(self.roster)
        self.free: dict[str, FreeAgents] = {}
        self.terms: dict[str, QueueTerms] = {}
        self.counts: dict[str, list[int]] = {}
        """Per queue: how many of its agents are in each condition, cool-offs aside; in the order of ``CONDITIONS``."""
        self.new: dict[str, AgentSlot] = {}
        """Free agents for whom nobody in line has been looked for."""
        self.refusals = Refusals()
        self.caps = Caps((), ())
        self.figures = Figures(self.configuration, {})
        self._strictly_by_priority = False
        self._steps_on: set[tuple[str, int]] = set()
        """Steps that count by a live figure, as committed; of the configuration version announced last."""
        self._announced = 0
        self._cooling: list[tuple[int, str]] = []
        self._due: list[tuple[int, str]] = []
        """When time changes what a waiting call asks for."""
        self._waiting_for: dict[str, set[str]] = {}
        """By agent: the calls that wait for this very agent."""

    # --- as a whole ------------------------------------------------------------------------------------------------

    def configure(
        self, configuration: Configuration, strategies: Strategies, report: Callable[[StrategyTrouble], None]
    ) -> None:
        """Take over another configuration; what is live stays."""
        self.configuration = configuration
        self._strictly_by_priority = configuration.line is LineOrder.STRICT_PRIORITY
        before, self.free = self.free, {}
        for name, queue in configuration.queues.items():
            ordering = Ordering(queue, strategies.get(name), report)
            if name in before:
                ordering.continue_from(before[name].ordering)
            self.free[name] = FreeAgents(ordering)
        self.terms = {name: QueueTerms(queue, strategies.get(name)) for name, queue in configuration.queues.items()}
        self._take_profiles()
        self._index()

    def load(self, snapshot: Snapshot) -> None:
        """Forget everything live and take this over."""
        self.now = max(self.now, snapshot.at)
        self.refusals = Refusals()
        self._cooling = []
        self.roster.slots.clear()
        for live in snapshot.agents.values():
            self.roster.slot(live.id).live = live
        self.calls = {call.id: CallSlot(call) for call in snapshot.calls.values() if call.state is not CallState.ENDED}
        self._steps_on = {(name, step) for name, steps in snapshot.steps_on.items() for step in steps}
        self._announced = snapshot.configuration_version
        self._take_profiles()
        self._index()

    def _take_profiles(self) -> None:
        profiles = self.configuration.agents
        for slot in list(self.roster.slots.values()):
            slot.profile = profiles.get(slot.id)
            if slot.profile is None and slot.live is None:
                del self.roster.slots[slot.id]
        for agent, profile in profiles.items():
            self.roster.slot(agent).profile = profile

    def _index(self) -> None:
        for name, terms in self.terms.items():
            terms.on = 0
            for queue, step in self._steps_on:
                if queue == name:
                    terms.switch(step, on=True)
        self.roster.index()
        self.line = Line(self.roster)
        self.caps = Caps(self.configuration.caps.values(), self.configuration.queues)
        self.figures = Figures(self.configuration, self.terms)
        self.free = {name: FreeAgents(free.ordering) for name, free in self.free.items()}
        self.counts = {name: [0] * len(CONDITIONS) for name in self.configuration.queues}
        self.new, self._due, self._waiting_for = {}, [], {}
        for slot in self.roster.slots.values():
            queues = () if slot.profile is None else slot.profile.queues
            slot.free, slot.classes, slot.capped = False, {}, self.caps.counts(slot)
            slot.free_of = [self.free[queue] for queue in queues if queue in self.free]
            slot.counts = [self.counts[queue] for queue in queues if queue in self.counts]
            slot.place = condition_place(slot.live)
            for counts in slot.counts:
                counts[slot.place] += 1
        for call in self.calls.values():
            call.kind = call.due = None
            self._take_notice(call)
            self.refresh_call(call)
        for slot in self.roster.slots.values():
            self.refresh_agent(slot)
            if slot.capped:
                self.caps.see(slot)
        self.line.untried.update(dict.fromkeys(self.line.classes_waiting))

    # --- one record ------------------------------------------------------------------------------------------------

    def put_call(self, call: Call) -> None:
        """The call is like this now."""
        slot = self.calls.get(call.id)
        if call.state is CallState.ENDED:
            if slot is not None:
                self._forget_call(slot, call)
            return
        if slot is None:
            slot = self.calls[call.id] = CallSlot(call)
        elif slot.record.preferred_agent != call.preferred_agent:
            self._waits_no_more(slot.record)
        slot.record = call
        _changed(slot)
        self._take_notice(slot)
        self.refresh_call(slot)

    def _forget_call(self, slot: CallSlot, ended: Call) -> None:
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

    def put_agent(self, live: Agent) -> None:
        """The agent is like this now."""
        slot = self.roster.slots.get(live.id) or self.roster.slot(live.id)
        was_there = _is_there(slot.live)
        self._withdraw(slot)
        slot.live = live
        if slot.awaited is None and not slot.held:
            slot.held_for = None
        _changed(slot)
        self._recount(slot)
        self.refresh_agent(slot)
        if _is_there(live) is not was_there:
            self._somebody_came_or_went(slot.id)

    def remove_agent(self, agent: str) -> None:
        """The agent has no live record any more."""
        slot = self.roster.slots.get(agent)
        if slot is None:
            return
        self._withdraw(slot)
        slot.live = None
        _changed(slot)
        self._recount(slot)
        if slot.capped:
            self._see_caps(slot)
        self._somebody_came_or_went(agent)
        if slot.profile is None:
            del self.roster.slots[agent]

    def _somebody_came_or_went(self, agent: str) -> None:
        for call in self._waiting_for.get(agent, ()):
            self.refresh_call(self.calls[call])

    def switch_step(self, queue: str, step: int, *, on: bool) -> None:
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
                self.refresh_call(self.calls[key[3]])

    def announce(self, version: int) -> None:
        """Another version of the configuration was announced: it begins without steps that count by live figures."""
        if version != self._announced:
            self._announced = version
            for queue, step in list(self._steps_on):
                self.switch_step(queue, step, on=False)

    def hold(self, call: CallSlot, agents: Iterable[AgentSlot]) -> None:
        """These are in a proposal: they are out of line, and not free, until somebody refreshes them."""
        call.held = True
        self.line.remove(call)
        for slot in agents:
            slot.held, slot.held_for = True, call.record.queue
            self._withdraw(slot)
            if slot.capped:
                self._see_caps(slot)

    def refresh(self, slots: Iterable[AgentSlot | CallSlot]) -> None:
        """Something besides the records of these changed: see whether they may be proposed now."""
        for slot in slots:
            if isinstance(slot, AgentSlot):
                self.refresh_agent(slot)
            else:
                self.refresh_call(slot)

    # --- a call's place in line ------------------------------------------------------------------------------------

    def refresh_call(self, slot: CallSlot) -> None:
        """Put the call where it belongs: into its class's row if it needs an offer, else out of line."""
        call = slot.record
        out = len(call.offers) + len(slot.awaited)
        terms = self.terms.get(call.queue)
        slot_key = self._key(call, terms, out)
        state = call.state
        if (
            terms is None
            or slot.held
            or slot.block is not None
            or (state is not CallState.QUEUED and state is not CallState.OFFERED)
            or out >= self._width(slot, terms, out)
        ):
            self.line.remove(slot)
            slot.key = slot_key
            return
        kind = self._class_now(slot, terms)
        if slot.kind is not kind or slot.key != slot_key:
            self.line.remove(slot)
            slot.key = slot_key
            self.line.add(slot, kind)

    def _key(self, call: Call, terms: QueueTerms | None, out: int) -> tuple[int, float, int, str]:
        queued_at = call.queued_at
        rings = 1 if out else 0
        if terms is None or not (call.priority or terms.queue.priority):
            return (rings, 0.0 if self._strictly_by_priority else queued_at, queued_at, call.id)
        if self._strictly_by_priority:
            return (rings, -(call.priority + terms.queue.priority), queued_at, call.id)
        return (rings, queued_at - head_start_ms(terms.queue, call), queued_at, call.id)

    def _width(self, slot: CallSlot, terms: QueueTerms, out: int) -> int:
        if not out or len(terms.widths) == 1:
            return terms.widths[0][1]
        call = slot.record
        if not call.offers:
            return terms.widths[0][1]  # the round's record is on its way
        phones, until = terms.width(self.now - call.round_at)
        if until is not None and phones <= out:
            self._wake_at(slot, call.round_at + until)
        return phones

    def _class_now(self, slot: CallSlot, terms: QueueTerms) -> RequirementClass:
        call = slot.record
        waited = self.now - call.queued_at
        agent = self._only_agent(slot, waited) if call.preferred_agent is not None else None
        next_step = terms.next_step_ms(waited) if terms.queue.steps else None
        if next_step is not None:
            self._wake_at(slot, call.queued_at + next_step)
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

    def _only_agent(self, slot: CallSlot, waited: int) -> str | None:
        """The agent whom this call waits for, if nobody else may be asked now."""
        awaited = self._awaited_agent(slot.record, waited)
        if awaited is None:
            return None
        agent, until = awaited
        if until is not None:
            self._wake_at(slot, slot.record.queued_at + until)
        return agent

    def _awaited_agent(self, call: Call, waited: int) -> tuple[str, int | None] | None:
        """Nobody but this agent, until this wait (None: for good)."""
        wanted = self.roster.slots.get(call.preferred_agent or "")
        if wanted is None or wanted.profile is None:
            return None
        if call.preferred_for_s is None:
            return wanted.id, None
        until = round(call.preferred_for_s * 1000)
        return (wanted.id, until) if waited < until and _is_there(wanted.live) else None

    def _wake_at(self, slot: CallSlot, at: int) -> None:
        if slot.due is None or at < slot.due or slot.due <= self.now:
            slot.due = at
            heappush(self._due, (at, slot.record.id))

    # --- an agent's being free -------------------------------------------------------------------------------------

    def refresh_agent(self, slot: AgentSlot) -> None:
        """See whether the agent may be asked now."""
        live, profile = slot.live, slot.profile
        if live is None or profile is None or not live.is_free or not slot.is_proposable:
            self._withdraw(slot)
        elif live.cool_until > self.now:
            heappush(self._cooling, (live.cool_until, slot.id))
            self._withdraw(slot)
        elif not slot.free:
            slot.free = True
            slot.candidate = Candidate(profile, live)
            self.new[slot.id] = slot
            for agents in slot.free_of:
                agents.add(slot)
        if slot.capped:
            self._see_caps(slot)

    def _withdraw(self, slot: AgentSlot) -> None:
        if slot.free:
            slot.free = False
            self.new.pop(slot.id, None)
            for agents in slot.free_of:
                agents.discard(slot)

    def _see_caps(self, slot: AgentSlot) -> None:
        for opened in self.caps.see(slot):
            self._try_again_behind(opened)

    def _try_again_behind(self, cap: CapCount) -> None:
        for kind in self.line.classes_waiting:
            if cap.limits(kind.queue):
                self.line.untried[kind] = None

    def _recount(self, slot: AgentSlot) -> None:
        place = condition_place(slot.live)
        if place != slot.place:
            for counts in slot.counts:
                counts[slot.place] -= 1
                counts[place] += 1
            slot.place = place

    # --- time ------------------------------------------------------------------------------------------------------

    def wake(self, now: int) -> None:
        """It is this late: end what time ends."""
        if now > self.now:
            self.now = now
        while self._cooling and self._cooling[0][0] <= self.now:
            agent = self.roster.slots.get(heappop(self._cooling)[1])
            if agent is not None:
                self.refresh_agent(agent)
        while self._due and self._due[0][0] <= self.now:
            at, call = heappop(self._due)
            slot = self.calls.get(call)
            if slot is not None and slot.due == at:
                slot.due = None
                self.refresh_call(slot)
        self.refresh(self.refusals.over_at_time(self.now))

    def next_time(self) -> int | None:
        """When time alone changes who may be proposed; None if it does not."""
        while self._cooling and not self._ends_cool_off(*self._cooling[0]):
            heappop(self._cooling)
        while self._due and not self._is_due(*self._due[0]):
            heappop(self._due)
        times = [] if self.refusals.next_time is None else [self.refusals.next_time]
        if self._cooling and len(self.line):
            times.append(self._cooling[0][0])
        if self._due:
            times.append(self._due[0][0])
        return min(times, default=None)

    def _is_due(self, at: int, call: str) -> bool:
        slot = self.calls.get(call)
        return slot is not None and slot.due == at and slot.record.is_waiting

    def _ends_cool_off(self, at: int, agent: str) -> bool:
        slot = self.roster.slots.get(agent)
        live = None if slot is None else slot.live
        return slot is not None and live is not None and live.is_free and live.cool_until == at and not slot.free

    # --- rounds ----------------------------------------------------------------------------------------------------

    def everybody_was_tried(self) -> None:
        """All pairs that are possible now have been proposed: nobody is new."""
        self.line.untried.clear()
        self.new.clear()

    def available_of(self, queue: str) -> int:
        """How many agents of this queue may be asked now."""
        free = self.free.get(queue)
        return 0 if free is None else len(free)


def _is_there(live: Agent | None) -> bool:
    """Whether it is worth waiting for this agent: logged in, on break or not."""
    return live is not None and live.status is not AgentStatus.LOGGED_OUT


def _changed(slot: AgentSlot | CallSlot) -> None:
    """A record's own event: what was refused before may be otherwise now."""
    slot.strikes = 0
    if slot.block is not None and slot.block.position is None:
        slot.block = None
