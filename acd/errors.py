"""Every error this project raises on purpose, split by who has to act on it.

AcdError
├── IllegalTransition        a bug of ours: a state machine was asked for a step it does not have
├── InvalidConfiguration     the operator's to mend: carries every fault found, each with its place
├── InvalidRequirement       the operator's or a caller's of the API: an expression on skills that cannot be read
├── StrategyFault            the integrator's to mend: a strategy raised, overran or broke its contract
├── StoreUnavailable         the world's: the store does not answer
│   └── StaleEpoch           the store was restarted or emptied since we last looked
└── PhoneUnreachable         the world's: the agent's phone cannot be called at all
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class AcdError(Exception):
    """The root: nothing raises it itself."""


class IllegalTransition(AcdError):
    """A state machine has no step for this trigger in this state."""

    def __init__(self, machine: str, state: str, trigger: str) -> None:
        super().__init__(f"{machine}: no transition from {state!r} on {trigger!r}")
        self.machine = machine
        self.state = state
        self.trigger = trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in what a person wrote: where, what stands there, and what would mend it."""

    place: str
    """Where it stands, as the person would look for it: ``queues.support.ring_timeout_s``."""
    value: object
    """What was found there, as it was written."""
    remedy: str
    """One sentence: what is wrong with it, and what to write instead."""

    def __str__(self) -> str:
        return f"{self.place} = {self.value!r}: {self.remedy}"


class InvalidConfiguration(AcdError):
    """What a person wrote cannot be used; nothing of it has been applied."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        if not self.faults:
            raise ValueError("an invalid configuration has at least one fault")
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InvalidRequirement(AcdError):
    """An expression on skills cannot be read; the sentence says what stands there and what to write."""


class StrategyFault(AcdError):
    """A strategy raised, took too long, or answered something that its contract does not allow."""

    def __init__(self, strategy: str, what: str) -> None:
        super().__init__(f"strategy {strategy!r}: {what}")
        self.strategy = strategy
        self.what = what


class StoreUnavailable(AcdError):
    """The store of live state does not answer; nothing was changed, or it is unknown whether it was."""


class StaleEpoch(StoreUnavailable):
    """The store was restarted or emptied: dispatch stops until the state is rebuilt from Asterisk."""


class PhoneUnreachable(AcdError):
    """The agent's phone cannot be called: not registered, or the switch knows no way to it."""
