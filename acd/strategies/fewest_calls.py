"""Whoever took the fewest calls is asked first: calls are shared out by number."""

from __future__ import annotations

from typing import Literal

from acd.queue import Queue
from acd.strategy import Candidate, SortKey


class FewestCalls:
    """Lower ranks first; within a rank the agent with the fewest calls taken, of all queues; then longest idle.

    Counted ``since`` the agent's last log-in, which a break does not undo, or ``ever``. An agent who comes hours
    after the others gets every call until the numbers are even; ``least_occupied`` is the remedy.
    """

    def __init__(self, *, since: Literal["login", "ever"] = "login") -> None:
        self.ever = since == "ever"

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Rank, calls taken, start of the idle clock, the last offer."""
        live = agent.live
        calls = live.answered if self.ever else live.shift_answered
        return (agent.rank_in(queue.name), calls, agent.idle_start(queue), live.offered_at)
