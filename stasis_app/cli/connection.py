"""The command line's way to the control API: a unix socket or a URL, the local key, and one sentence when it fails."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 15.0
PREFIX = "/api/v1"


class CommandFailed(Exception):
    """A command could not do what it was asked to: one sentence, perhaps lines of detail, and the exit status."""

    def __init__(self, sentence: str, *, lines: tuple[str, ...] = (), status: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.lines = lines
        self.status = status


NO_SERVER = 3
"""Exit status when no ACD answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the ACD is asked, and what proves that we may."""

    socket: Path
    key_file: Path
    url: str = ""
    """Asked instead of the socket, if given: ``https://acd.example.org``."""

    @property
    def shown(self) -> str:
        """The place as people read it."""
        return self.url or str(self.socket)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the ACD said."""

    content: Any
    now: int
    """The store's milliseconds when it answered; 0 if it did not say."""
    status: int


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(str(self._path))


def ask(
    place: Place,
    method: str,
    path: str,
    *,
    body: Mapping[str, object] | None = None,
    text: bytes | None = None,
    query: Mapping[str, object] | None = None,
    accept: frozenset[int] = frozenset(),
) -> Answer:
    """One request; raises CommandFailed unless it went well or the status is among those accepted."""
    wanted = {name: value for name, value in (query or {}).items() if value is not None}
    target = PREFIX + path + (f"?{urlencode(wanted)}" if wanted else "")
    headers = {"Authorization": f"Bearer {_key(place)}", "Accept": "application/json"}
    data = text
    if text is not None:
        headers["Content-Type"] = "application/toml"
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    status, answer_headers, raw = _exchange(place, method, target, data, headers)
    content = _decoded(place, raw, status)
    if status >= 400 and status not in accept:
        raise _failure(content, status)
    return Answer(content=content, now=int(answer_headers.get("Acd-Time", "0")), status=status)


def _exchange(
    place: Place, method: str, target: str, data: bytes | None, headers: Mapping[str, str]
) -> tuple[int, Mapping[str, str], bytes]:
    connection = _connection(place)
    try:
        connection.request(method, target, body=data, headers=dict(headers))
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    except (FileNotFoundError, ConnectionRefusedError, socket.gaierror):
        raise _no_server(place) from None
    except PermissionError:
        raise CommandFailed(
            f"{place.shown} may not be used by this account: use the one that runs the ACD", status=NO_SERVER
        ) from None
    except TimeoutError:
        raise CommandFailed(
            f"the ACD at {place.shown} does not answer within {TIMEOUT_S:g} s: is its process stopped?",
            status=NO_SERVER,
        ) from None
    except (OSError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise CommandFailed(f"the ACD at {place.shown} cannot be asked: {reason}", status=NO_SERVER) from None
    finally:
        connection.close()


def _connection(place: Place) -> http.client.HTTPConnection:
    if not place.url:
        return _UnixConnection(place.socket)
    parts = urlsplit(place.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CommandFailed(f"--url {place.url!r} is no http:// or https:// address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=TIMEOUT_S)


def _key(place: Place) -> str:
    from_environment = os.environ.get("STASIS_ACD_KEY")
    if from_environment:
        return from_environment.strip()
    try:
        return place.key_file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if place.url:
            raise CommandFailed(
                f"there is no key at {place.key_file}: name its file by --key-file, or set STASIS_ACD_KEY"
            ) from None
        raise _no_server(place) from None
    except PermissionError:
        raise CommandFailed(
            f"the key {place.key_file} may not be read by this account: use the one that runs the ACD"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"the key {place.key_file} cannot be read: {error}") from None


def _no_server(place: Place) -> CommandFailed:
    where = "check the address" if place.url else "start one by `stasis-acd serve`, or name its folder by --data"
    return CommandFailed(f"no ACD answers at {place.shown}: {where}", status=NO_SERVER)


def _decoded(place: Place, raw: bytes, status: int) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        raise CommandFailed(f"what answers at {place.shown} is not an ACD (status {status}, and no JSON)") from None


def _failure(content: Any, status: int) -> CommandFailed:
    problem = content if isinstance(content, dict) else {}
    faults = problem.get("faults", [])
    if len(faults) == 1 and not str(problem.get("type", "")).endswith("configuration-invalid"):
        faults = []  # the sentence tells it already
    lines = tuple(f"{fault['place']} = {fault['value']}: {fault['remedy']}" for fault in faults)
    return CommandFailed(str(problem.get("detail", f"the ACD refused with status {status}")), lines=lines)
