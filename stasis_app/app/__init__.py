"""The composition root: the only place where orchestration and adapters meet."""

from __future__ import annotations

from stasis_app.app.serving import serve

__all__ = ["serve"]
