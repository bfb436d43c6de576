"""Who gets whom: the state machine that turns events into proposals, and what it can tell about them."""

from __future__ import annotations

from acd.matcher.agent_explanation import AgentExplanation, explain_agent
from acd.matcher.call_explanation import CallExplanation, explain_call
from acd.matcher.machine import Matcher
from acd.matcher.slots import Condition, Proposal, StepChange, StrategyTrouble
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
    "StepChange",
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
