"""Every agent, and whether each may be asked now: what decisions need besides the line."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from acd.agent import Agent
from acd.configuration import Configuration
from acd.matcher.caps import CapCount, Caps
from acd.matcher.free_agents import FreeAgents
from acd.matcher.ordering import Ordering
from acd.matcher.roster import Roster
from acd.matcher.slots import COUNTED, AgentSlot, StrategyTrouble, changed, counted_as
from acd.ports import Snapshot
from acd.strategy import Strategies


class Agents:
    """Who is free, per queue in the strategy's order. ``now`` is the store's milliseconds throughout.

    An agent who becomes free is *new* until a caller was looked for, and is entered into the queues' orders and counts
    only after that: where callers wait, most are taken at once.
    """

    def __init__(self, roster: Roster, opened: Callable[[CapCount], None]) -> None:
        """``opened`` hears of each cap that was closed and is open again."""
        self.roster = roster
        self.free: dict[str, FreeAgents] = {}
        self.new: dict[str, AgentSlot] = {}
        """Free agents for whom nobody in line has been looked for."""
        self._uncounted: dict[str, AgentSlot] = {}
        """Agents who were held since somebody asked for counts. Mostly the offer's event comes before that, and they
        are counted once instead of twice, in each of their queues."""
        self.caps = Caps((), ())
        self._opened = opened
        self._cooling: list[tuple[int, str]] = []

    # --- as a whole ------------------------------------------------------------------------------------------------

    def configure(
        self, configuration: Configuration, strategies: Strategies, report: Callable[[StrategyTrouble], None]
    ) -> None:
        """Take over another configuration; ``index`` is to follow."""
        before, self.free = self.free, {}
        for name, queue in configuration.queues.items():
            ordering = Ordering(queue, strategies.get(name), report)
            if name in before:
                ordering.continue_from(before[name].ordering)
            self.free[name] = FreeAgents(ordering, [0] * len(COUNTED), {})

    def load(self, snapshot: Snapshot) -> None:
        """Forget every record and take these over; ``index`` is to follow."""
        self._cooling = []
        self.roster.slots.clear()
        for live in snapshot.agents.values():
            self.roster.slot(live.id).live = live

    def take_profiles(self, configuration: Configuration) -> None:
        """Whoever is neither configured nor recorded is forgotten."""
        profiles = configuration.agents
        for slot in list(self.roster.slots.values()):
            slot.profile = profiles.get(slot.id)
            if slot.profile is None and slot.live is None:
                del self.roster.slots[slot.id]
        for agent, profile in profiles.items():
            self.roster.slot(agent).profile = profile
        self.roster.index()
        self.caps = Caps(configuration.caps.values(), configuration.queues)

    def index(self, now: int) -> None:
        """Enter everybody anew; the line is there already."""
        self.free = {
            name: FreeAgents(free.ordering, [0] * len(COUNTED), self.roster.of_queue(name))
            for name, free in self.free.items()
        }
        self.new, self._uncounted = {}, {}
        for slot in self.roster.slots.values():
            queues = () if slot.profile is None else slot.profile.queues
            slot.free, slot.capped = False, self.caps.counts(slot)
            slot.free_of = [self.free[queue] for queue in queues if queue in self.free]
            slot.counted = counted_as(slot.live, free=False)
            for free in slot.free_of:
                free.counts[slot.counted] += 1
        for slot in self.roster.slots.values():
            self.refresh(slot, now)

    # --- one record ------------------------------------------------------------------------------------------------

    def put(self, slot: AgentSlot, live: Agent, now: int) -> None:
        """The agent is like this now."""
        slot.free = False  # a spell ends, and another may begin: what strategies saw of the agent is out of date
        slot.live = live
        if slot.awaited is None and not slot.held:
            slot.held_for = None
        slot.strikes = 0
        if slot.block is not None:
            changed(slot)
        self.refresh(slot, now)

    def remove(self, agent: str, now: int) -> None:
        """The agent has no live record any more."""
        slot = self.roster.slots.get(agent)
        if slot is None:
            return
        slot.live = None
        changed(slot)
        self.refresh(slot, now)
        if slot.profile is None:
            del self.roster.slots[agent]

    def hold(self, slot: AgentSlot, queue: str) -> None:
        """The agent is in a proposal for a call of this queue, and not free until somebody refreshes."""
        slot.held, slot.held_for, slot.free = True, queue, False
        self.new.pop(slot.id, None)
        self._uncounted[slot.id] = slot
        if slot.capped:
            self._see_caps(slot)

    def refresh(self, slot: AgentSlot, now: int) -> None:
        """See whether the agent may be asked now."""
        live = slot.live
        if live is None or slot.profile is None or not live.is_free:
            self._take_away(slot)
        elif (
            slot.held or slot.awaited is not None or slot.block is not None
        ):  # nothing but the record may hold one back
            self._take_away(slot)
        elif live.cool_until > now:
            heappush(self._cooling, (live.cool_until, slot.id))
            self._take_away(slot)
        elif not slot.free:
            slot.free = True
            slot.spell += 1
            slot.shown = None
            self.new[slot.id] = slot
            if slot.capped:
                self._see_caps(slot)

    def counts(self, queue: str) -> list[int]:
        """How many of the queue's agents are what, in the order of ``COUNTED``; whoever is new is not available yet."""
        for slot in self._uncounted.values():
            self._count(slot)
        self._uncounted.clear()
        return self.free[queue].counts

    def _take_away(self, slot: AgentSlot) -> None:
        slot.free = False
        if self.new:
            self.new.pop(slot.id, None)
        self._count(slot)
        if slot.capped:
            self._see_caps(slot)

    def enter_new(self) -> None:
        """Nobody was found for those who are new: they take their places."""
        new, self.new = self.new, {}
        for slot in new.values():
            self._count(slot)
            for free in slot.free_of:
                free.add(slot)

    def _count(self, slot: AgentSlot) -> None:
        """In each of the agent's queues."""
        place, before = counted_as(slot.live, free=slot.free), slot.counted
        if place != before:
            slot.counted = place
            for free in slot.free_of:
                counts = free.counts
                counts[before] -= 1
                counts[place] += 1

    def _see_caps(self, slot: AgentSlot) -> None:
        for opened in self.caps.see(slot):
            self._opened(opened)

    # --- time ------------------------------------------------------------------------------------------------------

    def wake(self, now: int) -> None:
        """It is this late: cool-offs that are over end."""
        while self._cooling and self._cooling[0][0] <= now:
            slot = self.roster.slots.get(heappop(self._cooling)[1])
            if slot is not None:
                self.refresh(slot, now)

    def next_time(self) -> int | None:
        """When the next cool-off ends; None if none runs."""
        while self._cooling and not self._ends_cool_off(*self._cooling[0]):
            heappop(self._cooling)
        return self._cooling[0][0] if self._cooling else None

    def _ends_cool_off(self, at: int, agent: str) -> bool:
        slot = self.roster.slots.get(agent)
        live = None if slot is None else slot.live
        return slot is not None and live is not None and live.is_free and live.cool_until == at and not slot.free
