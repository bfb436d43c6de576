"""Anybody, with the same chance for all: no memory, no record, nothing to be played."""

from __future__ import annotations

from acd.strategies.chance import chance
from acd.strategy import Candidate, Ranking, Situation


class RandomOrder:
    """Lower ranks first; within a rank every order is equally likely, drawn anew for each round of each call."""

    def rank(self, situation: Situation) -> Ranking:
        """By rank, then by chance."""
        queue, call = situation.queue.name, situation.call

        def place(agent: Candidate) -> tuple[int, float, str]:
            return (agent.rank_in(queue), chance(call, agent.id), agent.id)

        return Ranking([agent.id for agent in sorted(situation.candidates, key=place)], "by chance")
