"""What a run is to send, worked out beforehand from a profile and a seed, so that two runs send the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "AgentChange",
    "AgentGroup",
    "Audio",
    "Change",
    "Codec",
    "Plan",
    "PlannedAgent",
    "PlannedCall",
    "TALK_BUCKETS",
]

TALK_BUCKETS = 32
"""SIPp cannot draw the time-out of a receive: so a talk time is one of so many, which stand for equal shares of the
profile's distribution."""
NUMBER_PREFIX = "9"


class Codec(StrEnum):
    """What a caller's SDP offers first."""

    ULAW = "ulaw"
    ALAW = "alaw"
    G722 = "g722"


class Audio(StrEnum):
    """Whether the caller's side sends RTP."""

    NONE = "none"
    TONE = "tone"
    """A tone that SIPp streams over and over."""
    FILE = "file"
    """The profile's own file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One caller. All times are seconds; ``at`` counts from the run's first second."""

    index: int
    at: float
    exten: str
    """What is dialled: one of the queue's numbers."""
    queue: str
    talk_bucket: int
    """Place in ``Plan.talk_s``: how long the agent who gets this caller talks."""
    patience_s: float | None = None
    """Gives up after so long without an agent; None never does."""
    vanishes_after_s: float | None = None
    """Is gone without a BYE after this time, agent or not."""
    priority: float = 0.0
    requires: str = ""
    prefers: str = ""
    codec: Codec = Codec.ULAW
    audio: Audio = Audio.NONE

    @property
    def number(self) -> str:
        """The caller's number: unique in the run, and it tells every phone how long to talk. By it the three sides of
        the verdict are joined, so no engine may change it."""
        return f"{NUMBER_PREFIX}{self.index:06}{self.talk_bucket:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGroup:
    """Agents who behave alike; their phones share SIPp processes."""

    name: str
    ring_s: tuple[float, float] = (0.2, 0.2)
    """How long it rings until they answer, between two bounds."""
    rejects: float = 0.0
    """Share of offers (0 to 1) that are declined with 603."""
    busy: float = 0.0
    """Share that is answered 486."""
    no_answer: float = 0.0
    """Share that rings until the offer is taken back."""
    hangs_up_early: float = 0.0
    """Share of conversations that the agent ends after at most a second."""
    browser: bool = False
    """Real Chromium phones instead of SIPp's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAgent:
    """One agent, with a SIP phone whose account is ``phone``."""

    id: str
    phone: str
    group: AgentGroup
    queues: Mapping[str, int]
    """Queues with the agent's rank in each."""
    skills: Mapping[str, int] = field(default_factory=dict)
    wrap_up_s: float = 0.0


class Change(StrEnum):
    """What an agent does besides taking calls."""

    BREAK = "break"
    READY = "ready"
    LOG_OUT = "log_out"
    UNREACHABLE = "unreachable"
    """The phone's registration is taken back."""
    REACHABLE = "reachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """One change at one time."""

    at: float
    agent: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is going to happen, in order of time."""

    name: str
    seed: int
    calls: Sequence[PlannedCall]
    agents: Sequence[PlannedAgent]
    changes: Sequence[AgentChange]
    talk_s: Sequence[float]
    """The talk times that there are, ``TALK_BUCKETS`` at most, ascending."""
    duration_s: float
    """The last caller has come by then."""
    drain_s: float
    """How long after that everybody may take to be served, before the run is broken off."""
