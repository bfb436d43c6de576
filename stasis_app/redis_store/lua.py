"""Puts the scripts together, so that states, tables and refusal codes are written once, in Python.

A script names its includes in a comment, ``-- include: epoch offers``. Names such as ``CallState.QUEUED`` become the
enumeration's value as a literal, and ``CALL_TRANSITIONS`` the table itself. A name that does not exist is an error
when the script is loaded, not when a call meets it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from acd.agent import AGENT_TRANSITIONS, AgentActivity, AgentStatus, AgentTrigger, ImposedBreak
from acd.call import CALL_TRANSITIONS, CallState, CallTrigger, EndReason
from acd.events import AlertKind
from acd.offer import MISSED, NOT_TRIED, OFFER_TRANSITIONS, OfferOutcome, OfferState, OfferTrigger
from acd.ports import DeadlineKind, Refusal

SCRIPTS = (
    "join",
    "begin_epoch",
    "restore_agent",
    "restore_call",
    "open_epoch",
    "beat",
    "leave",
    "lead",
    "take_over",
    "enqueue",
    "reserve",
    "ring",
    "accept",
    "connect",
    "end_offer",
    "expire_offer",
    "end_call",
    "end_lost",
    "requeue",
    "change_call",
    "switch_step",
    "set_status",
    "set_reachable",
    "end_wrap_up",
    "configure_agents",
    "append_event",
    "snapshot",
    "consumed",
)
ENUMERATIONS: Mapping[str, type[StrEnum]] = {
    kind.__name__: kind
    for kind in (
        AgentActivity,
        AgentStatus,
        AgentTrigger,
        AlertKind,
        CallState,
        CallTrigger,
        DeadlineKind,
        EndReason,
        ImposedBreak,
        OfferOutcome,
        OfferState,
        OfferTrigger,
        Refusal,
    )
}
_INCLUDES = re.compile(r"^-- include: (.+)$", re.MULTILINE)
_NAME = re.compile(r"\b(" + "|".join((*ENUMERATIONS, "Limit")) + r")\.([A-Z][A-Z_]*)\b")
_COMMENT = re.compile(r"^\s*--.*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept for readers who are late."""

    events: int = 1_000_000
    """Entries of the stream, at about 1 kB each; beyond that its oldest hundredth is given up, kept or not."""
    keep_ms: int = 600_000
    """Events this young stay for those who resume, even when every consumer has kept them."""
    ended_ms: int = 600_000
    """So long it is known of a call that it has ended, and how."""
    forget_process_ms: int = 3_600_000
    """A process is forgotten when its lease ended so long ago."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """As the scripts name them."""
        return {
            "EVENTS": self.events,
            "EVENTS_AFTER_TRIM": self.events - max(1, self.events // 100),
            "KEEP_MS": self.keep_ms,
            "ENDED_MS": self.ended_ms,
            "FORGET_PROCESS_MS": self.forget_process_ms,
        }


@dataclass(frozen=True, slots=True)
class Script:
    """One transition, ready to be loaded."""

    name: str
    source: str

    @property
    def sha(self) -> str:
        """What EVALSHA calls it."""
        return hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()


def scripts(limits: Limits) -> Mapping[str, Script]:
    """Every script by name."""
    return {name: Script(name, _source(name, limits)) for name in SCRIPTS}


@cache
def text_of(name: str) -> str:
    """A script, or ``include/…``, as it is written."""
    return files("stasis_app.redis_store").joinpath("scripts", *f"{name}.lua".split("/")).read_text(encoding="utf-8")


def _source(name: str, limits: Limits) -> str:
    parts = [text_of(f"include/{part}") for part in _parts(name)]
    written = _COMMENT.sub("", "".join((*parts, text_of(name))))
    return f"-- {name}\n{_tables(written)}{_NAME.sub(lambda match: _literal(match, limits), written)}"


def _parts(name: str) -> Iterator[str]:
    seen: dict[str, None] = {"prelude": None}

    def visit(names: Iterable[str]) -> None:
        for part in names:
            if part not in seen:
                visit(_included(f"include/{part}"))
                seen.setdefault(part)

    visit(_included(name))
    yield from seen


def _included(name: str) -> Iterator[str]:
    for line in _INCLUDES.findall(text_of(name)):
        yield from line.split()


def _literal(match: re.Match[str], limits: Limits) -> str:
    kind, name = match.groups()
    if kind == "Limit":
        return str(limits.numbers[name])
    return f"'{ENUMERATIONS[kind][name].value}'"


def _tables(written: str) -> str:
    """The tables that are named in this script, as Lua."""
    tables: Mapping[str, Mapping[str, str]] = {
        "AGENT_TRANSITIONS": {"|".join(step): after for step, after in AGENT_TRANSITIONS.items()},
        "CALL_TRANSITIONS": {"|".join(step): after for step, after in CALL_TRANSITIONS.items()},
        "OFFER_TRANSITIONS": {"|".join(step): after for step, after in OFFER_TRANSITIONS.items()},
    }
    lines = [
        f"local {name} = {_table({step: repr(str(after)) for step, after in table.items()})}\n"
        for name, table in tables.items()
        if name in written
    ]
    for name, outcomes in (("MISSED", MISSED), ("NOT_TRIED", NOT_TRIED)):
        if f"{name}[" in written:
            lines.append(f"local {name} = {_table(dict.fromkeys(sorted(outcomes), 'true'))}\n")
    return "".join(lines)


def _table(entries: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"['{key}'] = {value}" for key, value in entries.items()) + " }"
