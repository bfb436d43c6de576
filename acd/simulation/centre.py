"""The routing core at work on a virtual clock: the production matcher over the store in memory.

What stands between the two live (the distributor, the deadlines) is reduced to what it decides: every event is applied,
every proposal reserved and settled, every deadline kept, and nothing is late, unless somebody makes it so.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from acd.agent import Agent, AgentActivity
from acd.configuration import Configuration
from acd.events import AnyEvent, CallConnected, OfferAccepted, OfferEnded, OfferMade
from acd.matcher import Matcher, Proposal, StepChange
from acd.memory import MemoryStore
from acd.offer import Offer
from acd.ports import Refused, Reservation
from acd.simulation.at_once import NobodyWaits, at_once
from acd.simulation.virtual_clock import Timer, VirtualClock
from acd.strategy import Strategies

T = TypeVar("T")

PROCESS = "simulation"
LEASE_MARGIN_MS = 5_000
_EVENTS_KEPT = 2_000
_BATCH = 500
_ALL_DAY_MS = 10**12


class SimulatedCentre:
    """One pool. Ask its store for transitions by ``do``: what follows from them follows at the same instant."""

    def __init__(
        self, configuration: Configuration, strategies: Strategies, clock: VirtualClock, *, node: str = "pbx"
    ) -> None:
        self.clock = clock
        self.node = node
        self.configuration = configuration
        self.store = MemoryStore(clock.now, NobodyWaits, event_limit=_EVENTS_KEPT)
        self.matcher = Matcher(configuration, strategies)
        self.heard_by: list[Callable[[AnyEvent], object]] = []
        """Told of every event, in order."""
        self.decided: list[Callable[[Sequence[Proposal]], object]] = []
        """Told of every batch of proposals, empty ones too, before any is reserved."""
        self.after_step: list[Callable[[], object]] = []
        """Called when everything has been decided that could be, which is what promises are about."""
        self.events = 0
        """How many events there were."""
        self.decisions = 0
        """How many proposals there were."""
        self.refusals = 0
        """How many of them the store refused."""
        self._position = ""
        self._catching_up = False
        self._wake: Timer | None = None
        self._wake_at: int | None = None
        self._deadlines: dict[tuple[str, str], tuple[int, Timer]] = {}
        self._begin()

    def _begin(self) -> None:
        store = self.store
        at_once(store.begin_epoch(PROCESS, lease_ms=_ALL_DAY_MS))
        at_once(store.open_epoch())
        at_once(store.beat(PROCESS, lease_ms=_ALL_DAY_MS))
        at_once(store.configure_agents(sorted(self.configuration.agents), version=self.version))
        snapshot = at_once(store.snapshot())
        self._position = snapshot.position
        self.matcher.reset(snapshot)

    @property
    def version(self) -> int:
        """Of the configuration in force, as it was announced."""
        return max(1, self.configuration.version)

    def do(self, transition: Coroutine[Any, Any, T]) -> T:
        """Have the store do this now; what it means for the line is worked out at this instant, but afterwards."""
        result = at_once(transition)
        if not self._catching_up:
            self._catching_up = True
            self.clock.after(0, self.catch_up)
        return result

    def configure(self, configuration: Configuration, strategies: Strategies) -> None:
        """Another version, with a higher number, holds from now on."""
        self.configuration = configuration
        self.matcher.configure(configuration, strategies)
        self.do(self.store.configure_agents(sorted(configuration.agents), version=self.version))

    def catch_up(self) -> None:
        """Apply what has happened, and reserve whatever can be, until nothing more can."""
        now = self.clock.now()
        while True:
            self._hear_events()
            proposals = self.matcher.propose(now)
            for hear in self.decided:
                hear(proposals)
            for proposal in proposals:
                self._reserve(proposal)
            switched = [self._switch(change) for change in self.matcher.sample(now)]
            if not proposals and not any(switched):
                break
        self._catching_up = False
        self._sleep_until(self.matcher.next_deadline())
        for look in self.after_step:
            look()

    def _reserve(self, proposal: Proposal) -> None:
        self.decisions += 1
        reservation = Reservation(
            call=proposal.call,
            agents=proposal.agents,
            width=proposal.width,
            lease_ms=self._lease_ms(proposal.queue),
            possible_since=proposal.possible_since,
            why=proposal.why,
        )
        result = at_once(self.store.reserve(reservation))
        self.refusals += isinstance(result, Refused)
        self.matcher.settle(proposal, result)

    def _switch(self, change: StepChange) -> bool:
        return at_once(self.store.switch_step(change.queue, change.step, on=change.on, version=self.version))

    def _lease_ms(self, queue: str) -> int:
        return round(self.configuration.queues[queue].ring_timeout_s * 1000) + LEASE_MARGIN_MS

    def _hear_events(self) -> None:
        while events := at_once(self.store.read_events(self._position, _BATCH)):
            self._position = events[-1].id
            self.events += len(events)
            for event in events:
                self.matcher.apply(event)
                self._note_deadline(event)
                for hear in self.heard_by:
                    hear(event)

    def _sleep_until(self, deadline: int | None) -> None:
        if deadline == self._wake_at:
            return
        if self._wake is not None:
            self._wake.cancel()
        self._wake_at = deadline
        self._wake = None if deadline is None else self.clock.at(deadline, self._woken)

    def _woken(self) -> None:
        self._wake = self._wake_at = None
        self.catch_up()

    # --- deadlines ----------------------------------------------------------------------------------------------------

    def _note_deadline(self, event: AnyEvent) -> None:
        match event:
            case OfferMade(offer=offer) | OfferAccepted(offer=offer):
                self._keep("offer", offer.id, offer.lease_until, lambda: self._expire(offer))
            case OfferEnded(offer=offer) | CallConnected(offer=offer):
                self._forget("offer", offer.id)
            case _:
                agent: Agent | None = getattr(event, "agent", None)
                if agent is not None:
                    self._note_wrap_up(agent)

    def _note_wrap_up(self, agent: Agent) -> None:
        if agent.activity is AgentActivity.WRAP_UP and agent.wrap_up_until is not None:
            self._keep("agent", agent.id, agent.wrap_up_until, lambda: self._end_wrap_up(agent.id))
        else:
            self._forget("agent", agent.id)

    def _keep(self, kind: str, subject: str, at: int, act: Callable[[], object]) -> None:
        known = self._deadlines.get((kind, subject))
        if known is not None:
            if known[0] == at:
                return
            known[1].cancel()
        self._deadlines[kind, subject] = (at, self.clock.at(at, act))

    def _forget(self, kind: str, subject: str) -> None:
        known = self._deadlines.pop((kind, subject), None)
        if known is not None:
            known[1].cancel()

    def _expire(self, offer: Offer) -> None:
        self.do(self.store.expire_offer(offer.id))

    def _end_wrap_up(self, agent: str) -> None:
        self.do(self.store.end_wrap_up(agent, by="time"))
