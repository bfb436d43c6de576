"""Everybody in turn: each agent is offered as many calls as the next, whatever comes of them."""

from __future__ import annotations

from acd.queue import Queue
from acd.strategy import Candidate, SortKey


class RoundRobin:
    """Lower ranks first; within a rank whoever had an offer *of this queue* longest ago, those who had none first.

    The memory is the agents' own and kept by the store, so each queue has its round, callers who come together go on
    from one another, and a restart or a change of the configuration changes nothing. Agents who never had an offer
    of this queue come by their idle clocks.
    """

    def key(self, agent: Candidate, queue: Queue) -> SortKey:
        """Rank, then this queue's last offer to the agent, then start of the idle clock."""
        return (agent.rank_in(queue.name), agent.live.offered_in.get(queue.name, 0), agent.idle_start(queue))
