"""The configuration's tables: each version whole."""

# No `from __future__ import annotations` here: SQLModel reads annotations at run time.
# SQLModel types __tablename__ wider than what anybody assigns:
# mypy: disable-error-code="mutable-override"

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint
from sqlmodel import Field

from stasis_app.database.tables.base import Row


def _of_version() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["version"], ["configuration_version.number"])


class ConfigurationVersionRow(Row, table=True):
    """One applied configuration."""

    __tablename__ = "configuration_version"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    applied_at_ms: int = Field(sa_type=BigInteger)
    author: str
    note: str = ""
    line: str


class SkillRow(Row, table=True):
    """A skill's name and what people read."""

    __tablename__ = "skill"
    __table_args__ = (_of_version(),)

    version: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    position: int
    title: str


class QueueRow(Row, table=True):
    """A queue, as acd.queue.Queue describes it."""

    __tablename__ = "queue"
    __table_args__ = (_of_version(),)

    version: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    position: int
    title: str
    strategy: str
    strategy_options: dict[str, Any] = Field(sa_type=JSON)
    idle_clock: str
    breaks_restart_idle_clock: bool
    requires: str
    prefers: str
    ranks: int | None
    wait_counts_from: str
    priority: float
    ring_timeout_s: float
    offer_width: int
    wrap_up_s: float
    max_wait_s: float
    service_level_s: float
    music_class: str
    cool_off_no_answer_s: float
    cool_off_rejected_s: float
    cool_off_busy_s: float
    cool_off_unreachable_s: float
    misses_until_break: int


class QueueNumberRow(Row, table=True):
    """A dialled number that leads to a queue."""

    __tablename__ = "queue_number"
    __table_args__ = (ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"]),)

    version: int = Field(primary_key=True)
    number: str = Field(primary_key=True)
    queue: str
    position: int


class QueueStepRow(Row, table=True):
    """How a queue's requirement relaxes, as acd.queue.Step describes it."""

    __tablename__ = "queue_step"
    __table_args__ = (ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"]),)

    version: int = Field(primary_key=True)
    queue: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    after_s: float | None
    metric: str | None
    crossed_at: float | None
    back_at: float | None
    lower: dict[str, int] = Field(sa_type=JSON)
    anyone: bool
    ranks: int | None
    queues: list[str] = Field(sa_type=JSON)
    agent_groups: list[str] = Field(sa_type=JSON)


class AgentRow(Row, table=True):
    """An agent, as acd.agent.AgentProfile describes one."""

    __tablename__ = "agent"
    __table_args__ = (_of_version(),)

    version: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    position: int
    title: str
    phone_kind: str
    phone_target: str
    wrap_up_s: float | None


class AgentSkillRow(Row, table=True):
    """What an agent can do, and how well."""

    __tablename__ = "agent_skill"
    __table_args__ = (
        ForeignKeyConstraint(["version", "agent"], ["agent.version", "agent.name"]),
        ForeignKeyConstraint(["version", "skill"], ["skill.version", "skill.name"]),
    )

    version: int = Field(primary_key=True)
    agent: str = Field(primary_key=True)
    skill: str = Field(primary_key=True)
    level: int


class QueueAgentRow(Row, table=True):
    """An agent who takes a queue's calls."""

    __tablename__ = "queue_agent"
    __table_args__ = (
        ForeignKeyConstraint(["version", "agent"], ["agent.version", "agent.name"]),
        ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"]),
    )

    version: int = Field(primary_key=True)
    queue: str = Field(primary_key=True)
    agent: str = Field(primary_key=True)
    rank: int


class AgentGroupRow(Row, table=True):
    """A group that an agent belongs to."""

    __tablename__ = "agent_group"
    __table_args__ = (ForeignKeyConstraint(["version", "agent"], ["agent.version", "agent.name"]),)

    version: int = Field(primary_key=True)
    agent: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    position: int


class CapRow(Row, table=True):
    """A limit on what a queue takes of a group, as acd.configuration.Cap describes it."""

    __tablename__ = "cap"
    __table_args__ = (ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"]),)

    version: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    position: int
    agent_group: str
    queue: str
    at_most: int | None
    keep_free: int | None
