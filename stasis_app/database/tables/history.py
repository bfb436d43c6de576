"""What happened, row by row, and how far the event stream was read."""

# No `from __future__ import annotations` here: SQLModel reads annotations at run time.
# SQLModel types __tablename__ wider than what anybody assigns:
# mypy: disable-error-code="mutable-override"

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from stasis_app.database.tables.base import Row, RowNumber


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
    requires: str
    prefers: str
    preferred_agent: str | None
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
