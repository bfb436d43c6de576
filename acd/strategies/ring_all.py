"""All phones at once: for small groups in which whoever is nearest picks up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from acd.queue import Queue
from acd.strategies.longest_idle import LongestIdle
from acd.strategy import MOST_PHONES, Between, Width


class RingAll(LongestIdle):
    """In the order of longest idle, as many phones as are free, up to ``most``, from the first moment on.

    The order matters where callers share too few agents, and where more than ``most`` are free.
    """

    def __init__(self, *, most: Annotated[int, Between(1, MOST_PHONES)] = 20) -> None:
        self.most = most

    def widths(self, queue: Queue) -> Sequence[Width]:
        """One step: all at once."""
        return (Width(after_s=0, phones=self.most),)
