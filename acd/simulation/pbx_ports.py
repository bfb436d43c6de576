"""The simulated switch as processes see it: ``acd.ports.Calls`` and ``acd.ports.Phones``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from acd.agent import AgentProfile
from acd.call import Call
from acd.errors import PhoneUnreachable
from acd.offer import Offer
from acd.ports import FoundChannel, LegCreated, LegInTheWay, LegOutcome, Signal, SwitchRefused
from acd.simulation.pbx import SimulatedChannel, SimulatedPbx, SimulatedPhone, endpoint_of

_ANSWERED_ELSEWHERE = 26


class SimulatedCalls:
    """Implements ``acd.ports.Calls`` for one process. Nothing waits but a look while the process is cut off."""

    def __init__(self, pbx: SimulatedPbx, process: str) -> None:
        self.node = pbx.node
        self._pbx = pbx
        self._process = process
        self._life_seen = pbx.life

    @property
    def life(self) -> str:
        """Which life of the switch this is, as of the last look."""
        return str(self._life_seen)

    def listen(self, channel: str, hear: Callable[[Signal], None]) -> Callable[[], None]:
        """Hear of this channel until the returned function is called."""
        return self._pbx.listen(self._process, channel, hear)

    # --- acts ---------------------------------------------------------------------------------------------------------

    async def answer(self, channel: str) -> None:
        """Pick up the caller; one that is up already is fine."""
        self._channel(channel).answered = True

    async def write_request(self, call: Call) -> None:
        """Leave the call's record on the caller's channel."""
        self._channel(call.id).request = call

    async def start_music(self, channel: str, music_class: str) -> None:
        """Play music until ``stop_music`` or ``join``."""
        self._channel(channel).music = music_class

    async def stop_music(self, channel: str) -> None:
        """Stop it; a channel without music, or gone, is fine."""
        found = self._reached(channel)
        if found is not None:
            found.music = None

    async def create_leg(self, offer: Offer, call: Call, agent: AgentProfile) -> None:
        """Make the agent's leg, unless an earlier one of this agent is there."""
        pbx = self._pbx
        self._connected()
        earlier = pbx.channels.get(offer.leg)
        if earlier is not None:
            raise LegInTheWay(offer.leg, earlier.offer)
        pbx.tell_all()
        phone = pbx.phone(agent)
        if not phone.registered:
            raise PhoneUnreachable(f"{endpoint_of(agent)} has no contact")
        leg = SimulatedChannel(offer.leg, self._process, dialled=False, offer=offer.id, agent=agent.id, phone=phone)
        pbx.channels[leg.id] = leg
        pbx.tell(leg, LegCreated(channel=leg.id, offer=offer.id))
        pbx.tell_all()

    async def make_way(self, offer: Offer, made_for: str | None) -> None:
        """End the earlier leg, and have its end heard of."""
        if made_for == offer.id:
            raise SwitchRefused(f"{offer.leg} was made for {offer.id} already")
        self._connected()
        if made_for is not None:
            await self.hang_up(offer.leg, offer=made_for)
        self._pbx.tell_all()

    async def dial_leg(self, offer: Offer, call: Call, *, timeout_s: int) -> None:
        """Call the phone; the switch ends it after ``timeout_s`` by itself."""
        leg = self._channel(offer.leg)
        if leg.dialled:
            raise SwitchRefused(f"{offer.leg} was dialled already")
        self._pbx.ring(leg, timeout_s)

    async def join(self, call: Call, leg: str) -> None:
        """Both into the call's bridge, without music."""
        together = (self._channel(call.id), self._channel(leg))
        self._pbx.bridges.setdefault(call.bridge, self._process)
        for channel in together:
            self._pbx.enter_bridge(channel, call.bridge)

    async def hang_up(self, channel: str, *, offer: str | None = None, answered_elsewhere: bool = False) -> None:
        """End a channel, or only the leg of this offer; one that is gone is fine."""
        found = self._reached(channel)
        if found is None or offer not in {None, found.offer}:
            return
        outcome = LegOutcome.HUNG_UP if found.answered else LegOutcome.CANCELLED
        self._pbx.end(found, outcome, cause=_ANSWERED_ELSEWHERE if answered_elsewhere else None)

    async def destroy_bridge(self, bridge: str) -> None:
        """Remove a call's bridge; one that is gone, or was never made, is fine."""
        if self._is_cut_off or self._pbx.bridges.pop(bridge, None) is None:
            return
        for channel in list(self._pbx.channels.values()):
            if channel.bridge == bridge:
                self._pbx.leave_bridge(channel)

    async def leave(self, channel: str, result: str) -> None:
        """Give the caller back to the dialplan; one that is gone is fine."""
        found = self._reached(channel)
        if found is not None:
            self._pbx.give_back(found, result)

    async def give_to_fallback(self, channel: str, result: str) -> None:
        """The dialplan's net has nobody to serve anybody: the same as giving back."""
        await self.leave(channel, result)

    async def adopt(self, channel: str) -> None:
        """Move a channel into our hands."""
        self._pbx.move(self._channel(channel), self._process)

    # --- looks --------------------------------------------------------------------------------------------------------

    async def look_at(self, channel: str) -> FoundChannel | None:
        """The channel now; None if it is gone. Waits while cut off."""
        await self._back()
        found = self._pbx.channels.get(channel)
        return None if found is None else _shown(found)

    async def survey(self) -> Sequence[FoundChannel]:
        """Every channel in the hands of any process. Waits while cut off."""
        await self._back()
        return [_shown(channel) for _, channel in sorted(self._pbx.channels.items())]

    async def bridges(self) -> Mapping[str, str]:
        """Bridge to the process that made it. Waits while cut off."""
        await self._back()
        return dict(self._pbx.bridges)

    # --- small steps --------------------------------------------------------------------------------------------------

    @property
    def _is_cut_off(self) -> bool:
        return self._process in self._pbx.cut_off

    def _connected(self) -> None:
        if self._is_cut_off:
            raise SwitchRefused(f"{self.node} cannot be reached")

    def _channel(self, channel: str) -> SimulatedChannel:
        self._connected()
        found = self._pbx.channels.get(channel)
        if found is None:
            raise SwitchRefused(f"there is no channel {channel}")
        return found

    def _reached(self, channel: str) -> SimulatedChannel | None:
        return None if self._is_cut_off else self._pbx.channels.get(channel)

    async def _back(self) -> None:
        while (wake := self._pbx.cut_off.get(self._process)) is not None:
            await wake.wait()
        self._life_seen = self._pbx.life


