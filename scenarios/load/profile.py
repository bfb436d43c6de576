"""A load profile: what a load tester wants to happen, as typed records; ``planning`` draws a plan from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acd.configuration import Configuration
from scenarios.load.arrivals import Arrivals
from scenarios.load.distributions import Distribution
from scenarios.load.plan import AgentGroup, Audio, Change, Codec, EngineName
from scenarios.load.rules import Rules

__all__ = ["Absence", "AgentKind", "CallerKind", "Profile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerKind:
    """Callers who are alike. What they may do besides (keys, transfers) becomes further fields with a default that
    does nothing, each with a stream of chance of its own: no plan of an older profile changes by that."""

    name: str
    share: float
    """Relative to the shares of the others."""
    queues: Mapping[str, float]
    """Queues with weights, relative to one another."""
    talk: Distribution
    patience: Distribution | None = None
    """None: never gives up."""
    vanishes: float = 0.0
    """Share (0 to 1) that is gone without a BYE ``vanishes_after`` having called."""
    vanishes_after: Distribution | None = None
    priority: float = 0.0
    """Minutes of head start."""
    requires: str = ""
    prefers: str = ""
    codec: Codec = Codec.ULAW
    audio: Audio = Audio.NONE
    audio_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Something that agents do again and again: they begin every so often, and are back after a while."""

    begins: Change
    ends: Change
    every: Distribution
    lasts: Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentKind:
    """Agents who are alike."""

    group: AgentGroup
    """How their phones behave."""
    count: int
    queues: Mapping[str, int]
    """Queues with ranks."""
    skills: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Skills with levels between two bounds."""
    wrap_up_s: float | None = None
    """None: as long as each queue says."""
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything that a profile says. Times are seconds."""

    name: str
    title: str
    seed: int
    engine: EngineName
    duration_s: float
    drain_s: float
    arrivals: Arrivals
    callers: tuple[CallerKind, ...]
    agents: tuple[AgentKind, ...]
    configuration: Configuration
    """Line, queues, skills and caps; each kind of agents stands in it for one agent, under its own name."""
    rules: Rules
