"""The secrets of the phones that we push to Asterisk: made when first needed, kept while the agent is configured."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from stasis_app.database.connection import Desk, insert_or_ignore
from stasis_app.database.tables import PhoneSecretRow, table_of

SECRETS = table_of(PhoneSecretRow)


class PhoneSecrets:
    """One secret per agent, the same for every process. Applying a configuration without the agent drops it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def phone_secret(self, agent: str) -> str:
        """The secret of this agent's phone. Never log it."""
        return (await self.phone_secrets([agent]))[agent]

    async def phone_secrets(self, agents: Collection[str]) -> Mapping[str, str]:
        """The secrets of these agents' phones, made where there is none yet. Never log them."""
        wanted = set(agents)
        kept = await self._desk.read(_kept)
        if not wanted <= kept.keys():
            kept = await self._desk.write(lambda connection: _made(connection, wanted - kept.keys()))
        return {agent: kept[agent] for agent in agents}


def _kept(connection: Connection) -> dict[str, str]:
    return {row.agent: row.secret for row in connection.execute(select(SECRETS.c.agent, SECRETS.c.secret))}


def _made(connection: Connection, agents: Collection[str]) -> dict[str, str]:
    fresh = [{"agent": agent, "secret": secrets.token_urlsafe(24)} for agent in sorted(agents)]
    # Another process may have made one in the same moment: the first stands, and both read it back.
    connection.execute(insert_or_ignore(connection, SECRETS), fresh)
    return _kept(connection)
