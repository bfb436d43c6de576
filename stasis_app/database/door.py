"""Opening and closing the database: after ``open`` the schema is right and every part of it can be used."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from stasis_app.database.accounts import Accounts
from stasis_app.database.configuration_tables import ConfigurationTables
from stasis_app.database.connection import Desk, engine_for, refusal_of, settle
from stasis_app.database.history import History
from stasis_app.database.phone_secrets import PhoneSecrets
from stasis_app.database.schema import upgrade

DEFAULT_URL = "sqlite:///acd.sqlite3"


class Database:
    """An open database. Configuration, passwords, reports and history's writing have a thread each: none waits."""

    def __init__(self, engine: Engine, hasher: PasswordHasher | None = None) -> None:
        """Use ``Database.open``."""
        self._engine = engine
        self._desk = Desk("acd-sql", engine)
        self._hashing = Desk("acd-passwords", engine)
        self._reports = Desk("acd-reports", engine)
        self.history_desk = Desk("acd-history", engine)
        self.configuration = ConfigurationTables(self._desk)
        self.accounts = Accounts(self._desk, self._hashing, hasher)
        self.phones = PhoneSecrets(self._desk)
        self.history = History(self._reports)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str = DEFAULT_URL, *, hasher: PasswordHasher | None = None) -> AsyncIterator[Database]:
        """Open, bring the schema to this release's, and close at the end.

        ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``. Raises DatabaseRefused, with one sentence, if the URL
        is wrong, the folder missing, the file not ours to write, the server away, or the schema newer than we are.
        """
        engine = engine_for(url)
        database = cls(engine, hasher)
        try:
            try:
                await database._desk.call(lambda: settle(engine))
                await database._desk.write(upgrade)
            except (DBAPIError, sqlite3.Error) as fault:
                raise refusal_of(fault, engine.url) from fault
            yield database
        finally:
            for desk in (database.history_desk, database._reports, database._hashing, database._desk):
                await desk.close()
            engine.dispose()
