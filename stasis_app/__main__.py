"""Lets ``python -m stasis_app`` do what ``stasis-acd`` does."""

from __future__ import annotations

from stasis_app.cli import main

main()
