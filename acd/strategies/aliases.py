"""Names that people bring along: what a strategy is called in app_queue and mod_callcenter, and here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        # Asterisk's app_queue
        "ringall": "ring_all",
        "leastrecent": "longest_idle",
        "fewestcalls": "fewest_calls",
        "rrmemory": "round_robin",
        "rrordered": "round_robin",
        "roundrobin": "round_robin",
        "linear": "fixed_order",
        "wrandom": "weighted_random",
        # FreeSWITCH's mod_callcenter
        "ring-all": "ring_all",
        "ring-progressively": "ring_progressively",
        "longest-idle-agent": "longest_idle",
        "round-robin": "round_robin",
        "top-down": "fixed_order",
        "sequentially-by-agent-order": "fixed_order",
        "agent-with-fewest-calls": "fewest_calls",
        "agent-with-least-talk-time": "least_talk_time",
    }
)
"""Their name to ours, where the names differ. What differs in the doing is told in docs/strategies.md."""


def known_as(strategy: str) -> str:
    """Our name of a strategy that may be named as others name it; any other name unchanged."""
    return ALIASES.get(strategy, strategy)
