"""Two strategies such as an integrator writes: one that only looks at agents, and one that looks at the call, too."""

from __future__ import annotations

from collections.abc import Mapping

from acd.queue import Queue
from acd.strategy import Candidate, Ranking, Situation, SortKey


class LastName:
    """Whoever comes last in the alphabet is asked first."""

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        return tuple(-ord(letter) for letter in agent.id)


class BySubject:
    """A caller's number says which agent knows the matter."""

    def __init__(self, *, subjects: Mapping[str, str]) -> None:
        self._subjects = dict(subjects)

    def rank(self, situation: Situation) -> Ranking:
        knows = self._subjects.get(situation.call.caller_number)
        first = [agent.id for agent in situation.candidates if agent.id == knows]
        return Ranking(first, reason=f"{knows} knows the matter" if first else "nobody knows the matter")
