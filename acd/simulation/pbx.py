"""A switch that exists in memory: callers' channels, agents' legs and phones, bridges, and who hears of them.

It keeps to what Asterisk does as far as ``acd.ports.Calls`` lets anybody see it; the scenarios in ``acd.testing`` hold
both to that. Nothing takes time but ringing, and signals if a delay is given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from acd.agent import AgentProfile, PhoneKind
from acd.call import Call
from acd.memory.world import Wake
from acd.ports import ChannelEnded, EnteredBridge, LeftBridge, LegAnswered, LegOutcome, LegRinging, Signal
from acd.simulation.virtual_clock import Time, Timer

Hear = Callable[[Signal], None]

CAUSES: Mapping[LegOutcome, tuple[int, int | None]] = {
    LegOutcome.NO_ANSWER: (19, None),
    LegOutcome.REJECTED: (21, 603),
    LegOutcome.BUSY: (17, 486),
    LegOutcome.UNREACHABLE: (20, 480),
    LegOutcome.CANCELLED: (16, None),
    LegOutcome.HUNG_UP: (16, None),
}
"""Q.850 cause and SIP code that go with each outcome of a leg."""


def endpoint_of(agent: AgentProfile) -> str:
    """Where this agent's phone is; a pushed one has the agent's own name."""
    return f"PJSIP/{agent.id}" if agent.phone.kind is PhoneKind.PUSHED else agent.phone.target


@dataclass(slots=True)
class SimulatedChannel:
    """One channel. A caller's has no offer."""

    id: str
    application: str
    """The process in whose hands it is."""
    answered: bool = False
    dialled: bool = True
    bridge: str | None = None
    music: str | None = None
    """The music class that it hears."""
    request: Call | None = None
    """A caller's record: the dialplan's at first, then what was written."""
    offer: str | None = None
    agent: str | None = None
    phone: SimulatedPhone | None = None
    time_out: Timer | None = None


@dataclass(slots=True, eq=False)
class SimulatedPhone:
    """An agent's phone, and what the person in front of it may do. Each act returns False if there is nothing to do it
    to."""

    endpoint: str
    pbx: SimulatedPbx = field(repr=False)
    registered: bool = True
    busy: bool = False
    """It refuses every call as busy."""
    on_ring: Callable[[SimulatedPhone], object] | None = None
    """Called when it begins to ring, so that somebody can answer."""
    on_end: Callable[[SimulatedPhone], object] | None = None
    """Called when the call that it had is over."""
    leg: SimulatedChannel | None = None

    @property
    def rings(self) -> bool:
        """Whether it rings now."""
        return self.leg is not None and not self.leg.answered

    @property
    def talks(self) -> bool:
        """Whether it was answered and nobody has hung up."""
        return self.leg is not None and self.leg.answered

    def answer(self) -> bool:
        """Pick up."""
        if self.leg is None or self.leg.answered:
            return False
        self.leg.answered = True
        if self.leg.time_out is not None:
            self.leg.time_out.cancel()
        self.pbx.tell(self.leg, LegAnswered(channel=self.leg.id))
        return True

    def decline(self, outcome: LegOutcome = LegOutcome.REJECTED) -> bool:
        """Refuse the call that rings."""
        return self.rings and self.leg is not None and self.pbx.end(self.leg, outcome)

    def hang_up(self) -> bool:
        """End the call that was answered."""
        return self.talks and self.leg is not None and self.pbx.end(self.leg, LegOutcome.HUNG_UP)

    def vanish(self) -> None:
        """Be registered no longer; a call that it has goes on."""
        self.registered = False


