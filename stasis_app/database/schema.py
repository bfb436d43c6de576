"""Bringing a database to the schema that this code knows, whoever else is starting at the same moment."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from stasis_app.database.connection import DatabaseRefused, lock_for_writing, shown

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, in the caller's one writing transaction: all of them, or none.

    Raises DatabaseRefused for a database that a newer release has upgraded.
    """
    lock_for_writing(connection)
    scripts = ScriptDirectory(str(MIGRATIONS))
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseRefused(
            f"{shown(connection.engine.url)}: its schema is {found!r}, newer than this release's "
            f"{scripts.get_current_head()!r}; run the release that upgraded it, or restore a backup from before"
        )
    if found != scripts.get_current_head():
        command.upgrade(_settings(connection), "head")


def downgrade(connection: Connection, revision: str) -> None:
    """Go back to an older schema (``base``: none), losing what it has no place for."""
    lock_for_writing(connection)
    command.downgrade(_settings(connection), revision)


def _settings(connection: Connection) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
