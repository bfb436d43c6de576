"""Bringing a database to the schema that this code knows, whoever else is starting at the same moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from stasis_app.database.connection import DatabaseRefused, lock_for_writing, shown

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0003"
"""The newest of them, written down: a start that finds it has nothing to migrate, and no need to load Alembic."""


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, in the caller's one writing transaction: all of them, or none.

    Raises DatabaseRefused for a database that a newer release has upgraded.
    """
    lock_for_writing(connection)
    found = _revision(connection)
    if found == HEAD:
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseRefused(
            f"{shown(connection.engine.url)}: its schema is {found!r}, newer than this release's "
            f"{HEAD!r}; run the release that upgraded it, or restore a backup from before"
        )
    command.upgrade(_settings(connection), HEAD)


def _revision(connection: Connection) -> str | None:
    """Where Alembic's own table says that the database stands; None: nothing was ever done to it."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def downgrade(connection: Connection, revision: str) -> None:
    """Go back to an older schema (``base``: none), losing what it has no place for."""
    from alembic import command

    lock_for_writing(connection)
    command.downgrade(_settings(connection), revision)


def _settings(connection: Connection) -> Config:
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