class SimulatedPhones:
    """Implements ``acd.ports.Phones``: pushed identities register at once, as a browser that stands ready does."""

    def __init__(self, pbx: SimulatedPbx) -> None:
        self.node = pbx.node
        self._pbx = pbx
        self._pushed: set[str] = set()

    async def push(self, agents: Mapping[str, str]) -> None:
        """Make the pushed identities exactly these; ones that are gone lose call and registration."""
        for agent in self._pushed - set(agents):
            phone = self._pbx.phones.pop(f"PJSIP/{agent}")
            phone.vanish()
            if phone.leg is not None:
                self._pbx.end(phone.leg, LegOutcome.HUNG_UP if phone.talks else LegOutcome.UNREACHABLE)
        for agent in agents:
            endpoint = f"PJSIP/{agent}"
            self._pbx.phones.setdefault(endpoint, SimulatedPhone(endpoint, self._pbx))
        self._pushed = set(agents)

    async def registered(self) -> Mapping[str, bool]:
        """Endpoint to whether it is reachable now."""
        return {endpoint: phone.registered for endpoint, phone in self._pbx.phones.items()}


def _shown(channel: SimulatedChannel) -> FoundChannel:
    return FoundChannel(
        channel=channel.id,
        application=channel.application,
        answered=channel.answered,
        dialled=channel.dialled,
        agent=channel.agent,
        bridge=channel.bridge,
        offer=channel.offer,
        request=channel.request,
    )
