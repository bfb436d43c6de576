"""One remark on a configuration, and how lists of names are put in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that is allowed and yet can hardly be meant."""

    place: str
    """Where it stands, as the person would look for it: ``queues.support.steps[0].ranks``."""
    sentence: str
    """What will come of it."""
    remedy: str
    """What to write instead, or to look at."""

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}; {self.remedy}"


def listed(names: Iterable[str]) -> str:
    """The names in order, and how many more there are if they are many."""
    ordered = sorted(names)
    shown = ", ".join(ordered[:MOST_NAMED])
    return f"{shown} and {len(ordered) - MOST_NAMED} more" if len(ordered) > MOST_NAMED else shown


def counted(number: int, what: str) -> str:
    """``1 agent``, ``3 agents``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
