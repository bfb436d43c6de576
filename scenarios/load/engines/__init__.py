"""The systems that a run can be thrown at: the product, Asterisk's own app_queue, and the bare application."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.load.engine import Engine
from scenarios.load.engines.app_queue import AppQueue, AppQueueSettings
from scenarios.load.engines.floor import Floor
from scenarios.load.engines.native import Native, NativeSettings

__all__ = ["ENGINES", "AppQueue", "AppQueueSettings", "Floor", "Native", "NativeSettings"]

ENGINES: Mapping[str, type[Engine]] = {engine.name: engine for engine in (Native, AppQueue, Floor)}
"""By the name that a user chooses."""
