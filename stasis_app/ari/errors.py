"""The ways in which a request to Asterisk can fail, split by who has to act."""

from __future__ import annotations

__all__ = [
    "AriError",
    "AriRefused",
    "AriTimeout",
    "AriUnauthorised",
    "AriUnavailable",
    "AsteriskTooOld",
    "Conflict",
    "NotFound",
    "RefusedOnWebSocket",
    "ServerError",
    "UnreadableReply",
    "Unprocessable",
    "refusal",
]


class AriError(Exception):
    """Anything that this client raises on account of Asterisk or of the way to it."""


class AriRefused(AriError):
    """Asterisk answered, and said no.

    `status` is the HTTP status, `message` Asterisk's own words, `operation` the name of the
    operation, such as `channels.dial`.
    """

    def __init__(self, status: int, message: str, operation: str) -> None:
        super().__init__(f"{operation}: Asterisk answered {status}: {message}")
        self.status = status
        self.message = message
        self.operation = operation


class NotFound(AriRefused):
    """404: the object does not exist (any more)."""


class Conflict(AriRefused):
    """409: the id is taken, or the object exists but is not in the right state."""


class Unprocessable(AriRefused):
    """400, 412 and 422: the request does not fit the object.

    Adding an unknown channel to a bridge answers 400, and one outside Stasis 422; an operation on
    a leg that is not up yet answers 412.
    """


class ServerError(AriRefused):
    """500 and above. For `channels.create` and `channels.originate`: the endpoint has no contact."""


class AriUnauthorised(AriRefused):
    """401 or 403: the credentials, their rights or the address were refused."""

    def __init__(self, status: int, message: str, operation: str, user: str) -> None:
        super().__init__(status, message, operation)
        self.args = (f"{operation}: Asterisk answered {status} ({message}); {_remedy(status, user)}",)


class AriUnavailable(AriError):
    """There is no connection to Asterisk, or it broke.

    `sent` tells whether the request may have reached Asterisk: if so, it may have taken effect.
    """

    def __init__(self, reason: str, *, sent: bool = False) -> None:
        super().__init__(reason)
        self.sent = sent


class AriTimeout(AriError):
    """No answer within the time limit, in seconds; the request may still take effect."""

    def __init__(self, operation: str, limit_s: float) -> None:
        super().__init__(f"{operation}: no answer from Asterisk within {limit_s:g} s")
        self.operation = operation
        self.limit_s = limit_s


class AsteriskTooOld(AriError):
    """The Asterisk at the other end is older than this client can rely on."""

    def __init__(self, found: str, floor: str) -> None:
        remedy = "upgrade it, or set the URL of a newer one"
        super().__init__(f"this Asterisk is {found or 'of an unknown version'}; at least {floor} is needed: {remedy}")
        self.found = found
        self.floor = floor


class RefusedOnWebSocket(AriError):
    """An operation whose answer has no bound was asked for over a WebSocket.

    Asterisk builds the reply frame on a thread's stack: a long list ends the whole process.
    """

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"{operation} may answer with more than Asterisk can send over a WebSocket: ask for it over HTTP"
        )
        self.operation = operation


class UnreadableReply(AriError):
    """Asterisk carried the request out, and its answer does not fit the expected type."""

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(f"{operation}: the answer cannot be read: {reason}")
        self.operation = operation


_BY_STATUS: dict[int, type[AriRefused]] = {
    400: Unprocessable,
    404: NotFound,
    409: Conflict,
    412: Unprocessable,
    422: Unprocessable,
}


def refusal(status: int, message: str, operation: str, *, user: str) -> AriRefused:
    """The exception that stands for an HTTP status of 400 or more."""
    if status in (401, 403):
        return AriUnauthorised(status, message, operation, user)
    if status >= 500:
        return ServerError(status, message, operation)
    return _BY_STATUS.get(status, AriRefused)(status, message, operation)


def _remedy(status: int, user: str) -> str:
    if status == 401:
        return f"check the password of [{user}] in ari.conf against the configured one"
    return f"[{user}] in ari.conf needs read_only=no, and its permit/deny/acl must let us in"
