"""The configuration in SQL: each version whole and for ever, so that every process loads exactly the announced one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from acd.configuration import Configuration, checked
from acd.errors import AcdError
from stasis_app.database.configuration_rows import configuration_of, rows_of
from stasis_app.database.connection import Desk, lock_for_writing
from stasis_app.database.tables import ConfigurationVersionRow, PhoneSecretRow, Row, table_of

VERSIONS = table_of(ConfigurationVersionRow)


class VersionUnknown(AcdError):
    """This configuration version was never applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedVersion:
    """Who applied a version, when (milliseconds since 1970), and with what words."""

    number: int
    applied_at: int
    author: str
    note: str


class ConfigurationTables:
    """Numbered versions of the configuration."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def apply(self, configuration: Configuration, author: str, *, at: int, note: str = "") -> int:
        """Keep this configuration as the newest version and return its number; ``at`` is the store's milliseconds.

        If it says the same as the newest version, nothing is written and that version's number is returned. The
        configuration's own ``version`` is not looked at. Agents who are gone lose their phone secrets.
        Raises InvalidConfiguration with every fault, and then nothing has changed.
        """
        checked(configuration)
        about = {"applied_at_ms": at, "author": author, "note": note}
        return await self._desk.write(lambda connection: _apply(connection, configuration, about))

    async def load(self, version: int | None = None) -> Configuration:
        """Exactly this version, or the newest; an empty configuration, version 0, if none was ever applied.

        Raises VersionUnknown for a number that was never applied.
        """
        return await self._desk.read(lambda connection: _load(connection, version))

    async def versions(self, limit: int = 100) -> Sequence[AppliedVersion]:
        """The newest versions, newest first."""
        query = select(VERSIONS).order_by(VERSIONS.c.number.desc()).limit(limit)
        rows = await self._desk.read(lambda connection: connection.execute(query).all())
        return [
            AppliedVersion(number=row.number, applied_at=row.applied_at_ms, author=row.author, note=row.note)
            for row in rows
        ]


# --- writing ---------------------------------------------------------------------------------------------------------


def _apply(connection: Connection, configuration: Configuration, about: Mapping[str, Any]) -> int:
    lock_for_writing(connection)
    newest = _newest(connection)
    if newest and _load(connection, newest) == replace(configuration, version=newest):
        return newest
    number = newest + 1
    connection.execute(insert(VERSIONS).values(number=number, line=configuration.line.value, **about))
    for row, values in rows_of(configuration):
        if values:
            connection.execute(insert(table_of(row)), [{"version": number} | value for value in values])
    _drop_secrets_of_strangers(connection, configuration)
    return number


def _drop_secrets_of_strangers(connection: Connection, configuration: Configuration) -> None:
    secrets = table_of(PhoneSecretRow)
    kept = set(connection.execute(select(secrets.c.agent)).scalars())
    gone = [{"gone": agent} for agent in sorted(kept - set(configuration.agents))]
    if gone:
        connection.execute(delete(secrets).where(secrets.c.agent == bindparam("gone")), gone)


# --- reading ---------------------------------------------------------------------------------------------------------


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(VERSIONS.c.number))).scalar() or 0


def _load(connection: Connection, version: int | None) -> Configuration:
    number = _newest(connection) if version is None else version
    if number == 0:
        return Configuration()
    header = connection.execute(select(VERSIONS).where(VERSIONS.c.number == number)).first()
    if header is None:
        raise VersionUnknown(f"configuration version {number} was never applied; the newest is {_newest(connection)}")
    return configuration_of(header, lambda row, *order: _rows(connection, number, row, *order))


def _rows(connection: Connection, version: int, row: type[Row], *order: str) -> Sequence[Any]:
    table = table_of(row)
    query = select(table).where(table.c.version == version).order_by(*(table.c[name] for name in order))
    return connection.execute(query).all()
