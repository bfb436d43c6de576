"""Faults that are found in many places, in the same words everywhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from acd.errors import Fault

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What breaks lines, headers or encodings when it gets into a text."""
LONGEST_TEXT = 200
MOST_NAMED = 30


def unknown(place: str, value: str, what: str, known: Iterable[str]) -> Fault:
    """Something is named that is not configured; the remedy lists what is, unless that would be a long list."""
    names = sorted(known)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    shown = ", ".join(names[:MOST_NAMED]) + more if names else "none is configured"
    return Fault(place=place, value=value, remedy=f"no such {what}; known: {shown}")


def faults_of_known(place: str, names: Iterable[str], what: str, known: Collection[str]) -> Iterator[Fault]:
    """A fault for each name that is not known."""
    for name in names:
        if name not in known:
            yield unknown(place, name, what, known)


def faults_of_texts(place: str, texts: Mapping[str, str]) -> Iterator[Fault]:
    """A fault for each text that is too long or has more than one line, by its key."""
    for key, text in texts.items():
        if len(text) > LONGEST_TEXT or CONTROL.search(text):
            yield Fault(
                place=f"{place}.{key}",
                value=text,
                remedy=f"write one line of at most {LONGEST_TEXT} characters, none of them a control character",
            )


def faults_of_range(place: str, value: float, low: float, high: float) -> Iterator[Fault]:
    """A fault if the number is outside, or no number at all."""
    if not low <= value <= high:
        yield Fault(place=place, value=value, remedy=f"write {low} to {high}")
