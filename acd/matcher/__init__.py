"""Who gets whom: the state machine that turns events into proposals, and what it can tell about them."""

from __future__ import annotations

from acd.matcher.explanation import AgentExplanation, CallExplanation, explain_agent, explain_call
from acd.matcher.machine import Matcher
from acd.matcher.slots import Condition, Proposal, StrategyTrouble
from acd.matcher.standing import (
    AgentStanding,
    QueueStanding,
    WaitingCaller,
    agents_standing,
    queues_standing,
    waiting_callers,
)

__all__ = [
    # deciding
    "Matcher",
    "Proposal",
    "StrategyTrouble",
    # why
    "AgentExplanation",
    "CallExplanation",
    "explain_agent",
    "explain_call",
    # how things stand
    "AgentStanding",
    "Condition",
    "QueueStanding",
    "WaitingCaller",
    "agents_standing",
    "queues_standing",
    "waiting_callers",
]
