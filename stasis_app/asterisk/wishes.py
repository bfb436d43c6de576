"""What the dialplan says that a caller needs: variables of the channel, taken as data, never as orders.

They come with the call as arguments of its entry, so that the same words can be read again from the channel when
whoever heard them first is gone. What cannot be used is told with its remedy and left out: the caller is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from acd.configuration import Configuration
from acd.errors import Fault, InvalidRequirement
from acd.skills import ANYBODY, Requirement, named_in, requirement

REQUIRES = "ACD_REQUIRES"
PREFERS = "ACD_PREFERS"
AGENT = "ACD_AGENT"
AGENT_SECONDS = "ACD_AGENT_SECONDS"
PRIORITY = "ACD_PRIORITY"

LONGEST_EXPRESSION = 500
"""Characters that the dialplan hands over; one more tells that the rest was cut off."""
SECONDS = (1.0, 86_400.0)
MINUTES = (-1_440.0, 1_440.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a call brings besides its queue, and what of it could not be used."""

    requires: Requirement = ANYBODY
    prefers: Requirement = ANYBODY
    preferred_agent: str | None = None
    preferred_for_s: float | None = None
    priority: float = 0.0
    faults: tuple[Fault, ...] = ()


def wishes_of(words: Sequence[str], configuration: Configuration) -> Wishes:
    """Read the arguments that follow the dialled number: percent-encoded ``VARIABLE=value``, in any order."""
    said = dict(_said(words))
    faults: list[Fault] = []
    agent, seconds = _agent(said, configuration, faults)
    return Wishes(
        requires=_expression(REQUIRES, said, configuration, faults),
        prefers=_expression(PREFERS, said, configuration, faults),
        preferred_agent=agent,
        preferred_for_s=seconds,
        priority=_number(PRIORITY, said, MINUTES, "minutes of head start", faults) or 0.0,
        faults=tuple(faults),
    )


def _said(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    for word in words:
        if word.endswith(("=", "%3D")):  # most callers ask for nothing
            continue
        name, _, value = unquote(word, errors="replace").partition("=")
        if value.strip():
            yield name, value.strip()


def _expression(name: str, said: Mapping[str, str], configuration: Configuration, faults: list[Fault]) -> Requirement:
    text = said.get(name, "")
    if not text:
        return ANYBODY
    if len(text) > LONGEST_EXPRESSION:
        remedy = f"an expression from the dialplan has at most {LONGEST_EXPRESSION} characters"
        faults.append(Fault(place=name, value=f"{text[:60]}…", remedy=remedy))
        return ANYBODY
    try:
        asked = requirement(text)
    except InvalidRequirement as error:
        faults.append(Fault(place=name, value=text, remedy=str(error)))
        return ANYBODY
    if unknown := sorted(named_in(asked) - configuration.skills.keys()):
        known = ", ".join(sorted(configuration.skills)) or "none is configured"
        remedy = f"no such skill as {', '.join(unknown)}; known: {known}"
        faults.append(Fault(place=name, value=text, remedy=remedy))
        return ANYBODY
    return asked


def _agent(
    said: Mapping[str, str], configuration: Configuration, faults: list[Fault]
) -> tuple[str | None, float | None]:
    agent = said.get(AGENT)
    seconds = _number(AGENT_SECONDS, said, SECONDS, "seconds of waiting for ACD_AGENT", faults)
    if agent is None:
        return None, None
    if agent not in configuration.agents:
        remedy = "no such agent is configured: write the agent's name as in the configuration"
        faults.append(Fault(place=AGENT, value=agent[:80], remedy=remedy))
        return None, None
    if seconds is None and AGENT_SECONDS in said:
        return None, None  # nobody may wait for one agent for good because of a slip in a number
    return agent, seconds


def _number(
    name: str, said: Mapping[str, str], limits: tuple[float, float], what: str, faults: list[Fault]
) -> float | None:
    if name not in said:
        return None
    low, high = limits
    try:
        value = float(said[name])
    except ValueError:
        value = float("nan")
    if low <= value <= high:
        return value
    faults.append(Fault(place=name, value=said[name][:80], remedy=f"write {what}, {low:g} to {high:g}"))
    return None
