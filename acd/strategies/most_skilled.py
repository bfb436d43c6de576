"""The best at what the call asks for is asked first; idleness breaks ties."""

from __future__ import annotations

from acd.strategy import Candidate, Ranking, Situation


class MostSkilled:
    """Sum of the agent's levels in the call's required skills, highest first; rank in the queue goes before it."""

    def rank(self, situation: Situation) -> Ranking:
        """Order by rank, then level, then longest idle, then id."""
        required = situation.call.requires

        def place(agent: Candidate) -> tuple[int, int, int, str]:
            level = sum(agent.skills.get(skill, 0) for skill in required)
            return (agent.rank_in(situation.queue.name), -level, agent.idle_since, agent.id)

        ordered = sorted(situation.candidates, key=place)
        if not ordered:
            return Ranking(())
        best = ordered[0]
        levels = ", ".join(f"{skill} {best.skills.get(skill, 0)}" for skill in sorted(required))
        return Ranking([agent.id for agent in ordered], f"highest in {levels}" if levels else "longest idle")
