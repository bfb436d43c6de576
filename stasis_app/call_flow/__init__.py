"""The story of one call, from any committed state to its end."""

from __future__ import annotations

from stasis_app.call_flow.flow import CallFlow
from stasis_app.call_flow.registry import CallFlows
from stasis_app.call_flow.world import FlowWorld

__all__ = ["CallFlow", "CallFlows", "FlowWorld"]
