"""A snapshot carried forward by events: what every reader of the stream does, and how a store reads one in pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from acd.agent import Agent
from acd.call import Call, CallState
from acd.events import (
    AgentRemoved,
    AnyEvent,
    CallEnded,
    CallQueued,
    CallTakenOver,
    ConfigurationAnnounced,
    StepSwitched,
)
from acd.offer import Offer, OfferState
from acd.ports import Snapshot


class Fold:
    """State that follows the stream, in time proportional to the events.

    Records may be newer than the events applied to them, as those are that were read while the stream went on: once
    every event since the position has been applied, all is as it is after the last of them.
    """

    def __init__(self, start: Snapshot) -> None:
        self._start = start
        self._agents, self._calls, self._offers = dict(start.agents), dict(start.calls), dict(start.offers)
        self._offers_of: dict[str, set[str]] = {}
        for offer in self._offers.values():
            self._offers_of.setdefault(offer.call, set()).add(offer.id)
        self._steps_on = dict(start.steps_on)
        self._version = start.configuration_version
        self.position = start.position
        """Id of the last event applied."""

    def apply(self, events: Iterable[AnyEvent]) -> None:
        """Carry the state forward."""
        for event in events:
            self._replace_records(event)
            match event:
                case AgentRemoved(agent=agent):
                    del self._agents[agent.id]
                case CallEnded(call=call) | CallQueued(call=call):
                    for offer in self._offers_of.pop(call.id, ()):
                        del self._offers[offer]
                case CallTakenOver(call=call):
                    for offer in self._offers_of.get(call.id, ()):
                        self._offers[offer] = replace(self._offers[offer], owner=call.owner)
                case StepSwitched():
                    self._switch(event)
                case ConfigurationAnnounced():
                    self._version = event.version
                    self._steps_on.clear()
                case _:
                    pass
            self.position = event.id

    def snapshot(self, *, at: int) -> Snapshot:
        """The state now; the fold itself is done with."""
        return replace(
            self._start,
            agents=self._agents,
            calls=self._calls,
            offers=self._offers,
            position=self.position,
            at=at,
            configuration_version=self._version,
            steps_on=self._steps_on,
        )

    def _replace_records(self, event: AnyEvent) -> None:
        agent, call, offer = (getattr(event, part, None) for part in ("agent", "call", "offer"))
        if isinstance(agent, Agent):
            self._agents[agent.id] = agent
        if isinstance(call, Call):
            if call.state is CallState.ENDED:
                self._calls.pop(call.id, None)
            else:
                self._calls[call.id] = call
        if isinstance(offer, Offer):
            known = self._offers_of.setdefault(offer.call, set())
            if offer.state is OfferState.ENDED:
                self._offers.pop(offer.id, None)
                known.discard(offer.id)
            else:
                self._offers[offer.id] = offer
                known.add(offer.id)

    def _switch(self, event: StepSwitched) -> None:
        steps = self._steps_on.pop(event.queue, frozenset())
        steps = steps | {event.step} if event.on else steps - {event.step}
        if steps:
            self._steps_on[event.queue] = steps


def folded(snapshot: Snapshot, events: Iterable[AnyEvent]) -> Snapshot:
    """The snapshot as it is after these events."""
    fold = Fold(snapshot)
    fold.apply(events)
    return fold.snapshot(at=snapshot.at)
