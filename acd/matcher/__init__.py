"""Who gets whom: the state machine that turns events into proposals, and what it can tell about them."""

from __future__ import annotations

from acd.matcher.machine import Matcher
from acd.matcher.slots import Condition, Proposal, StrategyTrouble

__all__ = ["Condition", "Matcher", "Proposal", "StrategyTrouble"]
