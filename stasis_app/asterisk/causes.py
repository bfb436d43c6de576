"""What a hang-up cause says about an agent's leg (Q.850, and the SIP code behind it)."""

from __future__ import annotations

from types import MappingProxyType

from acd.ports import LegOutcome

OUTCOME_OF_CAUSE = MappingProxyType(
    {
        16: LegOutcome.CANCELLED,  # normal clearing before an answer: we took it back
        17: LegOutcome.BUSY,  # 486, 600
        18: LegOutcome.UNREACHABLE,  # 408: the phone did not respond at all
        19: LegOutcome.NO_ANSWER,  # our dial time-out, and a phone's own 480
        20: LegOutcome.UNREACHABLE,
        21: LegOutcome.REJECTED,  # 603
        23: LegOutcome.REJECTED,  # 302: an agent's phone does not forward callers
        26: LegOutcome.CANCELLED,  # answered elsewhere
        1: LegOutcome.UNREACHABLE,  # 404
        3: LegOutcome.UNREACHABLE,
        27: LegOutcome.UNREACHABLE,
        34: LegOutcome.UNREACHABLE,  # 503
        38: LegOutcome.UNREACHABLE,  # 500
        58: LegOutcome.UNREACHABLE,  # 488: no codec in common
    }
)


def outcome(cause: int, *, answered: bool) -> LegOutcome:
    """How a leg ended, by its cause and by whether it had been answered. A cause that no table names counts as
    unreachable: the agent is not blamed for what the agent did not do."""
    if answered:
        return LegOutcome.HUNG_UP
    return OUTCOME_OF_CAUSE.get(cause, LegOutcome.UNREACHABLE)
