"""Reads Asterisk's JSON: quickly when it is as documented, leniently when a node is lax."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

__all__ = ["decode_leniently"]

T = TypeVar("T")


def decode_leniently(payload: bytes | str, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode, forgiving null for an absent field and a number in quotation marks.

    The exact reading is tried first; the forgiving one costs more and is rare. Raises
    msgspec.MsgspecError when nothing sensible can be made of it.
    """
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError:
        plain = _without_nulls(msgspec.json.decode(payload))
        return msgspec.convert(plain, type=decoder.type, strict=False)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value
