"""Reads Asterisk's JSON: quickly when it is as documented, leniently when a node is lax."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

__all__ = ["Undecodable", "decode_leniently", "decode_plainly"]

T = TypeVar("T")

# Beside its own errors, msgspec lets bad UTF-8 and nesting without end through as they are.
_FAULTS = (msgspec.MsgspecError, ValueError, RecursionError)


class Undecodable(Exception):
    """Nothing sensible can be made of a text."""


def decode_leniently(payload: bytes | str, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode, forgiving null for an absent field, a number in quotation marks and bad UTF-8.

    The exact reading is tried first; the forgiving one costs more and is rare. Raises Undecodable.
    """
    try:
        return decoder.decode(payload)
    except _FAULTS:
        plain = decode_plainly(payload)
    try:
        return msgspec.convert(_without_nulls(plain), type=decoder.type, strict=False)
    except _FAULTS as reason:
        raise Undecodable(str(reason)) from reason


def decode_plainly(payload: bytes | str) -> Any:
    """Decode into dicts and lists; what is no UTF-8 becomes U+FFFD. Raises Undecodable."""
    text = payload if isinstance(payload, str) else payload.decode(errors="replace")
    try:
        return msgspec.json.decode(text)
    except _FAULTS as reason:
        raise Undecodable(str(reason)) from reason


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value
