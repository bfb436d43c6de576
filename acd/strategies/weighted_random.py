"""By chance, with a larger share for some: those of lower rank, or those who are better at it."""

from __future__ import annotations

from math import log

from acd.skills import asked_for
from acd.strategies.chance import chance
from acd.strategy import Candidate, Ranking, Situation


class WeightedRandom:
    """Each agent is first with a probability in proportion to a weight.

    The weight is 1/(1 + rank), so that ranks are shares here and not groups. With ``by_skill`` ranks are groups, lower
    ones first, and the weight is the sum of levels in the skills asked for, at least 1.
    """

    def __init__(self, *, by_skill: bool = False) -> None:
        self.by_skill = by_skill

    def rank(self, situation: Situation) -> Ranking:
        """By an exponential clock per agent that runs as fast as the agent weighs: the first to ring is first."""
        queue, call = situation.queue.name, situation.call
        skills = tuple(asked_for(situation.requires))

        def by_rank(agent: Candidate) -> tuple[int, float, str]:
            return (0, -log(chance(call, agent.id)) * (1 + agent.rank_in(queue)), agent.id)

        def by_skill(agent: Candidate) -> tuple[int, float, str]:
            held = agent.skills
            weight = max(1, sum([held.get(skill, 0) for skill in skills]))
            return (agent.rank_in(queue), -log(chance(call, agent.id)) / weight, agent.id)

        place = by_skill if self.by_skill else by_rank
        ordered = [agent.id for agent in sorted(situation.candidates, key=place)]
        return Ranking(ordered, "by chance, weighted by skill" if self.by_skill else "by chance, weighted by rank")
