"""Whoever has been idle longest is asked first: fair, and what callers of most centres get."""

from __future__ import annotations

from acd.queue import Queue
from acd.strategy import Candidate, SortKey


class LongestIdle:
    """Lower ranks in the queue first; within a rank the agent whose idle clock started earliest.

    The clock starts when an agent becomes ready, ends wrap-up, or misses an offer. So, unlike ``leastrecent`` of
    app_queue and ``longest-idle-agent`` of mod_callcenter, a break does not count as idling, and an agent who lets
    it ring goes to the end instead of being asked again and again. Takes no options.
    """

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Rank, then start of the idle clock in the store's milliseconds."""
        return (agent.rank_in(queue.name), agent.idle_since)
