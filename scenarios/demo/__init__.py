"""A call centre at work in front of whoever tries the project, and a verdict on whether all was right."""

from __future__ import annotations

from scenarios.demo.command import app

__all__ = ["app"]
