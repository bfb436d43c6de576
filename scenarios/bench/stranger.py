"""Two strategies as somebody outside the package would write them, one of each form."""

from __future__ import annotations

from acd.queue import Queue
from acd.strategy import Candidate, Ranking, Situation, SortKey


class FewestMinutes:
    """Whoever talked least in this shift."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Rank, then talk time, then the start of the idle clock."""
        return (agent.rank_in(queue.name), agent.live.shift_talk_ms, agent.live.idle_since)


class NotTwice:
    """Whoever has not missed this call, and then whoever is idle longest."""

    def rank(self, situation: Situation) -> Ranking:
        """Linear in the candidates, but for the sorting."""
        tried = situation.call.tried
        ordered = sorted(situation.candidates, key=lambda one: (tried.get(one.id, 0), one.live.idle_since, one.id))
        return Ranking([one.id for one in ordered], "idle longest of those who have not missed it")
