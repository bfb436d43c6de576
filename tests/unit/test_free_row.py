"""The row of free agents: in order of keys, without those who were taken, and no longer looked at than is worth it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from acd.matcher import free_row
from acd.matcher.free_row import FreeRow
from acd.strategies.longest_idle import LongestIdle


@dataclass
class Person:
    id: str
    free: bool = True
    spell: int = 1


class Row:
    """A row of people with their keys."""

    def __init__(self, keys: str) -> None:
        self.row: FreeRow[Person] = FreeRow(LongestIdle())
        self.people: dict[str, Person] = {}
        for key, one in enumerate(keys.split()):
            self.put(one, key)

    def put(self, one: str, key: int) -> None:
        person = self.people.setdefault(one, Person(one))
        self.row.put_in((key, one, person.spell, person))

    def take(self, names: str) -> None:
        for one in names.split():
            self.people[one].free = False

    def free(self, one: str, key: int) -> None:
        person = self.people[one]
        person.free, person.spell = True, person.spell + 1
        self.put(one, key)

    def first(self, wanted: int = 9, most: int = 9, *, among: str | None = None, barred: str | None = None) -> str:
        ids = None if among is None else among.split()
        found = self.row.first(wanted, most, ids, None if barred is None else barred.split())
        return " ".join([one.id for one in found])


@pytest.mark.parametrize(
    ("most", "among", "barred", "found"),
    [
        (9, None, None, "a b c d e"),
        (2, None, None, "a b"),
        (1, None, "", "a"),
        (9, "e c", None, "c e"),
        (9, "", None, ""),
        (9, None, "a d", "b c e"),
        (2, None, "a", "b c"),
        (9, "a b c", "a c nobody", "b"),
        (1, "b d", "b", "d"),
    ],
)
def test_the_first_are_those_with_the_smallest_keys_among_some_and_without_the_barred(
    most: int, among: str | None, barred: str | None, found: str
) -> None:
    assert Row("a b c d e").first(most, most, among=among, barred=barred) == found


def test_whoever_comes_takes_the_place_of_the_key_and_equal_keys_go_by_id() -> None:
    row = Row("")
    for one, key in (("m", 5), ("z", 9), ("a", 7), ("first", 1), ("b", 5)):
        row.put(one, key)

    assert row.first() == "first b m a z"


@pytest.mark.parametrize(
    ("taken", "found"), [("a", "b c d e"), ("a b", "c d e"), ("c", "a b d e"), ("a b c d", "e"), ("a b c d e", "")]
)
def test_those_who_were_taken_are_passed_over_however_often_one_looks(taken: str, found: str) -> None:
    row = Row("a b c d e")
    row.take(taken)

    assert [row.first() for _ in range(4)] == [found] * 4


def test_those_taken_one_by_one_from_the_front_leave_everybody_else_to_be_found() -> None:
    row = Row("a b c d e f")
    served = []
    while one := row.first(1, 1):
        served.append(one)
        row.take(one)

    assert served == ["a", "b", "c", "d", "e", "f"]


def test_whoever_comes_back_stands_where_the_new_key_says_and_only_there() -> None:
    row = Row("a b c")
    row.take("a")
    assert row.first() == "b c"
    row.free("a", 8)

    assert row.first() == "b c a"


@pytest.mark.parametrize("taken", ["a", "a b", "a b c"])
def test_a_newcomer_who_goes_before_those_who_were_taken_is_found(taken: str) -> None:
    row = Row("a b c d")
    row.take(taken)
    left = row.first()
    row.put("new", -1)

    assert row.first() == f"new {left}"


@pytest.mark.parametrize(
    ("wanted", "most", "among", "found"),
    [
        (1, 9, "a b c d e f g", "a b c d"),
        (2, 9, "a b c d e f g", "a b c d e"),
        (2, 4, "a b c d e f g", "a b c d"),
        (1, 9, "a e", "a"),
        (1, 9, "a d e", "a d"),
        (1, 9, "c g", "c"),
        (1, 9, "c f g", "c f"),
        (2, 9, "a g", "a g"),
        (1, 9, "g", "g"),
    ],
)
def test_for_spares_only_a_few_more_are_looked_at_and_for_those_wanted_all(
    wanted: int, most: int, among: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_row, "_LOOK_AHEAD_FOR_SPARES", 3)

    assert Row("a b c d e f g").first(wanted, most, among=among) == found


def test_looking_past_those_who_were_taken_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_row, "_LOOK_AHEAD_FOR_SPARES", 1)
    row = Row("a b c d e")
    row.take("b c")

    assert row.first(1) == "a d"


@pytest.mark.parametrize("back", ["", "b", "c a"])
def test_sweeping_out_those_who_were_taken_changes_nothing_for_the_others(
    back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_row, "_LEAST_TO_SWEEP", 1)
    row = Row("a b c d")
    row.take("a b c d")
    for key, one in enumerate(back.split(), 10):
        row.free(one, key)

    for _ in range(3):
        assert row.first() == back
    row.put("new", 0)
    assert row.first() == f"new {back}".strip()


def test_a_row_in_which_everybody_was_taken_long_ago_is_swept_empty() -> None:
    row = Row(" ".join(f"a{number:03}" for number in range(200)))
    row.take(" ".join(row.people))
    assert row.first() == ""
    row.put("new", 0)

    assert row.first() == "new"


def test_who_comes_and_goes_all_day_does_not_fill_the_row() -> None:
    row = Row("a b c")
    for key in range(10, 500):
        row.take("a")
        row.free("a", key)
        assert row.first() == "b c a"
        assert len(row.row._entries) <= 2 * 3 + 32 + 1
