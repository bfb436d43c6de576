"""What an operator says about a queue: who may take its calls is said with the agents, how they are chosen here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.skills import Requirement


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
    requires: Requirement = field(default_factory=dict)
    """Skills that every call of this queue needs, besides what the call itself asks for."""
    priority: float = 0.0
    """Head start of this queue's callers in the pool's one line, in minutes of waiting."""
    ring_timeout_s: float = 20.0
    """How long one agent's phone rings, 1 to 300."""
    offer_width: int = 1
    """How many phones one call may ring at once, 1 to 20."""
    wrap_up_s: float = 10.0
    """Time an agent has after each call of this queue; 0 for none."""
    max_wait_s: float = 0.0
    """A caller leaves with ``timed_out`` after waiting this long; 0 for never."""
    service_level_s: float = 20.0
    """The wait within which an answered call counts as in time."""
    music_class: str = "default"
    """Asterisk's music class for waiting callers."""
    cool_off: CoolOff = field(default_factory=CoolOff)

    @property
    def shown_as(self) -> str:
        """The title, or the name where no title was given."""
        return self.title or self.name
