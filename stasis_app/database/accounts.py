"""People who log in to the pages: names, roles, and passwords that are kept as Argon2id hashes only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, select, update

from acd.configuration import NAME
from acd.errors import Fault, InvalidConfiguration
from stasis_app.database.connection import Desk, insert_or_ignore
from stasis_app.database.tables import AccountRow, table_of

ACCOUNTS = table_of(AccountRow)

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
"""Nobody types more; hashing endless input would be a way to keep us busy."""


class Role(StrEnum):
    """What a person may do; each may do what the one before may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who may log in."""

    name: str
    role: Role
    agent: str | None = None
    """The agent that this person is, if any."""
    stamp: str = field(default="", compare=False)
    """Changes with the password, and tells nothing about it: a session that carries another stamp is over."""


class Accounts:
    """The people, their roles and passwords. There is no account, and so no password, that nobody made."""

    def __init__(self, desk: Desk, hashing: Desk, hasher: PasswordHasher | None = None) -> None:
        """Hash on a desk of its own: a hash is slow on purpose, and queries should not wait for it."""
        self._desk = desk
        self._hashing = hashing
        self._hasher = hasher or PasswordHasher()  # Argon2id with the parameters of RFC 9106, low memory

    async def create_user(self, name: str, password: str, role: Role, agent: str | None = None) -> User:
        """Add a person. Raises InvalidConfiguration with every fault: name, password, role, a name that is taken."""
        faults = [*_faults_of_name(name), *_faults_of_password(name, password), *_faults_of_role(name, role, agent)]
        if faults:
            raise InvalidConfiguration(faults)
        password_hash = await self._hashing.call(lambda: self._hasher.hash(password))
        user = User(name=name, role=role, agent=agent, stamp=_stamp_of(password_hash))
        values = {"name": name, "password_hash": password_hash, "role": role.value, "agent": agent}

        def add(connection: Connection) -> bool:
            return connection.execute(insert_or_ignore(connection, ACCOUNTS).values(values)).rowcount == 1

        if not await self._desk.write(add):
            raise InvalidConfiguration([Fault(place="users", value=name, remedy="there is such a user already")])
        return user

    async def check_password(self, name: str, password: str) -> User | None:
        """The person, if the password is right. Takes as long for a name that does not exist.

        A hash made with other parameters than today's is made anew.
        """
        query = select(ACCOUNTS).where(ACCOUNTS.c.name == name)
        row = await self._desk.read(lambda connection: connection.execute(query).first())
        kept = row.password_hash if row else None
        if not await self._hashing.call(lambda: self._matches(kept, password)) or row is None:
            return None
        if self._hasher.check_needs_rehash(row.password_hash):
            fresh = await self._hashing.call(lambda: self._hasher.hash(password))
            unchanged = (ACCOUNTS.c.name == name) & (ACCOUNTS.c.password_hash == row.password_hash)
            renewal = update(ACCOUNTS).where(unchanged).values(password_hash=fresh)
            if await self._desk.write(lambda connection: connection.execute(renewal).rowcount):
                return replace(_user_of(row), stamp=_stamp_of(fresh))
        return _user_of(row)

    async def set_password(self, name: str, password: str) -> None:
        """Give a person another password. Raises InvalidConfiguration for a bad password or an unknown name."""
        faults = list(_faults_of_password(name, password))
        if faults:
            raise InvalidConfiguration(faults)
        fresh = await self._hashing.call(lambda: self._hasher.hash(password))
        change = update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(password_hash=fresh)
        if not await self._desk.write(lambda connection: connection.execute(change).rowcount):
            raise InvalidConfiguration([_unknown(name)])

    async def remove_user(self, name: str) -> None:
        """Remove a person. Raises InvalidConfiguration for an unknown name."""
        removal = delete(ACCOUNTS).where(ACCOUNTS.c.name == name)
        if not await self._desk.write(lambda connection: connection.execute(removal).rowcount):
            raise InvalidConfiguration([_unknown(name)])

    async def user(self, name: str) -> User | None:
        """One person, without asking for a password."""
        query = select(ACCOUNTS).where(ACCOUNTS.c.name == name)
        row = await self._desk.read(lambda connection: connection.execute(query).first())
        return _user_of(row) if row else None

    async def users(self) -> Sequence[User]:
        """Everybody, by name."""
        query = select(ACCOUNTS).order_by(ACCOUNTS.c.name)
        rows = await self._desk.read(lambda connection: connection.execute(query).all())
        return [_user_of(row) for row in rows]

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password matches, to spend the same time on names that do not exist."""
        return self._hasher.hash(secrets.token_urlsafe())

    def _matches(self, password_hash: str | None, password: str) -> bool:
        # Made here for both cases: the first look-up after a start must not tell them apart either.
        nobody = self._nobody
        if len(password) > LONGEST_PASSWORD:
            return False
        try:
            return self._hasher.verify(password_hash or nobody, password)
        except (VerificationError, InvalidHashError):
            return False


def _user_of(row: Any) -> User:
    return User(name=row.name, role=Role(row.role), agent=row.agent, stamp=_stamp_of(row.password_hash))


def _stamp_of(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


def _unknown(name: str) -> Fault:
    return Fault(place="users", value=name, remedy="there is no such user")


def _faults_of_name(name: str) -> Iterator[Fault]:
    if not NAME.fullmatch(name):
        remedy = "a name is 1 to 63 of a-z, 0-9, - and _, and begins with a letter or digit"
        yield Fault(place="users", value=name, remedy=remedy)


def _faults_of_password(name: str, password: str) -> Iterator[Fault]:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        yield Fault(
            place=f"users.{name}.password",
            value=f"{len(password)} characters",
            remedy=f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
        )
    elif password.casefold() == name.casefold():
        yield Fault(place=f"users.{name}.password", value="the user's name", remedy="choose one that nobody guesses")


def _faults_of_role(name: str, role: Role, agent: str | None) -> Iterator[Fault]:
    if role is Role.AGENT and not agent:
        yield Fault(place=f"users.{name}.agent", value=agent, remedy="say which agent this person is")
