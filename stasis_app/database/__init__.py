"""SQL: versions of the configuration, people, phone secrets and history, behind one door that speaks the domain."""

from __future__ import annotations

from stasis_app.database.accounts import Accounts, Role, User
from stasis_app.database.configuration_tables import AppliedVersion, ConfigurationTables, VersionUnknown
from stasis_app.database.connection import DatabaseRefused
from stasis_app.database.door import DEFAULT_URL, Database
from stasis_app.database.history import LONGEST_PAGE, History, HistoryGap, JournalEntry, KeptAlert, Numbered
from stasis_app.database.history_fold import HistoryFold
from stasis_app.database.phone_secrets import PhoneSecrets

__all__ = [
    "DEFAULT_URL",
    "LONGEST_PAGE",
    "Accounts",
    "AppliedVersion",
    "ConfigurationTables",
    "Database",
    "DatabaseRefused",
    "History",
    "HistoryFold",
    "HistoryGap",
    "JournalEntry",
    "KeptAlert",
    "Numbered",
    "PhoneSecrets",
    "Role",
    "User",
    "VersionUnknown",
]
