"""All scenarios of the switch: what an adapter of ``acd.ports.Calls`` must pass, as ours for Asterisk does."""

from __future__ import annotations

from acd.testing.calls_callers import CALLER_SCENARIOS
from acd.testing.calls_legs import LEG_SCENARIOS
from acd.testing.calls_stage import SwitchScenario, SwitchSetup, SwitchStage, play_on_switch
from acd.testing.calls_together import TOGETHER_SCENARIOS

SWITCH_SCENARIOS: tuple[SwitchScenario, ...] = (*CALLER_SCENARIOS, *LEG_SCENARIOS, *TOGETHER_SCENARIOS)
"""Run each with ``play_on_switch`` on a switch with nothing on it."""

__all__ = ["SWITCH_SCENARIOS", "SwitchScenario", "SwitchSetup", "SwitchStage", "play_on_switch"]
