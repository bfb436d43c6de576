"""What an adapter's author runs to know that it keeps the contract: the scenarios that our own adapters pass."""

from __future__ import annotations

from acd.fold import folded
from acd.testing.calls import SWITCH_SCENARIOS, SwitchScenario, SwitchSetup, SwitchStage, play_on_switch
from acd.testing.stage import Scenario, Stage, StoreSetup, play
from acd.testing.store_agents import AGENT_SCENARIOS
from acd.testing.store_calls import CALL_SCENARIOS
from acd.testing.store_changes import CHANGE_SCENARIOS
from acd.testing.store_epochs import EPOCH_SCENARIOS
from acd.testing.store_offers import OFFER_SCENARIOS
from acd.testing.store_routing import ROUTING_SCENARIOS
from acd.testing.store_tables import TABLE_SCENARIOS
from acd.testing.strategy_checks import StrategyReport, check_strategy

STORE_SCENARIOS: tuple[Scenario, ...] = (
    *CALL_SCENARIOS,
    *OFFER_SCENARIOS,
    *AGENT_SCENARIOS,
    *ROUTING_SCENARIOS,
    *CHANGE_SCENARIOS,
    *EPOCH_SCENARIOS,
    *TABLE_SCENARIOS,
)
"""Every scenario of the store. Run each with ``play`` on a store of its own."""

__all__ = [
    # the store
    "STORE_SCENARIOS",
    "Scenario",
    "Stage",
    "StoreSetup",
    "folded",
    "play",
    # the switch
    "SWITCH_SCENARIOS",
    "SwitchScenario",
    "SwitchSetup",
    "SwitchStage",
    "play_on_switch",
    # strategies
    "StrategyReport",
    "check_strategy",
]
