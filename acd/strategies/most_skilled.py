"""The best at what the call asks for is asked first; idleness breaks ties."""

from __future__ import annotations

from acd.strategy import Candidate, Ranking, Situation


class MostSkilled:
    """Lower ranks in the queue first; within a rank the highest sum of levels in the skills that the call requires.

    Skills that the call does not ask for count nothing: a call without a requirement goes to the longest idle. It
    serves quality at the price of the best agents' rest; others call it *best available skills*. Takes no options.
    """

    def rank(self, situation: Situation) -> Ranking:
        """By rank, sum of levels, start of the idle clock, id."""
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
