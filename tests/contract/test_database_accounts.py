"""People and passwords: hashed with Argon2id, never guessed from timing, never there by default."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError

from acd.errors import InvalidConfiguration
from stasis_app.database import Database, Role, User

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
DEARER = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)

PASSWORD = "correct horse battery"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'acd.sqlite3'}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database.open(url, hasher=CHEAP) as database:
        yield database


def kept_hash(url: str, name: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT password_hash FROM account WHERE name = :name"), {"name": name})
        found: str = kept.scalar_one()
    engine.dispose()
    return found


async def test_nobody_is_there_before_somebody_was_made(database: Database) -> None:
    assert await database.accounts.users() == []
    assert await database.accounts.check_password("admin", "admin") is None


async def test_the_right_password_and_no_other_lets_a_person_in(database: Database) -> None:
    ann = await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
    bob = await database.accounts.create_user("bob", PASSWORD, Role.AGENT, "bob-1")

    assert ann == User(name="ann", role=Role.ADMIN)
    assert await database.accounts.check_password("ann", PASSWORD) == ann
    assert await database.accounts.check_password("bob", PASSWORD) == bob
    assert await database.accounts.check_password("ann", PASSWORD + " ") is None
    assert await database.accounts.check_password("ann", "") is None
    assert await database.accounts.check_password("nobody", PASSWORD) is None
    assert await database.accounts.check_password("ann", PASSWORD * 1000) is None
    assert await database.accounts.users() == [ann, bob]
    assert await database.accounts.user("bob") == bob
    assert await database.accounts.user("nobody") is None


async def test_a_password_is_kept_as_a_salted_argon2id_hash(url: str) -> None:
    async with Database.open(url) as database:
        await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
        await database.accounts.create_user("eve", PASSWORD, Role.ADMIN)

    assert kept_hash(url, "ann").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert kept_hash(url, "ann") != kept_hash(url, "eve")


async def test_a_name_that_does_not_exist_costs_a_hash_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  # argon2's own name
            verified.append(str(hash))
            return super().verify(hash, password)

    counting = Counting(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(database.accounts, "_hasher", counting)
    await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
    for name in ("ann", "nobody"):
        assert await database.accounts.check_password(name, "wrong password") is None

    assert len(verified) == 2
    assert verified[0].split("$")[:4] == verified[1].split("$")[:4]  # the same parameters, so the same time


async def test_every_fault_of_a_new_person_is_told_and_no_password_shown(database: Database) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        await database.accounts.create_user("Ann!", "shortpass", Role.AGENT)

    assert [fault.place for fault in caught.value.faults] == ["users", "users.Ann!.password", "users.Ann!.agent"]
    assert "shortpass" not in str(caught.value)
    assert await database.accounts.users() == []


@pytest.mark.parametrize("password", ["", "nine char", "x" * 1001, "annabella-1"])
async def test_a_password_that_is_too_short_endless_or_the_name_is_refused(database: Database, password: str) -> None:
    await database.accounts.create_user("annabella-1", PASSWORD, Role.ADMIN)
    with pytest.raises(InvalidConfiguration):
        await database.accounts.set_password("annabella-1", password)

    assert await database.accounts.check_password("annabella-1", PASSWORD) is not None


async def test_a_name_is_given_once_even_to_two_who_ask_at_the_same_time(database: Database) -> None:
    async def create(password: str) -> str:
        try:
            await database.accounts.create_user("ann", password, Role.ADMIN)
        except InvalidConfiguration as fault:
            return str(fault)
        return ""

    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(create(password)) for password in ("first password", "second password")]
    told = [task.result() for task in asked]
    users = [await database.accounts.check_password("ann", each) for each in ("first password", "second password")]

    assert sorted(told) == ["", "users = 'ann': there is such a user already"]
    assert [user is not None for user in users] == [not fault for fault in told]


async def test_a_new_password_replaces_the_old_one(database: Database) -> None:
    await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
    await database.accounts.set_password("ann", "another one entirely")

    assert await database.accounts.check_password("ann", PASSWORD) is None
    assert await database.accounts.check_password("ann", "another one entirely") is not None


async def test_who_is_unknown_cannot_be_changed(database: Database) -> None:
    with pytest.raises(InvalidConfiguration, match="no such user"):
        await database.accounts.set_password("ann", PASSWORD)
    with pytest.raises(InvalidConfiguration, match="no such user"):
        await database.accounts.remove_user("ann")


async def test_who_was_removed_is_gone(database: Database) -> None:
    await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
    await database.accounts.remove_user("ann")

    assert await database.accounts.check_password("ann", PASSWORD) is None


async def test_the_stamp_changes_with_the_password_and_only_then(database: Database) -> None:
    made = await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
    seen = await database.accounts.user("ann")
    await database.accounts.set_password("ann", "another one entirely")
    changed = await database.accounts.check_password("ann", "another one entirely")

    assert seen is not None
    assert changed is not None
    assert made.stamp == seen.stamp != changed.stamp


async def test_no_fault_of_the_database_shows_what_was_written(database: Database) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    event.listen(database._engine, "do_execute", fail)
    with pytest.raises(DBAPIError) as caught:
        await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
    event.remove(database._engine, "do_execute", fail)

    assert "disk I/O error" in str(caught.value)
    assert "argon2" not in str(caught.value)


async def test_a_hash_of_older_parameters_is_renewed_when_the_person_comes(url: str) -> None:
    async with Database.open(url, hasher=CHEAP) as database:
        await database.accounts.create_user("ann", PASSWORD, Role.ADMIN)
    async with Database.open(url, hasher=DEARER) as database:
        assert await database.accounts.check_password("ann", "wrong password") is None
        assert "m=8,t=1" in kept_hash(url, "ann")
        assert await database.accounts.check_password("ann", PASSWORD) is not None
        assert "m=16,t=2" in kept_hash(url, "ann")
        assert await database.accounts.check_password("ann", PASSWORD) is not None
