"""The best at what the call asks for is asked first; idleness breaks ties."""

from __future__ import annotations

from acd.skills import asked_for
from acd.strategy import Candidate, Ranking, Situation


class MostSkilled:
    """Lower ranks first; within a rank the highest sum of levels in the skills that are asked for; then longest idle.

    Skills that nobody asks for count nothing: a call without a requirement goes to the longest idle. It serves
    quality at the price of the best agents' rest; others call it *best available skills*.
    """

    def rank(self, situation: Situation) -> Ranking:
        """By rank, sum of levels, start of the idle clock, the last offer, id."""
        queue = situation.queue
        name, skills = queue.name, tuple(asked_for(situation.requires))

        def place(agent: Candidate) -> tuple[int, int, int, int, str]:
            profile, level = agent.profile, 0
            for skill in skills:
                level += profile.skills.get(skill, 0)
            return (agent.rank_in(name), -level, agent.idle_start(queue), agent.live.offered_at, profile.id)

        ordered = sorted(situation.candidates, key=place)
        if not ordered:
            return Ranking(())
        levels = ", ".join([f"{skill} {ordered[0].skills.get(skill, 0)}" for skill in sorted(skills)])
        return Ranking([agent.id for agent in ordered], f"highest in {levels}" if levels else "longest idle")
