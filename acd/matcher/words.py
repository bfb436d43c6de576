"""How explanations say things: conditions, counts and times in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from acd.matcher.slots import AgentSlot, Condition
from acd.matcher.standing import condition_at


def word(slot: AgentSlot, now: int) -> str:
    """What the agent does at this time, as a reason is named."""
    condition = condition_at(slot, now)
    if condition is Condition.FREE and not slot.free:
        return "being_reserved"
    if condition is Condition.ON_BREAK and slot.live is not None and slot.live.break_reason:
        return f"{condition} ({slot.live.break_reason})"
    return condition.value


def plain(said: str) -> str:
    """A condition as people say it."""
    return {"wrap_up": "wrap-up", "reserved": "reservation", "talking": "conversation"}.get(
        said, said.replace("_", " ")
    )


def doing(said: str) -> str:
    """A condition as people say it after *is*."""
    return {"wrap_up": "in wrap-up", "cool_off": "in a cool-off", "no_record": "without a record"}.get(
        said, said.replace("_", " ")
    )


def counts(reasons: Mapping[str, int]) -> str:
    """Reasons with their counts, most frequent first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in ordered)


def listed(names: Sequence[str]) -> str:
    """A, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def agents(count: int) -> str:
    """So many agents."""
    return f"{count} agent" if count == 1 else f"{count} agents"


def callers(count: int) -> str:
    """So many callers."""
    return {0: "nobody", 1: "1 caller"}.get(count, f"{count} callers")


def are(count: int) -> str:
    """The verb for so many."""
    return "is" if count <= 1 else "are"


def time(milliseconds: int) -> str:
    """A span of time as it is said; 0 for what is over."""
    seconds = max(0, milliseconds) / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
