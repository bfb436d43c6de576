"""One order that somebody wrote down: the front desk first, and the others when it does not answer."""

from __future__ import annotations

from collections.abc import Sequence

from acd.strategy import Candidate, Ranking, Situation


class FixedOrder:
    """Lower ranks first; within a rank by ``order``, those whom it does not name behind it by name.

    Agents whom this caller tried already come after those not tried, so each caller goes down the list and then
    begins at its top again. The same agents get most calls: that is what it is for.
    """

    def __init__(self, *, order: Sequence[str] = ()) -> None:
        if len(set(order)) < len(order):
            raise ValueError("order names somebody twice: name each agent once")
        self._places = {agent: place for place, agent in enumerate(order)}

    def rank(self, situation: Situation) -> Ranking:
        """By rank, times that this caller tried the agent, place in the order, id."""
        queue, tried, places = situation.queue.name, situation.call.tried, self._places
        behind = len(places)

        def place(agent: Candidate) -> tuple[int, int, int, str]:
            return (agent.rank_in(queue), tried.get(agent.id, 0), places.get(agent.id, behind), agent.id)

        ordered = [agent.id for agent in sorted(situation.candidates, key=place)]
        return Ranking(ordered, "next in the fixed order" if tried else "first in the fixed order")
