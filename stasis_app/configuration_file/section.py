"""Taking a document apart: every value with its place, every wrong kind of value and unknown key a fault of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Self, TypeVar

from acd.errors import Fault, InvalidRequirement
from acd.skills import ANYBODY, Requirement, requirement

Word = TypeVar("Word", bound=StrEnum)

ABSENT = object()


@dataclass(slots=True)
class Section:
    """A value of the document with its place: taken apart by key, and what nobody asked for is a fault.

    ``…_at`` gives the value of a key, or the usual one where it is left out or of the wrong kind, which is a fault.
    """

    place: str
    value: Any
    faults: list[Fault]
    asked: list[str] = field(default_factory=list)

    def fault(self, key: str, value: object, remedy: str) -> None:
        place = ".".join(part for part in (self.place, key) if part)
        self.faults.append(Fault(place=place, value=value, remedy=remedy))

    def section(self, key: str) -> Self:
        """The table under this key; an empty one where there is none, a fault where it is something else."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.fault(key, value, "write a table: name = value pairs in braces, or in a section of their own")
            value = {}
        return type(self)(f"{self.place}.{key}" if self.place else key, value, self.faults)

    def values(self) -> Iterator[tuple[str, Self]]:
        """Every entry of this table, by its name."""
        for name, value in self.value.items():
            yield name, type(self)(f"{self.place}.{name}", value, self.faults)

    def text(self) -> str:
        """This value itself, as text."""
        if isinstance(self.value, str):
            return self.value
        self.fault("", self.value, "write a text in quotes")
        return ""

    def text_at(self, key: str, usual: str) -> str:
        value = self._take(key, usual)
        if isinstance(value, str):
            return value
        self.fault(key, value, "write a text in quotes")
        return usual

    def number_at(self, key: str, usual: Any) -> Any:
        value = self._take(key, usual)
        if value is usual or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        self.fault(key, value, "write a number")
        return usual

    def whole_at(self, key: str, usual: int) -> int:
        value = self._take(key, usual)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.fault(key, value, "write a whole number")
        return usual

    def perhaps_whole_at(self, key: str) -> int | None:
        """A whole number, or nothing at all."""
        value = self.whole_at(key, 0)
        return value if self.has(key) else None

    def flag_at(self, key: str, *, usual: bool) -> bool:
        value = self._take(key, usual)
        if isinstance(value, bool):
            return value
        self.fault(key, value, "write true or false")
        return usual

    def word_at(self, key: str, usual: Word) -> Word:
        """One of the words of an enumeration."""
        kind, value = type(usual), self._take(key, usual.value)
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        self.fault(key, value, f"write one of {', '.join(kind)}")
        return usual

    def requirement_at(self, key: str) -> Requirement:
        """An expression on skills, or a table of skills with least levels."""
        value = self._present(key)
        if isinstance(value, dict):
            return self._levels_at(key)
        self._take(key, None)
        if value is ABSENT:
            return ANYBODY
        try:
            return requirement(value) if isinstance(value, str) else self._no_requirement(key, value)
        except InvalidRequirement as fault:
            self.fault(key, value, str(fault))
            return ANYBODY

    def _no_requirement(self, key: str, value: object) -> Requirement:
        self.fault(key, value, 'write an expression, "german >= 50 and not trainee", or a table, { german = 50 }')
        return ANYBODY

    def _levels_at(self, key: str) -> Requirement:
        levels: dict[str, int] = {}
        for skill, level in self.wholes_at(key, "a level").items():
            try:
                levels |= {skill: level} if requirement({skill: level}) else {}
            except InvalidRequirement as fault:
                self.fault(f"{key}.{skill}", level, str(fault).partition(": ")[2] or str(fault))
        return requirement(levels)

    def tables_at(self, key: str) -> Iterator[Self]:
        """A list of tables, each with its place counted from 0."""
        value = self._take(key, [])
        if not isinstance(value, list):
            self.fault(key, value, f"write a list of tables: [[{self.place}.{key}]] before each")
            return
        for number, item in enumerate(value):
            yield type(self)(f"{self.place}.{key}[{number}]", item, self.faults)

    @property
    def is_table(self) -> bool:
        """Whether this value can be taken apart; ``refuse_the_rest`` makes a fault of it otherwise."""
        return isinstance(self.value, dict)

    def has(self, key: str) -> bool:
        """Whether the key is there, whatever its value."""
        return self._present(key) is not ABSENT

    def table_at(self, key: str) -> Mapping[str, Any]:
        table: Mapping[str, Any] = self.section(key).value
        return table

    def texts_at(self, key: str) -> tuple[str, ...]:
        value = self._take(key, [])
        if not isinstance(value, list):
            self.fault(key, value, 'write a list of texts: ["100", "101"]')
            return ()
        texts = tuple(item for item in value if isinstance(item, str))
        for item in value:
            if not isinstance(item, str):
                self.fault(key, item, "write a text in quotes")
        for item, count in Counter(texts).items():
            if count > 1:
                self.fault(key, item, "it stands here twice: write it once")
        return tuple(dict.fromkeys(texts))

    def wholes_at(self, key: str, what: str) -> Mapping[str, int]:
        wholes: dict[str, int] = {}
        table = self.section(key)
        for name, value in table.value.items():
            if isinstance(value, int) and not isinstance(value, bool):
                wholes[name] = value
            else:
                table.fault(name, value, f"{what} is a whole number")
        return wholes

    def ranks_at(self, key: str) -> Mapping[str, int]:
        """Queues with ranks, or a list of queues which all have rank 0."""
        value = self._present(key)
        if isinstance(value, dict):
            return self.wholes_at(key, "a rank")
        if value is ABSENT or isinstance(value, list):
            return dict.fromkeys(self.texts_at(key), 0)
        self._take(key, None)
        self.fault(key, value, 'write a list of queues, ["support"], or queues with ranks, { support = 0 }')
        return {}

    def refuse_the_rest(self) -> None:
        """Every key that nobody asked for is a fault, with the nearest one that is known."""
        if not isinstance(self.value, dict):
            self.fault("", self.value, "write a table: name = value pairs under this heading")
            return
        for key, value in self.value.items():
            if key not in self.asked:
                near = get_close_matches(key, self.asked, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(self.asked)}"
                self.fault(key, value, f"no such key; {hint}")

    def _present(self, key: str) -> Any:
        return self.value.get(key, ABSENT) if isinstance(self.value, dict) else ABSENT

    def _take(self, key: str, usual: Any) -> Any:
        self.asked.append(key)
        value = self._present(key)
        return usual if value is ABSENT else value
