"""What a simulated day leaves to chance, drawn from a generator that its owner seeds: the same seed is the same day."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Protocol, TypeAlias


class Dice(Protocol):
    """A source of randomness; ``random.Random`` is one."""

    def random(self) -> float:
        """Uniform, 0 or more, less than 1."""
        ...


Draw: TypeAlias = "Callable[[Dice], float]"
"""A duration in seconds, drawn anew each time."""


def always(seconds: float) -> Draw:
    """No chance at all."""
    return lambda dice: seconds


def exponential(mean: float) -> Draw:
    """Without memory, as the formulas of Erlang have it."""
    return lambda dice: -mean * log(1.0 - dice.random())


def between(least: float, most: float) -> Draw:
    """Uniform."""
    return lambda dice: least + (most - least) * dice.random()
