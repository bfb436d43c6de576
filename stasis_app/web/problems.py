"""Every answer that is not what was asked for: RFC 9457 problem details with one clear sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec
from aiohttp import web

from acd.errors import AcdError, Fault, InvalidConfiguration, StoreUnavailable
from stasis_app.agent_desk import AgentUnknown, BreakReasonInvalid, DeskUnavailable, NotInWrapUp

CONTENT_TYPE = "application/problem+json"
HIDDEN = ("password", "secret", "credential")


class FaultView(msgspec.Struct, frozen=True):
    """One thing wrong in what was sent."""

    place: str
    value: str
    remedy: str


class ProblemView(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error."""

    type: str
    """``urn:stasis-acd:problem:NAME``: the part for machines."""
    title: str
    status: int
    detail: str
    """One sentence for people."""
    faults: tuple[FaultView, ...] = ()
    """Everything wrong with what was sent, all at once."""
    nearest: tuple[str, ...] = ()
    """Names that may have been meant."""


class Problem(Exception):
    """Raised anywhere in a route; the outermost layer turns it into the answer."""

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        nearest: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = detail
        self.faults = tuple(faults)
        self.nearest = tuple(nearest)
        self.headers = dict(headers or {})

    def view(self) -> ProblemView:
        """The body to send."""
        return ProblemView(
            type=f"urn:stasis-acd:problem:{self.name}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            faults=tuple(_fault(fault) for fault in self.faults),
            nearest=self.nearest,
        )

    def response(self) -> web.Response:
        """The answer to send."""
        return web.Response(
            status=self.status,
            body=msgspec.json.encode(self.view()),
            content_type=CONTENT_TYPE,
            headers=self.headers,
        )


def problem_of(error: AcdError) -> Problem:
    """The problem that tells of an error of ours."""
    match error:
        case AgentUnknown():
            return Problem(404, "agent-unknown", str(error), nearest=error.nearest)
        case BreakReasonInvalid():
            remedy = "write 1 to 40 characters without line breaks"
            return Problem(
                422,
                "body-invalid",
                str(error),
                faults=[Fault(place="reason", value=error.reason, remedy=remedy)],
            )
        case NotInWrapUp():
            return Problem(409, "not-in-wrap-up", str(error))
        case DeskUnavailable():
            return Problem(409, "conflict", str(error))
        case InvalidConfiguration():
            many = len(error.faults)
            return Problem(
                422,
                "configuration-invalid",
                f"the configuration has {many} fault{'' if many == 1 else 's'}; nothing of it was applied",
                faults=error.faults,
            )
        case StoreUnavailable():
            return Problem(
                503,
                "store-unavailable",
                "the store of live state does not answer or is being rebuilt: try again in a few seconds",
                headers={"Retry-After": "2"},
            )
        case _:
            return Problem(500, "internal", "something failed on our side; the log has it")


def _fault(fault: Fault) -> FaultView:
    hidden = any(word in fault.place.lower() for word in HIDDEN)
    value = "***" if hidden else repr(fault.value)
    return FaultView(place=fault.place, value=value[:200], remedy=fault.remedy)
