"""The store in memory: the same transitions, refusals and events as Redis, for simulations and tests."""

from __future__ import annotations

from acd.memory.store import MemoryStore
from acd.memory.world import Wake, World

__all__ = ["MemoryStore", "Wake", "World"]
