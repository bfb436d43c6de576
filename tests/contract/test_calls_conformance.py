"""Our hands on a real Asterisk keep the contract of the switch, as the simulated one does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.testing import SWITCH_SCENARIOS, SwitchScenario, play_on_switch
from tests.contract.asterisk_people import AsteriskSetup, People

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people() -> AsyncIterator[People]:
    """One Asterisk, and phones that stay switched on from scenario to scenario."""
    async with People.at_work() as people:
        yield people


@pytest.mark.parametrize("scenario", SWITCH_SCENARIOS, ids=str)
async def test_asterisk_keeps_the_contract(people: People, scenario: SwitchScenario) -> None:
    async with AsteriskSetup(people).serving() as setup:
        await play_on_switch(scenario, setup)
