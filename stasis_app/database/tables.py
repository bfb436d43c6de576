"""Every table there is: the schema that migrations lead to, and the columns that queries name.

The models are SQLModel's so that integrators can query them with it; our own statements go through SQLAlchemy Core,
because history writes in bulk and the ORM costs two milliseconds a row. Nothing here is special to one database.
Times are the store's milliseconds since 1970.
"""

# No `from __future__ import annotations` here: SQLModel reads annotations at run time.
# SQLModel types __tablename__ wider than what anybody assigns:
# mypy: disable-error-code="mutable-override"

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, Integer, MetaData, Table, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""Numbers rows in the order in which they were written; SQLite counts up by itself only in plain INTEGER."""


class Row(SQLModel, registry=registry(metadata=metadata)):
    """The root of ours, apart from other tables that an integrator may define with SQLModel in the same process."""

    model_config = {"defer_build": True}  # we validate nothing with them, and every start would pay for it


def _of_version() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["version"], ["configuration_version.number"])


# --- configuration: each version whole --------------------------------------------------------------------------------


class ConfigurationVersionRow(Row, table=True):
    """One applied configuration."""

    __tablename__ = "configuration_version"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    applied_at_ms: int = Field(sa_type=BigInteger)
    author: str
    note: str = ""


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


class QueueNumberRow(Row, table=True):
    """A dialled number that leads to a queue."""

    __tablename__ = "queue_number"
    __table_args__ = (ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"]),)

    version: int = Field(primary_key=True)
    number: str = Field(primary_key=True)
    queue: str
    position: int


class QueueRequirementRow(Row, table=True):
    """A skill that every call of a queue needs."""

    __tablename__ = "queue_requirement"
    __table_args__ = (
        ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"]),
        ForeignKeyConstraint(["version", "skill"], ["skill.version", "skill.name"]),
    )

    version: int = Field(primary_key=True)
    queue: str = Field(primary_key=True)
    skill: str = Field(primary_key=True)
    level: int


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


# --- people and phones ------------------------------------------------------------------------------------------------


class AccountRow(Row, table=True):
    """A person who logs in to the pages."""

    __tablename__ = "account"

    name: str = Field(primary_key=True)
    password_hash: str
    role: str
    agent: str | None


class PhoneSecretRow(Row, table=True):
    """The secret of an agent's pushed phone; kept readable, because phone and Asterisk both need it."""

    __tablename__ = "phone_secret"

    agent: str = Field(primary_key=True)
    secret: str


# --- history ----------------------------------------------------------------------------------------------------------


class CursorRow(Row, table=True):
    """How far a consumer has kept the event stream; commits together with the rows it counts."""

    __tablename__ = "cursor"

    consumer: str = Field(primary_key=True)
    epoch: str
    position: str


class CallHistoryRow(Row, table=True):
    """A call that ended, as acd.call.Call describes it at its end."""

    __tablename__ = "call_history"
    __table_args__ = (UniqueConstraint("epoch", "event"), Index(None, "queue", "id"), Index(None, "agent", "id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    epoch: str
    event: str
    call: str = Field(index=True)
    queue: str
    node: str
    caller_number: str
    caller_name: str
    called_number: str
    priority: float
    requires: dict[str, int] = Field(sa_type=JSON)
    attributes: dict[str, str] = Field(sa_type=JSON)
    rounds: int
    agent: str | None
    offer: str | None
    arrived_at: int = Field(sa_type=BigInteger)
    queued_at: int = Field(sa_type=BigInteger)
    first_offered_at: int | None = Field(sa_type=BigInteger)
    connected_at: int | None = Field(sa_type=BigInteger)
    ended_at: int = Field(sa_type=BigInteger, index=True)
    end_reason: str
    ended_by: str | None


class LegHistoryRow(Row, table=True):
    """A channel that ended, as acd.events.Leg describes it."""

    __tablename__ = "leg_history"
    __table_args__ = (UniqueConstraint("epoch", "event"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    epoch: str
    event: str
    channel: str
    call: str = Field(index=True)
    role: str
    node: str
    agent: str | None
    offer: str | None
    started_at: int = Field(sa_type=BigInteger)
    answered_at: int | None = Field(sa_type=BigInteger)
    ended_at: int = Field(sa_type=BigInteger)
    cause: int | None
    sip_code: int | None


class OfferHistoryRow(Row, table=True):
    """An offer whose outcome is known: it ended, or it led to a conversation."""

    __tablename__ = "offer_history"
    __table_args__ = (UniqueConstraint("epoch", "event"), Index(None, "agent", "id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    epoch: str
    event: str
    offer: str
    call: str = Field(index=True)
    agent: str
    queue: str
    round: int
    made_at: int = Field(sa_type=BigInteger)
    free_since: int = Field(sa_type=BigInteger)
    dialled_at: int | None = Field(sa_type=BigInteger)
    accepted_at: int | None = Field(sa_type=BigInteger)
    connected_at: int | None = Field(sa_type=BigInteger)
    ended_at: int | None = Field(sa_type=BigInteger)
    outcome: str
    sip_code: int | None
    why: str


class AgentJournalRow(Row, table=True):
    """An agent's state after something changed it."""

    __tablename__ = "agent_journal"
    __table_args__ = (UniqueConstraint("epoch", "event"), Index(None, "agent", "id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    epoch: str
    event: str
    at: int = Field(sa_type=BigInteger, index=True)
    agent: str
    what: str
    status: str
    break_reason: str | None
    activity: str
    reachable: bool
    node: str | None
    call: str | None


class AgentLastStatusRow(Row, table=True):
    """The last status in the journal, kept apart: after Redis was emptied it is wanted at once, however long the
    journal is."""

    __tablename__ = "agent_last_status"

    agent: str = Field(primary_key=True)
    status: str
    break_reason: str | None
    at: int = Field(sa_type=BigInteger)


class AlertHistoryRow(Row, table=True):
    """Something that needed a person."""

    __tablename__ = "alert_history"
    __table_args__ = (UniqueConstraint("epoch", "event"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    epoch: str
    event: str
    at: int = Field(sa_type=BigInteger)
    alert: str
    text: str


class HistoryGapRow(Row, table=True):
    """A stretch of the stream that was lost before it could be kept: reports over it are too low."""

    __tablename__ = "history_gap"
    __table_args__ = (UniqueConstraint("consumer", "after_epoch", "after", "resumed", name="uq_history_gap"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    consumer: str
    after_epoch: str
    after: str
    resumed_epoch: str
    resumed: str
    resumed_at: int = Field(sa_type=BigInteger)
    why: str


def table_of(row: type[Row]) -> Table:
    """The Core table behind a model."""
    return metadata.tables[str(row.__tablename__)]
