"""What a run shows while it lasts, and what it leaves to be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from acd.events import AnyEvent
from scenarios.load.meters import Sample
from scenarios.load.plan import Plan
from scenarios.load.seen import Traffic

__all__ = ["Moment", "Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How the run stands, for whoever looks on."""

    at: float
    """Seconds of the run; negative while things are being set up."""
    doing: str
    dialled: int = 0
    waiting: int = 0
    talking: int = 0
    ended: int = 0
    sample: Sample | None = None


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything that a run left to be judged."""

    plan: Plan
    engine: str
    began_at: float
    """The run's first second, since the epoch by the machine's clock, which SIPp's times are told by as well."""
    lasted_s: float
    traffic: Traffic
    events: Sequence[AnyEvent] | None
    """What the engine told; None of one that tells nothing."""
    store_ahead_ms: float
    """Milliseconds that the engine's clock was ahead of the machine's."""
    samples: Sequence[Sample]
    left: Sequence[str]
    """What was still there after all calls were over."""
    broken_off: str = ""
    """Why it did not go on to its end; empty if it did."""
    overdue: bool = False
    """It was broken off because callers were not served in time: who was there still has been let down. Who is there
    when a run is told to stop has not."""
    complaints: Sequence[str] = ()
    """What SIPp processes said that failed."""
    event_lags_ms: Sequence[float] = ()
    """Of each event that was heard: from its commit until we had read it from the stream."""
