"""The store of live state and events in Redis: scripts for the transitions, and the client that runs them."""

from __future__ import annotations

from stasis_app.redis_store.lua import Limits
from stasis_app.redis_store.store import RedisStore

__all__ = ["Limits", "RedisStore"]
