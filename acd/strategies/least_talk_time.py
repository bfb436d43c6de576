"""Whoever talked least is asked first: calls are shared out by the time they take."""

from __future__ import annotations

from typing import Literal

from acd.queue import Queue
from acd.strategy import Candidate, SortKey


class LeastTalkTime:
    """Lower ranks first; within a rank the agent with the least talk time, in calls of all queues; then longest idle.

    Counted ``since`` the agent's last log-in, which a break does not undo, or ``ever``.
    """

    def __init__(self, *, since: Literal["login", "ever"] = "login") -> None:
        self.ever = since == "ever"

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Rank, talk time, start of the idle clock, the last offer."""
        live = agent.live
        talked = live.talk_ms if self.ever else live.shift_talk_ms
        return (agent.rank_in(queue.name), talked, agent.idle_start(queue), live.offered_at)
