"""Whoever has been idle longest is asked first: fair, and what callers of most centres get."""

from __future__ import annotations

from acd.queue import Queue
from acd.strategy import Candidate, SortKey


class LongestIdle:
    """Lower ranks in the queue first; within a rank the agent whose idle clock started earliest.

    What starts the clock is the queue's ``idle_clock``; an offer that the agent missed always does. Clocks that
    started at the same millisecond: whose last offer is longer ago.
    """

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Rank, then start of the idle clock, then the last offer."""
        return (agent.rank_in(queue.name), agent.idle_start(queue), agent.live.offered_at)
