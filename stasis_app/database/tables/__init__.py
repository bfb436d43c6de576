"""Every table there is: the schema that migrations lead to, and the columns that queries name.

The models are SQLModel's so that integrators can query them with it; our own statements go through SQLAlchemy Core,
because history writes in bulk and the ORM costs two milliseconds a row. Nothing here is special to one database.
Times are the store's milliseconds since 1970.
"""

from __future__ import annotations

from stasis_app.database.tables.base import Row, RowNumber, metadata, table_of
from stasis_app.database.tables.configuration import (
    AgentGroupRow,
    AgentRow,
    AgentSkillRow,
    CapRow,
    ConfigurationVersionRow,
    QueueAgentRow,
    QueueNumberRow,
    QueueRow,
    QueueStepRow,
    SkillRow,
)
from stasis_app.database.tables.history import (
    AgentJournalRow,
    AgentLastStatusRow,
    AlertHistoryRow,
    CallHistoryRow,
    CursorRow,
    HistoryGapRow,
    LegHistoryRow,
    OfferHistoryRow,
)
from stasis_app.database.tables.people import AccountRow, PhoneSecretRow

__all__ = [
    "Row",
    "RowNumber",
    "metadata",
    "table_of",
    "AgentGroupRow",
    "AgentRow",
    "AgentSkillRow",
    "CapRow",
    "ConfigurationVersionRow",
    "QueueAgentRow",
    "QueueNumberRow",
    "QueueRow",
    "QueueStepRow",
    "SkillRow",
    "AgentJournalRow",
    "AgentLastStatusRow",
    "AlertHistoryRow",
    "CallHistoryRow",
    "CursorRow",
    "HistoryGapRow",
    "LegHistoryRow",
    "OfferHistoryRow",
    "AccountRow",
    "PhoneSecretRow",
]
