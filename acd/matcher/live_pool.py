"""Everything live in one pool, with the indexes that decisions need, brought up to date record by record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from acd.agent import Agent
from acd.call import Call, CallState
from acd.configuration import Configuration
from acd.matcher.free_agents import FreeAgents
from acd.matcher.line import Line
from acd.matcher.ordering import Ordering
from acd.matcher.refusals import Refusals
from acd.matcher.roster import Roster
from acd.matcher.slots import AgentSlot, CallSlot, Condition, StrategyTrouble, condition_of
from acd.ports import Snapshot
from acd.strategy import Candidate, Strategies

_MS_PER_MINUTE = 60_000


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
        self.conditions: dict[str, Counter[Condition]] = {}
        """Per queue: how its agents stand, cool-offs aside."""
        self.new: dict[str, AgentSlot] = {}
        """Free agents for whom nobody in line has been looked for."""
        self.refusals = Refusals()
        self._cooling: list[tuple[int, str]] = []
        self._with_new: set[FreeAgents] = set()

    # --- as a whole ------------------------------------------------------------------------------------------------

    def configure(
        self, configuration: Configuration, strategies: Strategies, report: Callable[[StrategyTrouble], None]
    ) -> None:
        """Take over another configuration; what is live stays."""
        self.configuration = configuration
        before, self.free = self.free, {}
        for name, queue in configuration.queues.items():
            ordering = Ordering(queue, strategies.get(name), report)
            if name in before:
                ordering.continue_from(before[name].ordering)
            self.free[name] = FreeAgents(ordering, self.roster)
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
        self.roster.index()
        self.line = Line(self.roster)
        self.free = {name: FreeAgents(free.ordering, self.roster) for name, free in self.free.items()}
        self.conditions = {name: Counter() for name in self.configuration.queues}
        self.new, self._with_new = {}, set()
        for call in self.calls.values():
            call.kind = None
            self._place(call)
            self._refresh_call(call)
        for slot in self.roster.slots.values():
            slot.free, slot.classes, slot.generation = False, [], -1
            slot.condition = condition_of(slot.live)
            self._count(slot, slot.condition, 1)
            self._refresh_agent(slot)

    # --- one record ------------------------------------------------------------------------------------------------

    def put_call(self, call: Call) -> None:
        """The call is like this now."""
        slot = self.calls.get(call.id)
        if call.state is CallState.ENDED:
            if slot is not None:
                self.line.remove(slot)
                del self.calls[call.id]
            return
        if slot is None:
            slot = self.calls[call.id] = CallSlot(call)
        elif slot.kind is not None and slot.record.queue != call.queue:
            self.line.remove(slot)
        slot.record = call
        self._place(slot)
        _changed(slot)
        self._refresh_call(slot)

    def put_agent(self, live: Agent) -> None:
        """The agent is like this now."""
        slot = self.roster.slot(live.id)
        self._withdraw(slot)
        slot.live = live
        _changed(slot)
        self._recount(slot)
        self._refresh_agent(slot)

    def remove_agent(self, agent: str) -> None:
        """The agent has no live record any more."""
        slot = self.roster.slots.get(agent)
        if slot is None:
            return
        self._withdraw(slot)
        slot.live = None
        _changed(slot)
        self._recount(slot)
        if slot.profile is None:
            del self.roster.slots[agent]

    def hold(self, call: CallSlot, agents: Iterable[AgentSlot]) -> None:
        """These are in a proposal: they are out of line, and not free, until somebody refreshes them."""
        call.held = True
        self.line.remove(call)
        for slot in agents:
            slot.held = True
            self._withdraw(slot)

    def refresh(self, slots: Iterable[AgentSlot | CallSlot]) -> None:
        """Something besides the records of these changed: see whether they may be proposed now."""
        for slot in slots:
            if isinstance(slot, AgentSlot):
                self._refresh_agent(slot)
            else:
                self._refresh_call(slot)

    def _place(self, slot: CallSlot) -> None:
        """Work out where in line the call belongs; take it out if it stands elsewhere."""
        call = slot.record
        free = self.free.get(call.queue)
        head_start = 0.0 if free is None else (call.priority + free.ordering.queue.priority) * _MS_PER_MINUTE
        key = (call.queued_at - head_start, call.queued_at, call.id)
        needs = tuple(sorted(call.requires.items())) if call.requires else ()
        if slot.kind is not None and (key != slot.key or needs != slot.needs):
            self.line.remove(slot)
        slot.key, slot.needs = key, needs

    def _refresh_call(self, slot: CallSlot) -> None:
        state = slot.record.state
        if (
            (state is CallState.QUEUED or state is CallState.OFFERED)
            and not slot.held
            and slot.block is None
            and (free := self.free.get(slot.record.queue)) is not None
            and slot.offers_out < free.ordering.queue.offer_width
            and self.calls.get(slot.record.id) is slot
        ):
            if slot.kind is None:
                self.line.add(slot)
        elif slot.kind is not None:
            self.line.remove(slot)

    def _refresh_agent(self, slot: AgentSlot) -> None:
        live, profile = slot.live, slot.profile
        if live is None or profile is None or not live.is_free or not slot.is_proposable:
            self._withdraw(slot)
            return
        if live.cool_until > self.now:
            heappush(self._cooling, (live.cool_until, slot.id))
            self._withdraw(slot)
            return
        if slot.free:
            return
        slot.free = True
        slot.candidate = Candidate(profile, live)
        self.new[slot.id] = slot
        for agents in self.free_of(slot):
            agents.add(slot)
            self._with_new.add(agents)

    def _withdraw(self, slot: AgentSlot) -> None:
        if slot.free:
            slot.free = False
            self.new.pop(slot.id, None)
            for agents in self.free_of(slot):
                agents.discard(slot)

    def free_of(self, slot: AgentSlot) -> list[FreeAgents]:
        """The free agents of each queue whose calls this agent takes."""
        if slot.profile is None:
            return []
        return [self.free[queue] for queue in slot.profile.queues if queue in self.free]

    def _recount(self, slot: AgentSlot) -> None:
        condition = condition_of(slot.live)
        if condition is not slot.condition:
            self._count(slot, slot.condition, -1)
            self._count(slot, condition, 1)
            slot.condition = condition

    def _count(self, slot: AgentSlot, condition: Condition, change: int) -> None:
        for queue in slot.profile.queues if slot.profile else ():
            if queue in self.conditions:
                self.conditions[queue][condition] += change

    # --- time ------------------------------------------------------------------------------------------------------

    def wake(self, now: int) -> None:
        """It is this late: end what time ends."""
        self.now = max(self.now, now)
        while self._cooling and self._cooling[0][0] <= self.now:
            slot = self.roster.slots.get(heappop(self._cooling)[1])
            if slot is not None:
                self._refresh_agent(slot)
        self.refresh(self.refusals.over_at_time(self.now))

    def next_time(self) -> int | None:
        """When time alone changes who may be proposed; None if it does not."""
        while self._cooling and not self._ends_cool_off(*self._cooling[0]):
            heappop(self._cooling)
        times = [] if self.refusals.next_time is None else [self.refusals.next_time]
        if self._cooling and len(self.line):
            times.append(self._cooling[0][0])
        return min(times, default=None)

    def _ends_cool_off(self, at: int, agent: str) -> bool:
        slot = self.roster.slots.get(agent)
        live = None if slot is None else slot.live
        return slot is not None and live is not None and live.is_free and live.cool_until == at and not slot.free

    # --- rounds ----------------------------------------------------------------------------------------------------

    def everybody_was_tried(self) -> None:
        """All pairs that are possible now have been proposed: nobody is new."""
        self.line.untried.clear()
        self.new.clear()
        for agents in self._with_new:
            agents.sort_new()
            agents.sorted_now = False
        self._with_new.clear()


def _changed(slot: AgentSlot | CallSlot) -> None:
    """A record's own event: what was refused before may be otherwise now."""
    slot.strikes = 0
    if slot.block is not None and slot.block.position is None:
        slot.block = None
