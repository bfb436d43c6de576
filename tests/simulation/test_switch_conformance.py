"""The switch in memory passes the scenarios that Asterisk passes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from acd.agent import AgentProfile
from acd.call import Call
from acd.offer import Offer
from acd.ports import SwitchRefused
from acd.simulation import NobodyWaits, SimulatedCalls, SimulatedPbx, SimulatedPhone, VirtualClock, at_once
from acd.testing import SWITCH_SCENARIOS, SwitchScenario, play_on_switch

LIMIT_MS = 40_000


class SimulatedSetup:
    """A simulated switch, and its people."""

    process, other_process = "acd-1", "acd-2"

    def __init__(self, delay_ms: float) -> None:
        self.clock = VirtualClock()
        self.pbx = SimulatedPbx("pbx", self.clock, NobodyWaits, delay_ms=delay_ms)
        self.calls = SimulatedCalls(self.pbx, self.process)
        self.other = SimulatedCalls(self.pbx, self.other_process)
        self.agent, self.second_agent, self.busy_agent, self.absent_agent = (
            AgentProfile(id=name) for name in ("anna", "bert", "cleo", "dora")
        )
        self.pbx.phone(self.busy_agent).busy = True
        self.pbx.phone(self.absent_agent).vanish()
        self._numbers = count(1)

    async def caller(self) -> Call:
        call = Call(id=f"caller-{next(self._numbers)}", queue="support", node="pbx", owner=self.process)
        self.pbx.caller_enters(call)
        return call

    async def caller_hangs_up(self, call: Call) -> None:
        self.pbx.caller_hangs_up(call.id)

    async def hears_music(self, call: Call) -> bool:
        return self.pbx.channels[call.id].music is not None

    async def back_in_dialplan(self, call: Call) -> str:
        return self.pbx.given_back[call.id]

    def phone(self, offer: Offer) -> SimulatedPhone:
        return self.pbx.phones[f"PJSIP/{offer.agent}"]

    async def answers(self, offer: Offer) -> None:
        assert self.phone(offer).answer()

    async def declines(self, offer: Offer) -> None:
        assert self.phone(offer).decline()

    async def hangs_up(self, offer: Offer) -> None:
        assert self.phone(offer).hang_up()

    def news(self) -> None:
        """The clock is stepped: nobody has to be woken."""

    async def until(self, holds: Callable[[], bool]) -> None:
        limit = self.clock.now() + LIMIT_MS
        while not holds():
            assert self.clock.step(), "nothing more will happen"
            assert self.clock.now() < limit, "that took too long"

    async def quiet(self) -> None:
        while self.clock.step():
            pass


@pytest.mark.parametrize("delay_ms", [0, 3])
@pytest.mark.parametrize("scenario", SWITCH_SCENARIOS, ids=str)
def test_the_simulated_switch_keeps_the_contract(scenario: SwitchScenario, delay_ms: float) -> None:
    setup = SimulatedSetup(delay_ms)
    at_once(play_on_switch(scenario, setup))
    assert setup.pbx.listeners == 0


def test_a_process_that_is_cut_off_hears_nothing_and_reaches_nothing() -> None:
    setup = SimulatedSetup(0)
    call = at_once(setup.caller())
    heard: list[object] = []
    setup.calls.listen(call.id, heard.append)
    setup.pbx.cut(setup.process)
    with pytest.raises(SwitchRefused, match="pbx cannot be reached"):
        at_once(setup.calls.answer(call.id))
    at_once(setup.calls.hang_up(call.id))
    assert call.id in setup.pbx.channels
    setup.pbx.caller_hangs_up(call.id)
    at_once(setup.quiet())
    setup.pbx.mend(setup.process)
    assert heard == []
    assert at_once(setup.calls.look_at(call.id)) is None


def test_a_switch_that_was_started_anew_has_lost_everything_and_says_so_at_the_next_look() -> None:
    setup = SimulatedSetup(3)
    call = at_once(setup.caller())
    heard: list[object] = []
    setup.calls.listen(call.id, heard.append)
    before = setup.calls.life
    setup.pbx.caller_hangs_up(call.id)
    setup.pbx.restart()
    at_once(setup.quiet())
    assert (heard, setup.calls.life) == ([], before)
    assert at_once(setup.calls.look_at(call.id)) is None
    assert setup.calls.life != before
