"""What clients may send, and how it is checked: unknown fields are refused, all faults are told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, TypeVar

import msgspec

from acd.agent import AgentStatus
from acd.errors import Fault
from stasis_app.database import Role
from stasis_app.web.problems import HIDDEN, Problem

PageSize = Annotated[int, msgspec.Meta(ge=1, le=500)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The root of everything that clients send."""


class LogIn(Body, frozen=True, kw_only=True):
    """Name and password of a user."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=63)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class StatusWish(Body, frozen=True, kw_only=True):
    """What the agent wants to be: ``ready``, ``on_break`` with a reason, or ``logged_out``."""

    status: AgentStatus
    reason: Annotated[str, msgspec.Meta(max_length=400)] | None = None


class NewUser(Body, frozen=True, kw_only=True):
    """A user to record, and the agent that this person is, if any; for an agent's user the name, if left out."""

    name: str
    password: str
    role: Role
    agent: str | None = None


class PasswordChange(Body, frozen=True, kw_only=True):
    """The new password; every session of this user ends."""

    password: str


Expression = Annotated[str, msgspec.Meta(max_length=2_000)] | dict[str, int]
"""An expression on skills, or a table of skills with least levels."""


class CallWish(Body, frozen=True, kw_only=True):
    """What to change of a waiting call; what is left out stays as it is."""

    priority: Annotated[float, msgspec.Meta(ge=-1440, le=1440)] | None = None
    """Head start in minutes, besides the queue's own."""
    queue: str | None = None
    keep_wait: bool = True
    """Whether the wait so far counts in the other queue."""
    requires: Expression | None = None
    """What the call itself asks for; an empty text asks for nothing."""
    prefers: Expression | None = None
    preferred_agent: Annotated[str, msgspec.Meta(max_length=63)] | None = None
    """An empty text takes the preference away."""
    preferred_for_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] | None = None
    """Seconds of waiting for that agent; a call that names none is for that agent alone."""


class HistoryQuery(Body, frozen=True, kw_only=True):
    """Which past calls to list, the latest first."""

    limit: PageSize = 50
    queue: str | None = None
    agent: str | None = None
    before: int | None = None
    """Only calls that ended before this time, milliseconds since 1970: the next page."""


class ConfigurationQuery(Body, frozen=True, kw_only=True):
    """Which version; the one in force if none is named."""

    version: int | None = None


class VersionsQuery(Body, frozen=True, kw_only=True):
    """How many versions to list, the latest first."""

    limit: PageSize = 50


class CallsQuery(Body, frozen=True, kw_only=True):
    """Which live calls to list, the longest waiting first."""

    queue: str | None = None


class MyCallsQuery(Body, frozen=True, kw_only=True):
    """Which of one's own past calls to list, the latest first."""

    limit: PageSize = 50
    since: int = 0
    """Only calls that ended at or after this time, milliseconds since 1970."""


B = TypeVar("B", bound=Body)


def decoded(raw: bytes, kind: type[B]) -> B:
    """A body from JSON; raises Problem 400 if it is no JSON object, 422 with every fault otherwise."""
    try:
        sent = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(400, "not-json", f"the body is not JSON: {error}") from None
    if not isinstance(sent, dict):
        fields = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
        raise Problem(400, "not-an-object", f"the body must be a JSON object with: {fields}")
    return _converted(sent, kind, strict=True, what="body")


def from_query(sent: Mapping[str, str], kind: type[B]) -> B:
    """The query string's fields; raises Problem 422 with every fault."""
    return _converted(sent, kind, strict=False, what="query")


def _converted(sent: Mapping[str, object], kind: type[B], *, strict: bool, what: str) -> B:
    faults = list(_faults(sent, kind, strict=strict))
    if faults:
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        first = faults[0]
        secret = any(word in first.place for word in HIDDEN)
        shown = "" if secret or first.value is None else f" = {first.value!r}"[:80]
        more = "" if len(faults) == 1 else f" (and {len(faults) - 1} more)"
        raise Problem(
            422, f"{what}-invalid", f"the {what} has {count}: {first.place}{shown}: {first.remedy}{more}", faults=faults
        )
    return msgspec.convert(sent, kind, strict=strict)


def _faults(sent: Mapping[str, object], kind: type[Body], *, strict: bool) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in sent:
        if name not in fields:
            known = ", ".join(fields)
            yield Fault(place=str(name)[:80], value=None, remedy=f"no such field; known: {known}")
    for name, field in fields.items():
        if name not in sent:
            if field.required:
                yield Fault(place=name, value=None, remedy=f"is missing; {_expected(field.type)}")
            continue
        try:
            msgspec.convert(sent[name], field.type, strict=strict)
        except msgspec.ValidationError as error:
            yield Fault(place=name, value=sent[name], remedy=_remedy(field.type, str(error)))


def _expected(kind: object) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"write one of {', '.join(str(member.value) for member in kind)}"
    return "write a value"


def _remedy(kind: object, message: str) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _expected(kind)
    return message[:1].lower() + message[1:].replace("`", "")
