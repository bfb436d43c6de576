"""The algorithm of stasis-acd: pure, synchronous, no clock and no I/O. This is what integrators import."""

from __future__ import annotations

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.errors import AcdError, Fault, IllegalTransition, InvalidConfiguration, StrategyFault
from acd.offer import Offer, OfferOutcome, OfferState
from acd.queue import Queue
from acd.strategy import Candidate, KeyStrategy, Ranking, RankStrategy, Situation, SortKey, Strategy

__all__ = [
    # the records
    "Agent",
    "AgentActivity",
    "AgentProfile",
    "AgentStatus",
    "Call",
    "CallState",
    "EndReason",
    "EndedBy",
    "Offer",
    "OfferOutcome",
    "OfferState",
    "Queue",
    # writing a strategy
    "Candidate",
    "KeyStrategy",
    "Ranking",
    "RankStrategy",
    "Situation",
    "SortKey",
    "Strategy",
    # errors
    "AcdError",
    "Fault",
    "IllegalTransition",
    "InvalidConfiguration",
    "StrategyFault",
]
