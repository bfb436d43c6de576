"""What a process holds once everything it needs is connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_app.app.configuration_in_force import ConfigurationInForce
from stasis_app.app.reach import ReachReports
from stasis_app.asterisk.node import AsteriskNode
from stasis_app.database import Database
from stasis_app.redis_store import RedisStore
from stasis_app.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Connected, and kept connected while the process lives."""

    settings: Settings
    database: Database
    store: RedisStore
    configuration: ConfigurationInForce
    reach: ReachReports
    nodes: Mapping[str, AsteriskNode]
