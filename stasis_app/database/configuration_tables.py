"""The configuration in SQL: each version whole and for ever, so that every process loads exactly the announced one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Configuration, checked
from acd.errors import AcdError
from acd.queue import CoolOff, Queue
from stasis_app.database.connection import Desk, lock_for_writing
from stasis_app.database.tables import (
    AgentRow,
    AgentSkillRow,
    ConfigurationVersionRow,
    PhoneSecretRow,
    QueueAgentRow,
    QueueNumberRow,
    QueueRequirementRow,
    QueueRow,
    Row,
    SkillRow,
    table_of,
)

VERSIONS = table_of(ConfigurationVersionRow)

Rows = list[dict[str, Any]]


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
    connection.execute(insert(VERSIONS).values(number=number, **about))
    for row, values in _rows_of(configuration):
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


def _rows_of(configuration: Configuration) -> Iterator[tuple[type[Row], Rows]]:
    """Every table's rows, those first that others refer to."""
    queues, agents = configuration.queues.values(), configuration.agents.values()
    yield (
        SkillRow,
        [
            {"name": name, "position": position, "title": title}
            for position, (name, title) in enumerate(configuration.skills.items())
        ],
    )
    yield QueueRow, [_queue_row(position, queue) for position, queue in enumerate(queues)]
    yield (
        QueueNumberRow,
        [
            {"queue": queue.name, "number": number, "position": position}
            for queue in queues
            for position, number in enumerate(queue.numbers)
        ],
    )
    yield (
        QueueRequirementRow,
        [
            {"queue": queue.name, "skill": skill, "level": level}
            for queue in queues
            for skill, level in queue.requires.items()
        ],
    )
    yield AgentRow, [_agent_row(position, agent) for position, agent in enumerate(agents)]
    yield (
        AgentSkillRow,
        [
            {"agent": agent.id, "skill": skill, "level": level}
            for agent in agents
            for skill, level in agent.skills.items()
        ],
    )
    yield (
        QueueAgentRow,
        [{"agent": agent.id, "queue": queue, "rank": rank} for agent in agents for queue, rank in agent.queues.items()],
    )


def _queue_row(position: int, queue: Queue) -> dict[str, Any]:
    return {
        "position": position,
        "name": queue.name,
        "title": queue.title,
        "strategy": queue.strategy,
        "strategy_options": dict(queue.strategy_options),
        "priority": queue.priority,
        "ring_timeout_s": queue.ring_timeout_s,
        "offer_width": queue.offer_width,
        "wrap_up_s": queue.wrap_up_s,
        "max_wait_s": queue.max_wait_s,
        "service_level_s": queue.service_level_s,
        "music_class": queue.music_class,
        "cool_off_no_answer_s": queue.cool_off.no_answer_s,
        "cool_off_rejected_s": queue.cool_off.rejected_s,
        "cool_off_busy_s": queue.cool_off.busy_s,
        "cool_off_unreachable_s": queue.cool_off.unreachable_s,
    }


def _agent_row(position: int, agent: AgentProfile) -> dict[str, Any]:
    return {
        "position": position,
        "name": agent.id,
        "title": agent.name,
        "phone_kind": agent.phone.kind.value,
        "phone_target": agent.phone.target,
        "wrap_up_s": agent.wrap_up_s,
    }


# --- reading ---------------------------------------------------------------------------------------------------------


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(VERSIONS.c.number))).scalar() or 0


def _load(connection: Connection, version: int | None) -> Configuration:
    number = _newest(connection) if version is None else version
    if number == 0:
        return Configuration()
    if not connection.execute(select(VERSIONS.c.number).where(VERSIONS.c.number == number)).first():
        raise VersionUnknown(f"configuration version {number} was never applied; the newest is {_newest(connection)}")
    numbers = _grouped(_rows(connection, number, QueueNumberRow, "position"), "queue", "position", "number")
    requires = _grouped(_rows(connection, number, QueueRequirementRow, "skill"), "queue", "skill", "level")
    skills = _grouped(_rows(connection, number, AgentSkillRow, "skill"), "agent", "skill", "level")
    ranks = _grouped(_rows(connection, number, QueueAgentRow, "rank", "queue"), "agent", "queue", "rank")
    return Configuration(
        version=number,
        skills={row.name: row.title for row in _rows(connection, number, SkillRow, "position")},
        queues={
            row.name: _queue_of(row, tuple(numbers.get(row.name, {}).values()), requires.get(row.name, {}))
            for row in _rows(connection, number, QueueRow, "position")
        },
        agents={
            row.name: AgentProfile(
                id=row.name,
                name=row.title,
                phone=Phone(kind=PhoneKind(row.phone_kind), target=row.phone_target),
                skills=skills.get(row.name, {}),
                queues=ranks.get(row.name, {}),
                wrap_up_s=row.wrap_up_s,
            )
            for row in _rows(connection, number, AgentRow, "position")
        },
    )


def _rows(connection: Connection, version: int, row: type[Row], *order: str) -> Sequence[Any]:
    table = table_of(row)
    query = select(table).where(table.c.version == version).order_by(*(table.c[name] for name in order))
    return connection.execute(query).all()


def _grouped(rows: Sequence[Any], owner: str, key: str, value: str) -> dict[str, dict[Any, Any]]:
    groups: dict[str, dict[Any, Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, owner), {})[getattr(row, key)] = getattr(row, value)
    return groups


def _queue_of(row: Any, numbers: tuple[str, ...], requires: Mapping[str, int]) -> Queue:
    return Queue(
        name=row.name,
        title=row.title,
        numbers=numbers,
        strategy=row.strategy,
        strategy_options=row.strategy_options,
        requires=requires,
        priority=row.priority,
        ring_timeout_s=row.ring_timeout_s,
        offer_width=row.offer_width,
        wrap_up_s=row.wrap_up_s,
        max_wait_s=row.max_wait_s,
        service_level_s=row.service_level_s,
        music_class=row.music_class,
        cool_off=CoolOff(
            no_answer_s=row.cool_off_no_answer_s,
            rejected_s=row.cool_off_rejected_s,
            busy_s=row.cool_off_busy_s,
            unreachable_s=row.cool_off_unreachable_s,
        ),
    )