class SimulatedPbx:
    """One node. ``calls_of`` gives each process its own handle; the rest is for whoever plays callers and phones."""

    def __init__(self, node: str, time: Time, wake: Callable[[], Wake], *, delay_ms: float = 0) -> None:
        """``wake`` makes what looks wait for while a process is cut off. ``delay_ms``: from what happens to when it is
        heard of."""
        self.node = node
        self.time = time
        self.new_wake = wake
        self.channels: dict[str, SimulatedChannel] = {}
        self.bridges: dict[str, str] = {}
        """Id to the process that made it."""
        self.phones: dict[str, SimulatedPhone] = {}
        """By endpoint."""
        self.given_back: dict[str, str] = {}
        """Callers who went back to the dialplan: channel to result."""
        self.life = 1
        """How often it was started."""
        self.cut_off: dict[str, Wake] = {}
        """Processes that neither hear nor reach the switch, each with what its looks wait for."""
        self._delay_ms = delay_ms
        self._listening: dict[tuple[str, str], list[Hear]] = {}
        self._untold: deque[tuple[str, Signal]] = deque()

    # --- people -------------------------------------------------------------------------------------------------------

    def phone(self, agent: AgentProfile) -> SimulatedPhone:
        """This agent's phone, registered unless it was told otherwise."""
        endpoint = endpoint_of(agent)
        if endpoint not in self.phones:
            self.phones[endpoint] = SimulatedPhone(endpoint, self)
        return self.phones[endpoint]

    def caller_enters(self, call: Call) -> None:
        """A caller is in the hands of the process that owns this record; the record is what the dialplan knows."""
        self.channels[call.id] = SimulatedChannel(call.id, call.owner, request=call)

    def caller_hangs_up(self, channel: str) -> None:
        """One who is gone is fine."""
        if channel in self.channels:
            self.end(self.channels[channel], LegOutcome.HUNG_UP)

    # --- a process's connection ---------------------------------------------------------------------------------------

    def cut(self, process: str) -> None:
        """What happens from now on is not heard of by this process, and it reaches nothing."""
        self.cut_off.setdefault(process, self.new_wake())
        self._untold = deque(entry for entry in self._untold if entry[0] != process)

    def mend(self, process: str) -> None:
        """The process is connected again; what it missed, it missed."""
        wake = self.cut_off.pop(process, None)
        if wake is not None:
            wake.set()

    def restart(self) -> None:
        """End and start again: every channel and bridge is gone, and nobody is told."""
        self.life += 1
        self._untold.clear()
        self.bridges.clear()
        channels, self.channels = self.channels, {}
        for channel in channels.values():
            if channel.time_out is not None:
                channel.time_out.cancel()
            if channel.phone is not None and channel.phone.leg is channel:
                channel.phone.leg = None

    # --- what happens -------------------------------------------------------------------------------------------------

    def end(self, channel: SimulatedChannel, outcome: LegOutcome, *, cause: int | None = None) -> bool:
        """The channel is over, for this reason."""
        if self.channels.pop(channel.id, None) is None:
            return False
        self.leave_bridge(channel)
        usual, sip_code = CAUSES[outcome]
        is_leg = channel.offer is not None
        self.tell(
            channel,
            ChannelEnded(
                channel=channel.id,
                outcome=outcome if is_leg else LegOutcome.HUNG_UP,
                cause=usual if cause is None else cause,
                sip_code=sip_code if is_leg else None,
            ),
        )
        if channel.time_out is not None:
            channel.time_out.cancel()
        phone = channel.phone
        if phone is not None and phone.leg is channel:
            phone.leg = None
            if phone.on_end is not None:
                phone.on_end(phone)
        return True

    def ring(self, channel: SimulatedChannel, timeout_s: float) -> None:
        """Call the leg's phone."""
        channel.dialled = True
        phone = channel.phone
        if phone is None or not phone.registered:
            self.end(channel, LegOutcome.UNREACHABLE)
        elif phone.busy or phone.leg is not None:
            self.end(channel, LegOutcome.BUSY)
        else:
            phone.leg = channel
            channel.time_out = self.time.after(timeout_s * 1000, lambda: self.end(channel, LegOutcome.NO_ANSWER))
            self.tell(channel, LegRinging(channel=channel.id))
            if phone.on_ring is not None:
                phone.on_ring(phone)

    def enter_bridge(self, channel: SimulatedChannel, bridge: str) -> None:
        """Put it there, out of any other; one that is there already leaves and enters again."""
        channel.music = None
        self.leave_bridge(channel)
        channel.bridge = bridge
        self.tell(channel, EnteredBridge(channel=channel.id, bridge=bridge))

    def leave_bridge(self, channel: SimulatedChannel) -> None:
        """Take it out, if it is in one."""
        bridge, channel.bridge = channel.bridge, None
        if bridge is not None:
            self.tell(channel, LeftBridge(channel=channel.id, bridge=bridge))

    def move(self, channel: SimulatedChannel, process: str) -> None:
        """Into another process's hands. For the one that had a caller, the caller is gone."""
        if channel.application == process:
            return
        if channel.offer is None:
            self.tell(channel, ChannelEnded(channel=channel.id, outcome=LegOutcome.HUNG_UP))
        channel.application = process

    def give_back(self, channel: SimulatedChannel, result: str) -> None:
        """To the dialplan, which ends the call."""
        self.given_back[channel.id] = result
        self.end(channel, LegOutcome.HUNG_UP)

    # --- who hears ----------------------------------------------------------------------------------------------------

    def listen(self, process: str, channel: str, hear: Hear) -> Callable[[], None]:
        """Have this process hear of the channel until the returned function is called."""
        key = (process, channel)
        self._listening.setdefault(key, []).append(hear)

        def stop() -> None:
            left = self._listening.get(key, [])
            if hear in left:
                left.remove(hear)
            if not left:
                self._listening.pop(key, None)

        return stop

    @property
    def listeners(self) -> int:
        """How many channels are listened to."""
        return len(self._listening)

    def tell(self, channel: SimulatedChannel, signal: Signal) -> None:
        """Let the process that has the channel know, after everything that it is to hear before."""
        if channel.application not in self.cut_off:
            self._untold.append((channel.application, signal))
            self.time.after(self._delay_ms, self._tell_next)

    def tell_all(self) -> None:
        """Have everything heard that has happened."""
        while self._untold:
            self._tell_next()

    def _tell_next(self) -> None:
        if self._untold:
            process, signal = self._untold.popleft()
            for hear in tuple(self._listening.get((process, signal.channel), ())):
                hear(signal)
