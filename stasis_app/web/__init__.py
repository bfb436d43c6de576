"""The control API: what the command line, the pages and integrators' programs are clients of."""

from __future__ import annotations

from stasis_app.web.keys import KeyFileUnsafe
from stasis_app.web.server import ControlApi, Served
from stasis_app.web.services import (
    ConfigurationHolder,
    ConfigurationVersion,
    Explainer,
    Explanation,
    Feed,
    IceServer,
    Services,
    Subscription,
    WebOptions,
)

__all__ = [
    "ConfigurationHolder",
    "ConfigurationVersion",
    "ControlApi",
    "Explainer",
    "Explanation",
    "Feed",
    "IceServer",
    "KeyFileUnsafe",
    "Served",
    "Services",
    "Subscription",
    "WebOptions",
]
