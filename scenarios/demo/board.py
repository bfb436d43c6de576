"""What is going on now, folded from the event stream: what the screen shows and the demo's people act on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from acd.agent import Agent, AgentActivity, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.events import (
    AgentReachabilityChanged,
    AgentRemoved,
    AgentStatusChanged,
    AlertRaised,
    AnyEvent,
    CallConnected,
    CallEnded,
    CallQueued,
    OfferDialled,
    OfferEnded,
)
from acd.offer import Offer, OfferOutcome
from acd.reports import EndedRecords
from scenarios.demo.plan import PROFILES, QUEUES

EVENTS_KEPT = 40
OUTCOMES = {
    OfferOutcome.NO_ANSWER: "let it ring",
    OfferOutcome.REJECTED: "declined",
    OfferOutcome.BUSY: "was busy",
    OfferOutcome.UNREACHABLE: "could not be reached",
    OfferOutcome.DROPPED: "was gone before the bridge",
    OfferOutcome.CALLER_LEFT: "stopped ringing: the caller left",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, in words."""

    at: int
    text: str
    style: str


@dataclass(kw_only=True)
class Fate:
    """What the ACD has made of one caller, by the caller's number."""

    connected: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNow:
    """One queue at a glance; the longest wait is in milliseconds."""

    title: str
    waiting: int
    longest_wait: int
    talking: int
    agents: int
    available: int


class Board:
    """Fed with every event, in order."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.calls: dict[str, Call] = {}
        self.ended = EndedRecords()
        self.lately: deque[Line] = deque(maxlen=EVENTS_KEPT)
        self.alerts: list[str] = []
        self.started = 0
        """The store's milliseconds at the first event."""
        self.dialled: list[Callable[[Offer], None]] = []
        """Told about every phone that is called."""
        self._fates: dict[str, Fate] = {}

    def fate(self, number: str) -> Fate:
        """Of the caller with this number."""
        return self._fates.setdefault(number, Fate())

    def apply(self, event: AnyEvent) -> None:
        """Take one event in."""
        self.started = self.started or event.at
        self.ended.apply(event)
        agent = getattr(event, "agent", None)
        if isinstance(agent, Agent):
            self.agents[agent.id] = agent
        call = getattr(event, "call", None)
        if isinstance(call, Call):
            self.calls[call.id] = call
        match event:
            case AgentRemoved():
                self.agents.pop(event.agent.id, None)
            case CallConnected():
                self.fate(event.call.caller_number).connected.set()
            case CallEnded():
                self.calls.pop(event.call.id, None)
                self.fate(event.call.caller_number).ended.set()
            case OfferDialled():
                for told in self.dialled:
                    told(event.offer)
            case AlertRaised():
                self.alerts.append(event.text)
            case _:
                pass
        if line := self._told(event):
            self.lately.append(line)

    @property
    def waiting(self) -> list[Call]:
        """Who waits, the longest first."""
        return sorted((c for c in self.calls.values() if c.is_waiting), key=lambda call: (call.queued_at, call.id))

    @property
    def talking(self) -> int:
        return sum(call.state is CallState.CONNECTED for call in self.calls.values())

    def queues(self, now: int) -> list[QueueNow]:
        """Every queue, at this time of the store."""
        return [self._queue(name, now) for name in QUEUES]

    def _queue(self, name: str, now: int) -> QueueNow:
        calls = [call for call in self.calls.values() if call.queue == name]
        staff = [agent for agent in self.agents.values() if self._takes(agent, name)]
        return QueueNow(
            title=QUEUES[name].shown_as,
            waiting=sum(call.is_waiting for call in calls),
            longest_wait=max((call.waited_ms(now) for call in calls if call.is_waiting), default=0),
            talking=sum(call.state is CallState.CONNECTED for call in calls),
            agents=len(staff),
            available=sum(agent.is_available(now) for agent in staff),
        )

    @staticmethod
    def _takes(agent: Agent, queue: str) -> bool:
        return agent.status is AgentStatus.READY and queue in PROFILES[agent.id].queues

    # --- in words -----------------------------------------------------------------------------------------------------

    def _told(self, event: AnyEvent) -> Line | None:
        told = self._told_of_call(event) or _told_of_agent(event)
        return Line(event.at, *told) if told else None

    def _told_of_call(self, event: AnyEvent) -> tuple[str, str] | None:
        match event:
            case CallQueued():
                place = sum(call.queue == event.call.queue for call in self.waiting)
                return f"{who(event.call)} calls {QUEUES[event.call.queue].shown_as}, {_nth(place)} in line", ""
            case OfferDialled():
                call = self.calls.get(event.offer.call)
                caller = who(call) if call else "a caller"
                latency = event.offer.latency_ms
                return f"{named(event.offer.agent)} rings for {caller}, after {latency} ms", "cyan"
            case CallConnected():
                waited = event.call.waited_ms(event.at) / 1000
                return f"{named(event.agent.id)} has {who(event.call)}, who waited {waited:.1f} s", "green"
            case CallEnded(call=call):
                return _told_of_end(call)
            case OfferEnded() if event.offer.outcome in OUTCOMES:
                return f"{named(event.agent.id)} {OUTCOMES[event.offer.outcome]}", "yellow"
            case AlertRaised():
                return f"alert: {event.text}", "bold red"
            case _:
                return None


def _told_of_agent(event: AnyEvent) -> tuple[str, str] | None:
    match event:
        case AgentStatusChanged(agent=agent) if agent.status is AgentStatus.READY:
            return f"{named(agent.id)} takes calls", "magenta"
        case AgentStatusChanged(agent=agent):
            return f"{named(agent.id)} is {agent.status.replace('_', ' ')}", "magenta"
        case AgentReachabilityChanged(agent=agent) if agent.activity is not AgentActivity.TALKING:
            return f"{named(agent.id)}'s phone is {'there' if agent.reachable else 'gone'}", "magenta"
        case _:
            return None


def _told_of_end(call: Call) -> tuple[str, str]:
    ended = call.ended_at or call.queued_at
    if call.end_reason is EndReason.ABANDONED:
        return f"{who(call)} gave up after {call.waited_ms(ended) / 1000:.1f} s", "red"
    talked = (ended - (call.connected_at or ended)) / 1000
    if call.end_reason is EndReason.COMPLETED:
        by = {EndedBy.CALLER: "the caller", EndedBy.AGENT: "the agent"}.get(call.ended_by or EndedBy.SYSTEM, "us")
        return f"{who(call)} and {named(call.agent)} talked {talked:.1f} s; {by} hung up", "blue"
    return f"{who(call)} left: {call.end_reason}", "red"


def who(call: Call) -> str:
    """The caller, as people say it."""
    return call.caller_name or call.caller_number


def named(agent: str | None) -> str:
    """The agent's name."""
    return PROFILES[agent].shown_as if agent in PROFILES else str(agent)


def _nth(place: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(place, f"{place}th")
