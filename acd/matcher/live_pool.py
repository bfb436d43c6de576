"""Everything live in one pool, with the indexes that decisions need, brought up to date record by record."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable

from acd.agent import Agent
from acd.call import Call
from acd.configuration import Configuration
from acd.matcher.agents import Agents
from acd.matcher.callers import Callers, is_there
from acd.matcher.caps import CapCount, Caps
from acd.matcher.figures import Figures
from acd.matcher.free_agents import FreeAgents
from acd.matcher.line import Line
from acd.matcher.refusals import Refusals
from acd.matcher.roster import Roster
from acd.matcher.slots import AVAILABLE, AgentSlot, CallSlot, StrategyTrouble
from acd.matcher.terms import QueueTerms
from acd.ports import Snapshot
from acd.strategy import Strategies


class LivePool:
    """Callers, agents and refusals, and what each change of one means to the others."""

    def __init__(self) -> None:
        self.configuration = Configuration()
        self.now = 0
        """The latest time seen, store's milliseconds."""
        self.roster = Roster()
        self.callers = Callers(self.roster)
        self.agents = Agents(self.roster, self._cap_opened)
        self.refusals = Refusals()
        self._index()

    # --- as a whole ------------------------------------------------------------------------------------------------

    def configure(
        self, configuration: Configuration, strategies: Strategies, report: Callable[[StrategyTrouble], None]
    ) -> None:
        """Take over another configuration; what is live stays."""
        self.configuration = configuration
        self.agents.configure(configuration, strategies, report)
        self.callers.configure(configuration, strategies)
        self._index()

    def load(self, snapshot: Snapshot) -> None:
        """Forget everything live and take this over."""
        self.now = max(self.now, snapshot.at)
        self.refusals = Refusals()
        self.agents.load(snapshot)
        self.callers.load(snapshot)
        self._index()

    def _index(self) -> None:
        self.agents.take_profiles(self.configuration)
        for slot in self.roster.slots.values():
            slot.classes = array("I")
        self.callers.index(self.configuration, self.now)
        self.agents.index(self.now)
        # Plain attributes, since each decision reads most of them: these are made anew only here.
        self.calls: dict[str, CallSlot] = self.callers.calls
        """Every call that has not ended."""
        self.line: Line = self.callers.line
        """Everybody who needs an offer."""
        self.terms: dict[str, QueueTerms] = self.callers.terms
        """Each queue's rules."""
        self.figures: Figures = self.callers.figures
        """The live figures on which steps depend."""
        self.free: dict[str, FreeAgents] = self.agents.free
        """Each queue's free agents."""
        self.caps: Caps = self.agents.caps
        """What queues may take of groups."""
        self.line.untried.update(dict.fromkeys(self.line.classes_waiting))

    # --- one record ------------------------------------------------------------------------------------------------

    def put_call(self, call: Call) -> None:
        """The call is like this now."""
        self.callers.put(call, self.now)

    def put_agent(self, live: Agent) -> None:
        """The agent is like this now."""
        slot = self.roster.slots.get(live.id) or self.roster.slot(live.id)
        before = slot.live
        self.agents.put(slot, live, self.now)
        if (before is None or before.status is not live.status) and is_there(before) is not is_there(live):
            self.callers.somebody_came_or_went(live.id, self.now)

    def remove_agent(self, agent: str) -> None:
        """The agent has no live record any more."""
        self.agents.remove(agent, self.now)
        self.callers.somebody_came_or_went(agent, self.now)

    def hold(self, call: CallSlot, agents: Iterable[AgentSlot]) -> None:
        """These are in a proposal: they are out of line, and not free, until somebody refreshes them."""
        call.held = True
        self.line.remove(call)
        queue = call.record.queue
        for slot in agents:
            self.agents.hold(slot, queue)

    def refresh(self, slots: Iterable[AgentSlot | CallSlot]) -> None:
        """Something besides the records of these changed: see whether they may be proposed now."""
        for slot in slots:
            if isinstance(slot, AgentSlot):
                self.agents.refresh(slot, self.now)
            else:
                if self.callers.calls.get(slot.record.id) is slot:
                    self.callers.refresh(slot, self.now)

    def _cap_opened(self, cap: CapCount) -> None:
        """Agents who were barred may be asked again: callers who found nobody look once more."""
        line = self.callers.line
        for kind in line.classes_waiting:
            if cap.limits(kind.queue):
                line.untried[kind] = None
                kind.opened_at = self.now

    # --- time ------------------------------------------------------------------------------------------------------

    def wake(self, now: int) -> None:
        """It is this late: end what time ends."""
        if now > self.now:
            self.now = now
        self.agents.wake(self.now)
        self.callers.wake(self.now)
        if self.refusals.waits_for_time:
            self.refresh(self.refusals.over_at_time(self.now))

    def next_time(self) -> int | None:
        """When time alone changes who may be proposed; None if it does not."""
        times = [self.refusals.next_time, self.callers.next_time()]
        if len(self.line):
            times.append(self.agents.next_time())
        return min((at for at in times if at is not None), default=None)

    def available_of(self, queue: str) -> int:
        """How many agents of this queue may be asked now."""
        free = self.agents.free.get(queue)
        if free is None:
            return 0
        return self.agents.counts(queue)[AVAILABLE] + sum(free in slot.free_of for slot in self.agents.new.values())
