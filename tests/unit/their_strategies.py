"""Strategies as strangers bring them: good ones, odd ones, and one for each way to go wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Annotated, Any, Literal

from acd.queue import Queue
from acd.strategy import Between, Candidate, Ranking, Situation, SortKey, Width

a_function = len


class ByName:
    def __init__(self, *, backwards: bool = False) -> None:
        self.backwards = backwards

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return agent.id


class Both:
    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return 0

    def rank(self, situation: Situation) -> Ranking:
        return Ranking(())


class Neither:
    pass


class Nonsense:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking([1, 2])  # type: ignore[list-item]


class Remembers:
    """Not pure: gives another order each time."""

    def __init__(self) -> None:
        self.asked = count()

    def rank(self, situation: Situation) -> Ranking:
        ids = [agent.id for agent in situation.candidates]
        turn = next(self.asked) % max(1, len(ids))
        return Ranking(ids[turn:] + ids[:turn])


class Exits:
    def rank(self, situation: Situation) -> Ranking:
        sys.exit(1)


class Endless:
    def rank(self, situation: Situation) -> Ranking:
        while True:
            pass


class Stubborn:
    """Catches whatever it can be told decently."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        while True:
            try:
                time.sleep(0.001)
            except Exception:  # noqa: BLE001  that is the point
                continue


class NeedsAnOption:
    def __init__(self, *, weight: int) -> None:
        self.weight = weight

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return self.weight


class Picky:
    """One option of each kind."""

    def __init__(
        self,
        *,
        many: Annotated[int, Between(1, 5)] = 1,
        part: Annotated[float, Between(0, 1)] = 0.5,
        word: Literal["gold", "silver"] = "gold",
        names: Sequence[str] = (),
        levels: Mapping[str, int] | None = None,
        on: bool = False,
        label: str = "",
        whatever: object = None,
        whatever_else: Any = None,
    ) -> None:
        if many > 3 and not on:
            raise ValueError("many above 3 needs on = true")

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return agent.id


class Unreadable:
    """Annotated with a name that only a type checker knows."""

    def __init__(self, *, tier: NoSuchName = None, many: int = 1) -> None:  # type: ignore[name-defined]  # noqa: F821
        pass

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return 0


class TakesAny:
    def __init__(self, **options: object) -> None:
        self.options = options

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return 0


class Wide(ByName):
    def widths(self, queue: Queue) -> Sequence[Width]:
        return (Width(0, 1), Width(5, 3))


class WideRank:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking(())

    def widths(self, queue: Queue) -> Sequence[Width]:
        return (Width(0, 2),)


class NarrowingWidths(ByName):
    def widths(self, queue: Queue) -> Sequence[Width]:
        return (Width(0, 2), Width(5, 1))


class EndlessWidths(ByName):
    def widths(self, queue: Queue) -> Sequence[Width]:
        while True:
            pass


class Strangers:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking(["somebody-else"])


class Twice:
    def rank(self, situation: Situation) -> Ranking:
        return Ranking([agent.id for agent in situation.candidates] * 2)


class Nothing:
    """Has no opinion: the order is longest idle's."""

    def rank(self, situation: Situation) -> Ranking:
        return Ranking(())


class SleepyConstructor:
    def __init__(self) -> None:
        while True:
            pass

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return 0
