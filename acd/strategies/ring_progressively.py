"""One phone, then one more, and one more: the first agent has a chance alone, and nobody waits for it to run out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from acd.queue import Queue
from acd.strategies.longest_idle import LongestIdle
from acd.strategy import MOST_PHONES, Between, Width


class RingProgressively(LongestIdle):
    """In the order of longest idle, one phone more each ``every_s`` seconds of the offer round, up to ``most``.

    The earlier ones ring on, each for the queue's ``ring_timeout_s``.
    """

    def __init__(
        self,
        *,
        every_s: Annotated[float, Between(0.5, 300)] = 10,
        most: Annotated[int, Between(1, MOST_PHONES)] = 20,
    ) -> None:
        self.every_s = every_s
        self.most = most

    def widths(self, queue: Queue) -> Sequence[Width]:
        """One phone more at each step."""
        return [Width(after_s=step * self.every_s, phones=step + 1) for step in range(self.most)]
