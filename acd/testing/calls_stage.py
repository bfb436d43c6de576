"""Where a scenario of the switch plays: callers and agents with their phones, and ears for what is told of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol, TypeVar

from acd.agent import AgentProfile
from acd.call import Call
from acd.offer import Offer, OfferState
from acd.ports import (
    Calls,
    ChannelEnded,
    EnteredBridge,
    FoundChannel,
    LegAnswered,
    LegInTheWay,
    LegRinging,
    Signal,
    SwitchRefused,
)

S = TypeVar("S", bound=Signal)

LONG_RING_S = 30
_numbers = count(1)


class SwitchSetup(Protocol):
    """What an adapter's author provides: a switch that two processes share, and the people at its ends."""

    process: str
    """The process that takes the callers in."""
    other_process: str
    """Another one."""
    agent: AgentProfile
    """Whose phone rings until ``answers`` or ``declines``."""
    second_agent: AgentProfile
    """Likewise."""
    busy_agent: AgentProfile
    """Whose phone refuses every call as busy."""
    absent_agent: AgentProfile
    """Who has no phone registered."""

    @property
    def calls(self) -> Calls:
        """The hands of ``process`` on the switch."""
        ...

    @property
    def other(self) -> Calls:
        """The hands of ``other_process``."""
        ...

    async def caller(self) -> Call:
        """A new caller, in the hands of ``process``: the record that the dialplan's words make."""
        ...

    async def caller_hangs_up(self, call: Call) -> None:
        """The caller hangs up."""
        ...

    async def hears_music(self, call: Call) -> bool:
        """Whether the caller hears something that is not an agent, now."""
        ...

    async def back_in_dialplan(self, call: Call) -> str:
        """The result with which a caller that was given back went on, once that is known."""
        ...

    async def answers(self, offer: Offer) -> None:
        """The agent picks up the phone that rings for this offer."""
        ...

    async def declines(self, offer: Offer) -> None:
        """The agent refuses it."""
        ...

    async def hangs_up(self, offer: Offer) -> None:
        """The agent ends the conversation."""
        ...

    def news(self) -> None:
        """A signal was heard: whoever waits in ``until`` looks again."""
        ...

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when this holds, which only signals can bring about. Raises AssertionError when it takes longer than
        anything should."""
        ...

    async def quiet(self) -> None:
        """Return when every channel has gone, and nothing is left to be told."""
        ...


@dataclass(slots=True)
class Ear:
    """Hears of one channel, and remembers everything."""

    news: Callable[[], None]
    signals: list[Signal] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None

    def hear(self, signal: Signal) -> None:
        """One more signal."""
        self.signals.append(signal)
        self.news()

    def of(self, kind: type[S]) -> list[S]:
        """Those of one kind."""
        return [signal for signal in self.signals if isinstance(signal, kind)]

    @property
    def kinds(self) -> list[str]:
        """The names of all, in order."""
        return [type(signal).__name__ for signal in self.signals]


@dataclass(slots=True)
class SwitchStage:
    """One scenario's switch, and helpers that bring things about."""

    setup: SwitchSetup
    ears: list[Ear] = field(default_factory=list)

    @property
    def calls(self) -> Calls:
        """The first process's hands."""
        return self.setup.calls

    def ear(self, channel: str, *, of: Calls | None = None) -> Ear:
        """Somebody who listens to this channel in a process, in the first one unless said otherwise."""
        ear = Ear(self.setup.news)
        ear.stop = (of or self.calls).listen(channel, ear.hear)
        self.ears.append(ear)
        return ear

    async def heard(self, ear: Ear, kind: type[S]) -> S:
        """The first signal of this kind, once it is there."""
        await self.setup.until(lambda: bool(ear.of(kind)))
        return ear.of(kind)[0]

    async def caller(self) -> tuple[Call, Ear]:
        """A caller, answered, and an ear for the channel."""
        call = await self.setup.caller()
        ear = self.ear(call.id)
        await self.calls.answer(call.id)
        return call, ear

    def offer(self, call: Call, agent: AgentProfile) -> Offer:
        """A new offer of the call to the agent, as the store would make it."""
        number = next(_numbers)
        return Offer(
            id=f"{call.id}.{number}",
            call=call.id,
            agent=agent.id,
            queue=call.queue,
            fence=number,
            state=OfferState.RESERVED,
            owner=self.setup.process,
        )

    async def leg(self, call: Call, agent: AgentProfile | None = None) -> tuple[Offer, Ear]:
        """A leg that is made and not dialled, and an ear for it that was there before."""
        agent = agent or self.setup.agent
        offer = self.offer(call, agent)
        ear = self.ear(offer.leg)
        await self.calls.create_leg(offer, call, agent)
        return offer, ear

    async def ringing(self, call: Call, agent: AgentProfile | None = None) -> tuple[Offer, Ear]:
        """A leg whose phone rings."""
        offer, ear = await self.leg(call, agent)
        await self.calls.dial_leg(offer, call, timeout_s=LONG_RING_S)
        await self.heard(ear, LegRinging)
        return offer, ear

    async def answered(self, call: Call, agent: AgentProfile | None = None) -> tuple[Offer, Ear]:
        """A leg that the agent has answered."""
        offer, ear = await self.ringing(call, agent)
        await self.setup.answers(offer)
        await self.heard(ear, LegAnswered)
        return offer, ear

    async def talking(self) -> tuple[Call, Ear, Offer, Ear]:
        """A caller and an agent together."""
        call, caller_ear = await self.caller()
        offer, leg_ear = await self.answered(call)
        await self.calls.join(call, offer.leg)
        for ear in (caller_ear, leg_ear):
            await self.heard(ear, EnteredBridge)
        return call, caller_ear, offer, leg_ear

    async def ended(self, ear: Ear) -> ChannelEnded:
        """The channel's end."""
        return await self.heard(ear, ChannelEnded)

    async def found(self, channel: str, *, by: Calls | None = None) -> FoundChannel:
        """The channel, which must be there."""
        seen = await (by or self.calls).look_at(channel)
        assert seen is not None, f"{channel} is gone"
        return seen

    async def in_the_way(self, offer: Offer, call: Call) -> LegInTheWay:
        """Ask for a leg that cannot be made, as another one of this agent is there."""
        try:
            await self.calls.create_leg(offer, call, self.setup.agent)
        except LegInTheWay as earlier:
            return earlier
        raise AssertionError(f"{offer.leg} was made, and another one was there")

    async def refused(self, act: Callable[[], Awaitable[object]]) -> None:
        """Do something that the switch must refuse."""
        try:
            await act()
        except SwitchRefused:
            return
        raise AssertionError("the switch did not refuse")


@dataclass(frozen=True, slots=True)
class SwitchScenario:
    """One rule of the contract, and how to see it kept."""

    name: str
    run: Callable[[SwitchStage], Awaitable[None]]

    def __str__(self) -> str:
        return self.name


def switch_scenarios(*runs: Callable[[SwitchStage], Awaitable[None]]) -> tuple[SwitchScenario, ...]:
    """Functions as scenarios of the same names."""
    return tuple(SwitchScenario(getattr(run, "__name__", str(run)), run) for run in runs)


async def play_on_switch(scenario: SwitchScenario, setup: SwitchSetup) -> None:
    """Run a scenario; then end whatever it left, and see that nothing stays. Raises AssertionError where the contract
    is broken."""
    stage = SwitchStage(setup)
    try:
        await scenario.run(stage)
    finally:
        for found in await setup.calls.survey():
            await setup.calls.hang_up(found.channel)
        for bridge in await setup.calls.bridges():
            await setup.calls.destroy_bridge(bridge)
        await setup.quiet()
        for ear in stage.ears:
            ear.stop()
    for calls in (setup.calls, setup.other):
        assert list(await calls.survey()) == []
        assert dict(await calls.bridges()) == {}
