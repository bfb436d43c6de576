"""Whoever has been idle longest is asked first: fair, and what callers of most centres get."""

from __future__ import annotations

from acd.queue import Queue
from acd.strategy import Candidate, SortKey


class LongestIdle:
    """Rank in the queue first, then the start of the idle clock.

    Unlike app_queue's ``leastrecent`` an offer that the agent missed sets the clock back, and so does coming from a
    break: an agent who lets it ring is not asked again and again.
    """

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Earliest start of idling first."""
        return (agent.rank_in(queue.name), agent.idle_since)
