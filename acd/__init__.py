"""The algorithm of stasis-acd: pure, synchronous, no clock and no I/O. This is what integrators import."""

from __future__ import annotations

from acd.agent import Agent, AgentActivity, AgentProfile, AgentStatus
from acd.call import Call, CallState, EndedBy, EndReason
from acd.errors import AcdError, Fault, IllegalTransition, InvalidConfiguration, InvalidRequirement, StrategyFault
from acd.offer import Offer, OfferOutcome, OfferState
from acd.queue import IdleClock, Queue
from acd.skills import asked_for, meets
from acd.strategy import (
    Between,
    Candidate,
    KeyStrategy,
    Ranking,
    RankStrategy,
    Situation,
    SortKey,
    Strategy,
    WideStrategy,
    Width,
)

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
    "IdleClock",
    "Offer",
    "OfferOutcome",
    "OfferState",
    "Queue",
    # writing a strategy
    "Between",
    "Candidate",
    "KeyStrategy",
    "Ranking",
    "RankStrategy",
    "Situation",
    "SortKey",
    "Strategy",
    "WideStrategy",
    "Width",
    "asked_for",
    "meets",
    # errors
    "AcdError",
    "Fault",
    "IllegalTransition",
    "InvalidConfiguration",
    "InvalidRequirement",
    "StrategyFault",
]
