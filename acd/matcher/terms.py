"""What a waiting call asks for at a given time: its queue's requirement and its own, as far as steps relaxed them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from acd.agent import AgentProfile
from acd.call import Call
from acd.queue import Queue, Step
from acd.skills import ANYBODY, Requirement, combined, lowered, meets
from acd.strategy import Strategy, WideStrategy, Width


@dataclass(frozen=True, slots=True)
class Terms:
    """Who may be asked, and whom first: calls on the same terms can be taken by the same agents."""

    queue: str
    requires: Requirement = ANYBODY
    window: int | None = None
    """The last rank of the queue's own agents that may be asked; None for all."""
    queues: tuple[str, ...] = ()
    """Other queues whose agents may be asked, too."""
    groups: tuple[str, ...] = ()
    agent: str | None = None
    """Nobody but this one, whatever else is said."""
    prefers: tuple[Requirement, ...] = ()
    """Those who meet the first are asked before the others, among equals those who meet the second."""

    @property
    def is_wide(self) -> bool:
        """Whether somebody besides the queue's own agents may be asked."""
        return bool(self.queues or self.groups or self.agent)

    def admits_by_membership(self, profile: AgentProfile) -> bool:
        """Whether this agent may be asked as far as queues, ranks and groups go."""
        rank = profile.queues.get(self.queue)
        if rank is not None and (self.window is None or rank <= self.window):
            return True
        return any(name in profile.queues for name in self.queues) or any(
            name in profile.groups for name in self.groups
        )

    def tier(self, profile: AgentProfile) -> int:
        """0 for those to be asked first; ascending."""
        tier = 0
        for wish in self.prefers:
            tier = 2 * tier + (not meets(profile.skills, wish))
        return tier


class QueueTerms:
    """One queue's rules in the form that decisions need, and which of its steps count by their live figures."""

    __slots__ = ("_after", "_known", "on", "queue", "widths")

    def __init__(self, queue: Queue, strategy: Strategy | None) -> None:
        self.queue = queue
        self._known = (1 << len(queue.steps)) - 1
        self._after = sorted(
            (round(step.after_s * 1000), 1 << place)
            for place, step in enumerate(queue.steps)
            if step.after_s is not None
        )
        self.on = 0
        """Steps that count by a live figure, a bit each."""
        self.widths = widths_of(queue, strategy)
        """(milliseconds since the offer round began, phones at once), ascending from 0."""

    def switch(self, step: int, *, on: bool) -> None:
        """A live figure crossed the mark of this step."""
        self.on = self.on | 1 << step if on else self.on & ~(1 << step)

    def counting(self, waited_ms: int) -> int:
        """The steps that count after this wait, a bit each."""
        mask = self.on
        for after, bit in self._after:
            if waited_ms < after:
                break
            mask |= bit
        return mask & self._known

    def next_step_ms(self, waited_ms: int) -> int | None:
        """The wait at which the next step begins to count by time."""
        for after, _ in self._after:
            if waited_ms < after:
                return after
        return None

    def width(self, round_ms: int) -> tuple[int, int | None]:
        """Phones at once at this time of the offer round, and the time at which there may be more."""
        widths = self.widths
        if len(widths) == 1:
            return widths[0][1], None
        for (_, phones), (until, _) in pairwise(widths):
            if round_ms < until:
                return phones, until
        return widths[-1][1], None

    def terms(self, counting: int, requires: Requirement, prefers: Requirement, agent: str | None) -> Terms:
        """The terms of a call of this queue that brings these wishes of its own."""
        queue = self.queue
        wishes = tuple([wish for wish in (prefers, queue.prefers) if wish])
        if agent is not None:
            return Terms(queue=queue.name, agent=agent)
        steps = [step for place, step in enumerate(queue.steps) if counting >> place & 1]
        return Terms(
            queue=queue.name,
            requires=_relaxed(combined(queue.requires, requires), steps),
            window=_window(queue, steps),
            queues=tuple(sorted({name for step in steps for name in step.queues})),
            groups=tuple(sorted({name for step in steps for name in step.groups})),
            prefers=wishes,
        )


def head_start_ms(queue: Queue, call: Call) -> float:
    """The call's priority and its queue's, as waiting time."""
    return (call.priority + queue.priority) * 60_000


def widths_of(queue: Queue, strategy: object) -> tuple[tuple[int, int], ...]:
    """How many phones a call of this queue rings at once, by milliseconds of its offer round; nonsense of a strategy
    falls to the queue's own width."""
    usual = ((0, queue.offer_width),)
    if not isinstance(strategy, WideStrategy):
        return usual
    try:
        answered: Iterable[object] = strategy.widths(queue)
        said = sorted((round(one.after_s * 1000), int(one.phones)) for one in answered if isinstance(one, Width))
    except Exception:  # noqa: BLE001  a stranger's code, checked and told of where it is loaded
        return usual
    return tuple(said) if said and said[0][0] == 0 and all(phones >= 1 for _, phones in said) else usual


def _relaxed(requirement: Requirement, steps: Iterable[Step]) -> Requirement:
    lower: dict[str, int] = {}
    for step in steps:
        if step.anyone:
            return ANYBODY
        for skill, level in step.lower.items():
            lower[skill] = min(level, lower.get(skill, level))
    return lowered(requirement, tuple(sorted(lower.items()))) if lower and requirement else requirement


def _window(queue: Queue, steps: Iterable[Step]) -> int | None:
    if queue.ranks is None:
        return None
    return max([queue.ranks, *(step.ranks for step in steps if step.ranks is not None)])
