"""Chance without a die: a number that looks random, and is the same wherever and whenever it is asked for."""

from __future__ import annotations

from hashlib import blake2b

from acd.call import Call

_WAYS = 1 << 64


def chance(call: Call, agent: str) -> float:
    """Evenly spread over the open interval from 0 to 1, independent between agents, calls, and rounds of a call.

    A replay of the day draws what the day drew, since nothing but the ids and the number of the round goes in.
    """
    drawn = f"{call.id}\n{call.rounds}\n{agent}".encode("utf-8", "backslashreplace")
    return (int.from_bytes(blake2b(drawn, digest_size=8).digest(), "big") + 0.5) / _WAYS
