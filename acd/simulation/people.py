"""Who calls and who answers in a simulated day, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from acd.call import Call
from acd.offer import OfferOutcome
from acd.simulation.chance import Dice, Draw, always, exponential


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """A stream of callers of one kind, who come independently of one another."""

    name: str
    call: Call
    """What each of them is like; id and times are each call's own."""
    per_hour: float
    """How many come in an hour, on the average."""
    hours: Sequence[float] = (1.0,)
    """Factors on that, hour by hour; begins again at its end."""
    talk: Draw = field(default=exponential(180))
    patience: Draw | None = None
    """How long one waits before hanging up; None for ever."""

    def arrivals(self, dice: Dice) -> Iterator[float]:
        """When they come, in seconds from the day's beginning, without end."""
        peak = max(self.hours)
        gap, now = exponential(3600 / (self.per_hour * peak)), 0.0
        while True:
            now += gap(dice)
            if dice.random() * peak < self.hours[int(now / 3600) % len(self.hours)]:
                yield now


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What an agent does with offers and with the day."""

    answers_after: Draw = field(default=always(0.0))
    fails: Mapping[OfferOutcome, float] = field(default_factory=dict)
    """Shares of offers that end otherwise: no_answer (rings until the time-out), rejected, busy, unreachable, dropped
    (answered, and gone before caller and agent are together)."""
    works_for: Draw | None = None
    """Time from one break to the next; None for no breaks. A break asked for on a call begins after it."""
    rests_for: Draw = field(default=always(600.0))
    comes_at: float = 0.0
    """Seconds from the day's beginning."""
    goes_at: float | None = None

    def fate(self, dice: Dice) -> OfferOutcome:
        """How the next offer ends if nothing comes in between."""
        drawn = dice.random()
        for outcome, share in self.fails.items():
            if drawn < share:
                return outcome
            drawn -= share
        return OfferOutcome.ANSWERED
