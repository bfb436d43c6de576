"""The value that stands for one REST operation, and what a resource of operations needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Generic, Literal, Protocol, TypeVar, cast
from urllib.parse import quote

import msgspec

from stasis_app.ari.decoding import Undecodable, decode_leniently
from stasis_app.ari.errors import UnreadableReply

__all__ = ["Operation", "Request", "Resource", "Sender"]

Answer = TypeVar("Answer")

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]+").fullmatch


class Operation(Generic[Answer]):
    """One method of Asterisk's REST interface.

    `name` is `resource.nickname`, `template` the path without a leading slash. `answer` is the
    type of the answer: None for nothing, bytes for a file. An operation with `http_only` may answer
    without bound, which Asterisk survives over HTTP alone. `body` says how a body parameter is
    sent: as a key beside the others, or as the whole body.
    """

    def __init__(
        self,
        name: str,
        method: Literal["GET", "POST", "PUT", "DELETE"],
        template: str,
        answer: type[Answer],
        *,
        http_only: bool = False,
        body: Literal["keys", "whole"] = "keys",
    ) -> None:
        self.name: Final = name
        self.method: Final = method
        self.template: Final = template
        self.http_only: Final = http_only
        self.body: Final = body
        self.repeatable: Final = method in ("GET", "DELETE")
        self._answer: Final = answer
        self._decoder: Final = None if answer in (type(None), bytes) else msgspec.json.Decoder(answer)

    def read(self, payload: bytes | str) -> Answer:
        """Turn the body of a positive answer into its type. Raises UnreadableReply."""
        if self._decoder is None:
            return cast("Answer", payload if self._answer is bytes else None)
        try:
            return decode_leniently(payload, self._decoder)
        except Undecodable as reason:
            raise UnreadableReply(self.name, str(reason)) from reason

    def request(self, path: tuple[str, ...], parameters: Mapping[str, Any]) -> Request:
        """Fill in the path and the parameters; those that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        uri = self.template.format(*map(_quoted, path)) if path else self.template
        if self.method in ("GET", "DELETE"):
            return Request(uri, query=given, body=None)
        if self.body == "whole":
            return Request(uri, query={}, body=next(iter(given.values()), None))
        return Request(uri, query={}, body=given or None)


class Request(msgspec.Struct, frozen=True):
    """An operation with its path filled in.

    Parameters travel as JSON wherever there is a body, so that numbers stay numbers: Asterisk
    reads a number in quotation marks as 0.
    """

    uri: str
    query: Mapping[str, Any]
    body: Any

    def query_pairs(self) -> list[tuple[str, str]]:
        """The query as text: true and false in words, lists joined by commas."""
        return [(name, _as_text(value)) for name, value in self.query.items()]


class Sender(Protocol):
    """Whoever can carry an operation out."""

    async def send(
        self, operation: Operation[Answer], path: tuple[str, ...], parameters: Mapping[str, Any], /
    ) -> Answer:
        """Raises AriError."""


class Resource:
    """A group of operations that go by one sender."""

    def __init__(self, sender: Sender) -> None:
        self._send: Final = sender.send


def _quoted(part: str) -> str:
    """One part of a path; ids as ours need no quoting, and quoting costs more than seeing that."""
    return part if _PLAIN(part) else quote(part, safe="")


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(_as_text, value))
    return str(value)
