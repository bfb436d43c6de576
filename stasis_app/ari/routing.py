"""Works out which channels and bridges an event is about, from the types of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from stasis_app.ari.generated_events import MESSAGES
from stasis_app.ari.generated_models import Bridge, Channel, LiveRecording, Playback
from stasis_app.ari.reception import Received

__all__ = ["bridge_ids", "channel_ids"]

Path = tuple[str, ...]
_TARGETED: Final = (Playback, LiveRecording)  # these name their channel or bridge in a URI
_TARGET: Final = "target_uri"


def channel_ids(event: Received) -> tuple[str, ...]:
    """The ids of all channels that the event speaks of, each once."""
    return _ids(event, Channel, "channel:")


def bridge_ids(event: Received) -> tuple[str, ...]:
    """The ids of all bridges that the event speaks of, each once."""
    return _ids(event, Bridge, "bridge:")


def _ids(event: Received, wanted: type, scheme: str) -> tuple[str, ...]:
    paths = _paths(wanted, type(event))
    if paths is None:
        return _ids_of_unknown(event, scheme)
    if not paths:
        return ()
    ids: dict[str, None] = {}
    for path in paths:
        identity = _follow(path, event)
        if path[-1] == _TARGET:
            identity = identity.removeprefix(scheme) if identity and identity.startswith(scheme) else None
        if identity:
            ids[identity] = None
    return tuple(ids)


def _follow(path: Path, event: Received) -> str | None:
    value: Any = event
    for name in path:
        value = getattr(value, name)
        if value is None:
            return None
    return cast("str", value)


def _ids_of_unknown(event: Received, scheme: str) -> tuple[str, ...]:
    raw = getattr(event, "raw", None)
    about = raw.get(scheme.rstrip(":")) if isinstance(raw, dict) else None
    identity = about.get("id") if isinstance(about, dict) else None
    return (identity,) if isinstance(identity, str) else ()


def _paths_to(wanted: type, within: type) -> Iterator[Path]:
    """The ways through nested structs that end at the id of a `wanted`."""
    for name, hint in get_type_hints(within).items():
        for kind in _alternatives(hint):
            if kind is wanted:
                yield (name, "id")
            elif kind in _TARGETED:
                yield (name, _TARGET)
            elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                for path in _paths_to(wanted, kind):
                    yield (name, *path)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


@cache
def _paths(wanted: type, message: type) -> tuple[Path, ...] | None:
    """Worked out at the first event of a type: for all of them it would be a tenth of the time of a start."""
    return tuple(_paths_to(wanted, message)) if message in _KNOWN else None


_KNOWN: Final = frozenset(MESSAGES)
