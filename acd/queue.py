"""What an operator says about a queue: who may take its calls is said with the agents, how they are chosen here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.skills import ANYBODY, Requirement


class IdleClock(StrEnum):
    """What starts an agent's idle clock, as this queue reads it. An offer that the agent missed starts each of them."""

    READY = "ready"
    """Last of becoming ready and the end of the last call's wrap-up: breaks are no idling."""
    CALL_END = "call_end"
    """The end of the last conversation."""
    CALL_START = "call_start"
    """The beginning of the last conversation: who had a long call is not set back for it."""
    OFFER = "offer"
    """The last offer made, whatever came of it."""


class WaitCountsFrom(StrEnum):
    """From when a caller's place in the line counts."""

    QUEUED = "queued"
    """Entry into this queue, or into an earlier one from which the wait was carried over."""
    ARRIVAL = "arrival"
    """Arrival at the ACD: what a call flow spent on menus counts, too."""


class Metric(StrEnum):
    """What a queue's step may depend on besides time."""

    WAITING = "waiting"
    """Callers of this queue who wait."""
    LONGEST_WAIT_S = "longest_wait_s"
    """Seconds that the first of them has waited."""
    AVAILABLE = "available"
    """Agents of this queue who are free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A live figure crosses a mark; it counts as crossed until it is back at the other one, so that it cannot flap."""

    metric: Metric
    at: float
    """Crossed from here on."""
    back_at: float
    """Over again here. Below ``at``: the figure is watched for being high; above: for being low."""

    def is_on(self, value: float, *, was_on: bool) -> bool:
        """Whether the step counts now, given the figure and whether it counted before."""
        mark = self.back_at if was_on else self.at
        if self.back_at < self.at:
            return value > mark if was_on else value >= mark
        return value < mark if was_on else value <= mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a caller's requirement becomes after a time, or while a live figure is across a mark. Steps add up."""

    after_s: float | None = None
    """Counts from this wait on; None: ``when`` decides."""
    when: Crossing | None = None
    lower: Mapping[str, int] = field(default_factory=dict)
    """Skills whose least level becomes this; 0 asks no longer for the skill. Of the queue's part and the call's own."""
    anyone: bool = False
    """No skill is asked for any more."""
    ranks: int | None = None
    """Agents up to this rank may be asked; never narrows."""
    queues: tuple[str, ...] = ()
    """Agents of these queues may be asked, too, whatever their rank there."""
    groups: tuple[str, ...] = ()
    """Agents of these groups may be asked, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolOff:
    """How long an agent is left in peace after an offer that came to nothing, in seconds, by cause."""

    no_answer_s: float = 5.0
    rejected_s: float = 5.0
    busy_s: float = 5.0
    unreachable_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue, as configured. Times are seconds here; the store's edge turns them into milliseconds."""

    name: str
    """Unique, lower case letters, digits, ``-`` and ``_``: what dialplan, API and reports call it."""
    title: str = ""
    """What agents see; the name if empty."""
    numbers: tuple[str, ...] = ()
    """Dialled numbers that lead here by the default call flow; a queue's name always does."""
    strategy: str = "longest_idle"
    """Name of an installed strategy, or ``module:Class``."""
    strategy_options: Mapping[str, object] = field(default_factory=dict)
    """Keyword arguments of the strategy's constructor."""
    idle_clock: IdleClock = IdleClock.READY
    """What counts as idling for strategies that ask for it."""
    breaks_restart_idle_clock: bool = True
    """Whether becoming ready starts the clock anew also where ``idle_clock`` is not ``ready``."""
    requires: Requirement = ANYBODY
    """What every call of this queue needs, besides what the call itself asks for."""
    prefers: Requirement = ANYBODY
    """Free agents who meet this are asked before all others, whatever the strategy says."""
    ranks: int | None = None
    """Agents up to this rank are asked at first; None for all ranks at once."""
    steps: tuple[Step, ...] = ()
    """How the requirement relaxes while a caller waits."""
    wait_counts_from: WaitCountsFrom = WaitCountsFrom.QUEUED
    priority: float = 0.0
    """Head start of this queue's callers in the pool's one line, in minutes of waiting."""
    ring_timeout_s: float = 20.0
    """How long one agent's phone rings, 1 to 300."""
    offer_width: int = 1
    """How many phones one call may ring at once, 1 to 20; a strategy of its own width goes before it."""
    wrap_up_s: float = 10.0
    """Time an agent has after each call of this queue; 0 for none."""
    max_wait_s: float = 0.0
    """A caller leaves with ``timed_out`` after waiting this long; 0 for never."""
    service_level_s: float = 20.0
    """The wait within which an answered call counts as in time."""
    music_class: str = "default"
    """Asterisk's music class for waiting callers."""
    cool_off: CoolOff = field(default_factory=CoolOff)
    misses_until_break: int = 0
    """After this many offers missed in a row an agent is put on break, reason ``missed_calls``; 0 for never, to 100."""

    @property
    def shown_as(self) -> str:
        """The title, or the name where no title was given."""
        return self.title or self.name
