"""Rest before skill: the longest idle is asked first, and among those idle about as long the best at it."""

from __future__ import annotations

from typing import Annotated

from acd.skills import asked_for
from acd.strategy import Between, Candidate, Ranking, Situation


class IdleFirst:
    """Lower ranks first; within a rank by idle time in whole steps of ``step_s``, the longest first; within a step
    the highest sum of levels in the skills asked for; then longest idle. 0 compares to the millisecond.

    Others call it *all skills matching*: requirements and their steps say who may be asked, idleness who is.
    """

    def __init__(self, *, step_s: Annotated[float, Between(0, 3600)] = 60) -> None:
        self._step_ms = max(1, round(step_s * 1000))

    def rank(self, situation: Situation) -> Ranking:
        """By rank, steps of idle time, sum of levels, start of the idle clock, the last offer, id."""
        queue, now, step_ms = situation.queue, situation.now, self._step_ms
        skills = tuple(asked_for(situation.requires))

        def place(agent: Candidate) -> tuple[int, int, int, int, int, str]:
            start, held = agent.idle_start(queue), agent.skills
            level = sum([held.get(skill, 0) for skill in skills])
            steps = (now - start) // step_ms
            return (agent.rank_in(queue.name), -steps, -level, start, agent.live.offered_at, agent.id)

        return Ranking(
            [agent.id for agent in sorted(situation.candidates, key=place)],
            "longest idle, then highest level" if skills else "longest idle",
        )
