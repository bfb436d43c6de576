"""What a run is to send, worked out beforehand from a profile and a seed, so that two runs send the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from acd.configuration import Configuration
from scenarios.load.arrivals import RampStep
from scenarios.load.rules import Rules
from stasis_app.configuration_file import write

__all__ = [
    "AgentChange",
    "AgentGroup",
    "Audio",
    "Change",
    "Codec",
    "EngineName",
    "MOST_CALLS",
    "Plan",
    "PlannedAgent",
    "PlannedCall",
    "RampStep",
    "Rules",
    "SILENCE",
    "TALK_BUCKETS",
]

TALK_BUCKETS = 32
"""SIPp cannot draw the time-out of a receive: so a talk time is one of so many, which stand for equal shares of the
profile's distribution."""
NUMBER_PREFIX = "9"
MOST_CALLS = 1_000_000
"""As many as there are callers' numbers."""
SILENCE = "silence"
"""The music class of queues whose callers hear nothing while they wait."""


class EngineName(StrEnum):
    """What distributes the calls."""

    NATIVE = "native"
    """This project's ACD."""
    APP_QUEUE = "app_queue"
    """Asterisk's own queues."""
    FLOOR = "floor"
    """A bare Stasis application: as fast as anything can be that decides outside of Asterisk."""


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
    audio_file: Path | None = None
    """What is played where ``audio`` is ``FILE``."""

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
    """Empty for one with a browser."""
    group: AgentGroup
    queues: Mapping[str, int]
    """Queues with the agent's rank in each."""
    skills: Mapping[str, int] = field(default_factory=dict)
    wrap_up_s: float = 0.0
    """The agent's own, or where the profile says none, the longest of the agent's queues."""


class Change(StrEnum):
    """What an agent does besides taking calls."""

    BREAK = "break"
    READY = "ready"
    """After a break, or logged in again."""
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


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that is going to happen, in order of time."""

    name: str
    title: str = ""
    seed: int
    engine: EngineName = EngineName.NATIVE
    """Unless the command says another."""
    calls: Sequence[PlannedCall]
    agents: Sequence[PlannedAgent]
    changes: Sequence[AgentChange]
    talk_s: Sequence[float]
    """The talk times that there are, ``TALK_BUCKETS`` at most, ascending."""
    duration_s: float
    """The last caller has come by then."""
    drain_s: float
    """How long after that everybody may take to be served, before the run is broken off."""
    configuration: Configuration = field(default_factory=Configuration)
    """Queues, skills, caps and every agent, as the ACD's operator would configure them."""
    rules: Rules = field(default_factory=Rules)
    """By what the run passes or fails."""
    ramp: Sequence[RampStep] = ()
    """The steps of a ramp, in order of time; none where the arrivals are no ramp."""
    until_it_breaks: bool = False
    """The run is broken off when the first caller is lost; the last step that was held is its result."""

    @cached_property
    def by_number(self) -> Mapping[str, PlannedCall]:
        """Every call by the caller's number."""
        return {call.number: call for call in self.calls}

    @property
    def configuration_text(self) -> str:
        """The configuration as the file that an operator would apply."""
        return write(self.configuration)
