"""What the orchestration needs of the world, in the domain's words; adapters and simulators implement exactly this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from acd.agent import Agent, AgentProfile, AgentStatus
from acd.call import Call, EndedBy, EndReason
from acd.events import AlertKind, AnyEvent, Leg
from acd.offer import Offer, OfferOutcome
from acd.skills import Requirement

# --- the store -------------------------------------------------------------------------------------------------------


class Refusal(StrEnum):
    """Why the store did not make a transition. Each is an expected race, not an error."""

    UNKNOWN = "unknown"
    """No such call, offer or agent (any more)."""
    NOT_OWNER = "not_owner"
    """Another process drives this call now: leave it alone."""
    WRONG_STATE = "wrong_state"
    """The table has no such step from the state found: something else was first."""
    STALE_FENCE = "stale_fence"
    """The offer's number is not the one that holds the agent."""
    LEASE_OVER = "lease_over"
    """The reservation ended before this."""
    NOBODY_FREE = "nobody_free"
    """None of the proposed agents is free."""
    ROUND_FULL = "round_full"
    """The call has as many offers out as it may."""
    NOT_DUE = "not_due"
    """A deadline was moved meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A transition that was not made; nothing was changed."""

    why: Refusal
    beaten_by: str = ""
    """Id of the latest event that changed the record which refused; empty if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRef:
    """An offer together with what proves that the holder may still act on it."""

    id: str
    fence: int
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What the distributor asks the store to claim for one call."""

    call: str
    agents: Sequence[str]
    """Best first; the first that are still free are taken."""
    width: int = 1
    """How many offers the call may have out at once."""
    lease_ms: int
    """How long the reservation holds if nobody ends it: dial time-out and a margin."""
    possible_since: int = 0
    """When the pair became possible, where that was after both were free: a step began to count, a round was widened,
    a cap opened. The offer latency counts from then."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All live state at one instant; the stream goes on after ``position``."""

    agents: Mapping[str, Agent]
    calls: Mapping[str, Call]
    offers: Mapping[str, Offer]
    position: str
    """Id of the last event that is in this snapshot; empty if the stream is empty."""
    at: int
    epoch: str
    configuration_version: int = 0
    steps_on: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Per queue the steps that count because of a live figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChange:
    """What a command changes of a waiting call; None leaves it."""

    priority: float | None = None
    queue: str | None = None
    keep_wait: bool = True
    """Whether the wait so far is carried over into the other queue."""
    requires: Requirement | None = None
    prefers: Requirement | None = None
    preferred_agent: str | None = None
    """The empty string takes the preference away."""
    preferred_for_s: float | None = None


class DeadlineKind(StrEnum):
    """What is due when nobody has done it before."""

    OFFER_LEASE = "offer_lease"
    WRAP_UP = "wrap_up"
    ACCEPTED_LEASE = "accepted_lease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One entry of the pool's agenda."""

    at: int
    kind: DeadlineKind
    subject: str
    """Offer id, or agent id for wrap-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The life of the store's contents: it begins anew whenever the store was restarted or emptied."""

    id: str
    ready: bool
    """False while the state is being rebuilt: nothing is reserved."""


class Clock(Protocol):
    """The store's clock as this process knows it, without asking."""

    def now(self) -> int:
        """Store's milliseconds, kept by a monotonic clock and an offset."""
        ...


class Store(Protocol):
    """Live state and the event stream of one pool.

    Each transition is atomic: it changes records and appends the event in one step, or changes nothing and answers
    Refused. Any method raises StoreUnavailable if the store does not answer, and StaleEpoch if the store was restarted
    or emptied since ``join`` (then only ``join``, ``begin_epoch`` and ``snapshot`` work until the new epoch is joined).
    """

    # time, epoch, processes
    async def now(self) -> int:
        """The store's clock, milliseconds since 1970."""
        ...

    async def join(self) -> Epoch | None:
        """Look at the store as it is now and adopt its epoch; None if it holds none (new or emptied), or if it was
        restarted since its epoch began, so that its contents may be older than the world."""
        ...

    async def begin_epoch(self, process: str, *, lease_ms: int) -> Epoch | None:
        """Wipe calls, offers and deadlines, keep agents, and begin an epoch that is not ready. One process at a time:
        None if another one is at it and its lease has not ended."""
        ...

    async def restore_agent(self, agent: Agent) -> None:
        """Put an agent's record as it must be, while the epoch is not ready."""
        ...

    async def restore_call(self, call: Call, offer: Offer | None = None) -> None:
        """Put a call's record (and the connected offer) as Asterisk shows it, while the epoch is not ready."""
        ...

    async def open_epoch(self) -> Epoch:
        """The state is rebuilt: EpochBegun, and dispatch may go on."""
        ...

    async def beat(self, process: str, *, lease_ms: int) -> None:
        """This process lives until the lease ends."""
        ...

    async def processes(self) -> Mapping[str, int]:
        """Process name to the end of its lease."""
        ...

    async def leave(self, process: str) -> None:
        """This process ends in order: its lease ends now."""
        ...

    async def lead(self, process: str, *, lease_ms: int) -> bool:
        """Become, or stay, the pool's one distributor; False while another holds the lease."""
        ...

    async def take_over(self, call: str, *, previous: str, by: str) -> Call | Refused:
        """Make ``by`` the owner of a call whose owner's lease has ended (or is ``by`` itself already)."""
        ...

    # calls and offers
    async def enqueue(self, call: Call) -> Call:
        """A caller waits. ``queued_at`` 0 means now. Known already: the record as it is, no event."""
        ...

    async def reserve(self, reservation: Reservation) -> Sequence[Offer] | Refused:
        """Claim the first free agents for the call, up to its width, each with a fence, a lease and a deadline."""
        ...

    async def ring(self, offer: OfferRef) -> Offer | Refused:
        """The phone is about to be dialled: from here the leg may exist. Checks lease and fence."""
        ...

    async def accept(self, offer: OfferRef, *, lease_ms: int) -> Offer | Refused:
        """The agent answered. One offer of a call wins; the lease is moved to now + lease_ms for the bridging."""
        ...

    async def connect(self, offer: OfferRef) -> Offer | Refused:
        """Both legs were seen in the bridge. The agent talks; the call's other offers end as answered elsewhere."""
        ...

    async def end_offer(
        self,
        offer: OfferRef,
        outcome: OfferOutcome,
        *,
        cool_off_ms: int = 0,
        break_after: int = 0,
        sip_code: int | None = None,
    ) -> Offer | Refused:
        """An offer came to nothing: the agent is freed, the call goes back, keeping its place. An agent who has missed
        ``break_after`` offers in a row by now (0: never) goes on break, reason ``missed_calls``."""
        ...

    async def end_call(
        self, call: str, reason: EndReason, *, owner: str, by: EndedBy, wrap_up_ms: int = 0
    ) -> Call | Refused:
        """The call leaves. Offers that are out end as caller_left; a talking agent goes to wrap-up. Only a call that
        waits can be withdrawn: WRONG_STATE for another one, as an agent may just have answered."""
        ...

    async def end_lost(self, call: Call) -> Call | Refused:
        """Book the end of a call that the store lost with an epoch, and that was over when it came back: CallEnded with
        this record, which says why it ended, by whom, and with whom it talked. Once; WRONG_STATE if it is there."""
        ...

    async def requeue(self, call: str, *, owner: str) -> Call | Refused:
        """A connected caller waits again with the first ``queued_at``; the agent is freed into no wrap-up."""
        ...

    async def change_call(self, call: str, change: CallChange) -> Call | Refused:
        """Change a waiting call: CallChanged, also to its owner. A call that rings a phone keeps its queue: WRONG_STATE
        for one that is to move then, or that does not wait any more."""
        ...

    async def switch_step(self, queue: str, step: int, *, on: bool, version: int) -> bool:
        """Commit that a step counts by its live figure (no more): StepSwitched. False, and nothing is written, if it
        is so already or another version of the configuration was announced. A new version begins with none."""
        ...

    async def legs_ended(self, *legs: Leg) -> None:
        """Write LegEnded for each, for history."""
        ...

    # agents
    async def set_status(self, agent: str, status: AgentStatus, *, reason: str | None = None) -> Agent | Refused:
        """What the person asked for. Leaving ready rescinds an offer that is not accepted yet."""
        ...

    async def set_reachable(self, agent: str, *, reachable: bool, node: str) -> Agent | Refused:
        """The phone is (not) registered on this node. No event when nothing changed. An unreachable on another node
        than the one on which the phone is reachable changes nothing."""
        ...

    async def end_wrap_up(self, agent: str, *, by: str) -> Agent | Refused:
        """The agent is done: ``by`` is ``agent``, or ``time`` (refused as NOT_DUE before its deadline)."""
        ...

    async def expire_offer(self, offer: str) -> Offer | Refused:
        """End an offer whose lease is over; NOT_DUE before that."""
        ...

    async def configure_agents(self, agents: Sequence[str], *, version: int) -> None:
        """Announce a configuration: make records for new agents, remove idle ones that are gone (others when they
        become idle), and write ConfigurationAnnounced. Announcing a version twice is harmless."""
        ...

    async def raise_alert(self, alert: AlertKind, text: str) -> None:
        """Write AlertRaised."""
        ...

    # reading
    async def snapshot(self) -> Snapshot:
        """Everything at one instant."""
        ...

    async def call(self, call: str) -> Call | None:
        """One live call's record."""
        ...

    async def agent(self, agent: str) -> Agent | None:
        """One agent's record."""
        ...

    async def ended(self, call: str) -> Call | None:
        """The record with which a call ended in this epoch, for ten minutes: whoever finds its channel still there
        carries the end out, and nobody takes the call for one that the store has lost. Ask ``call`` first."""
        ...

    async def offer(self, offer: str) -> Offer | None:
        """One live offer's record."""
        ...

    def events(self, after: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The stream from after this id, in batches as they come, for ever. Raises StaleEpoch at an epoch's end."""
        ...

    def inbox(self, process: str) -> AsyncIterator[Sequence[AnyEvent]]:
        """The events that this process must act on: OfferMade, OfferEnded, CallEnded, CallTakenOver of calls that it
        owns, by whomever they are committed. The first batch is empty: from there on nothing is missed."""
        ...

    async def deadlines(self, limit: int = 100) -> Sequence[Deadline]:
        """The earliest entries of the agenda, due or not, earliest first."""
        ...

    # the stream's other end
    async def read_events(self, after: str, limit: int) -> Sequence[AnyEvent]:
        """A batch without waiting: history's fold reads at its own pace."""
        ...

    async def consumed(self, consumer: str, position: str) -> None:
        """This consumer has kept everything up to here: the stream may be trimmed to the slowest."""
        ...


# --- calls on the switch ---------------------------------------------------------------------------------------------


class LegOutcome(StrEnum):
    """Why an agent's leg ended before it was answered, judged by cause."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    HUNG_UP = "hung_up"
    """It was answered before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegCreated:
    """The agent's leg of this offer exists: what is heard of its channel before belongs to an earlier leg."""

    channel: str
    offer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRinging:
    """The phone says that it rings."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered:
    """The agent picked up."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEnded:
    """A channel is gone, or left our hands."""

    channel: str
    outcome: LegOutcome
    cause: int | None = None
    sip_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredBridge:
    """Seen in the bridge: the only proof of having joined."""

    channel: str
    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBridge:
    """No longer in the bridge."""

    channel: str
    bridge: str


Signal: TypeAlias = LegCreated | LegRinging | LegAnswered | ChannelEnded | EnteredBridge | LeftBridge


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChannel:
    """A channel as the switch shows it now."""

    channel: str
    application: str
    """The ACD process in whose hands it is; empty if in nobody's."""
    answered: bool
    dialled: bool = True
    """False for a leg that was made and never called."""
    agent: str | None = None
    """Whose leg it is; None for callers."""
    bridge: str | None = None
    offer: str | None = None
    """The offer that the leg was made for; None for callers."""
    request: Call | None = None
    """A caller's record as ``write_request`` left it, or as the dialplan's words say if it was not written yet; None
    for agents' legs."""


class Calls(Protocol):
    """Call control on one Asterisk. Every act is idempotent where a retry after a crash could repeat it.

    Raises PhoneUnreachable and LegInTheWay from ``create_leg``, SwitchRefused from acts on channels that are gone.
    """

    node: str

    @property
    def life(self) -> str:
        """Which life of the switch this is, as of the last look at it: another one when it was started anew, and every
        channel of the lives before is gone."""
        ...

    def listen(self, channel: str, hear: Callable[[Signal], None]) -> Callable[[], None]:
        """Hear of this channel from now on, in order, until the returned function is called. A channel may be listened
        to before the act that makes it; ``hear`` is called from the event loop and must return at once."""
        ...

    async def answer(self, channel: str) -> None:
        """Pick up the caller."""
        ...

    async def write_request(self, call: Call) -> None:
        """Leave the call's record on the caller's channel, so that the line can be rebuilt from Asterisk alone."""
        ...

    async def start_music(self, channel: str, music_class: str) -> None: ...

    async def stop_music(self, channel: str) -> None: ...

    async def create_leg(self, offer: Offer, call: Call, agent: AgentProfile) -> None:
        """Make the agent's leg without calling the phone yet, and wait until it can be dialled. LegInTheWay while an
        earlier leg of this agent is there: it is ended by nobody who has not asked the store again (``make_way``)."""
        ...

    async def make_way(self, offer: Offer, made_for: str | None) -> None:
        """End the leg that is in the way of this offer's, if it still is the one made for ``made_for``, and wait until
        its end was heard of. SwitchRefused for a leg of this very offer, which another process has made since it took
        the call over. Whoever asks for this has just had the reservation confirmed by the store."""
        ...

    async def dial_leg(self, offer: Offer, call: Call, *, timeout_s: int) -> None:
        """Call the phone; Asterisk ends it after the time-out by itself."""
        ...

    async def join(self, call: Call, leg: str) -> None:
        """Stop the music and put both legs in the call's bridge. EnteredBridge of both is the proof: one that was there
        already leaves and enters again."""
        ...

    async def hang_up(self, channel: str, *, offer: str | None = None, answered_elsewhere: bool = False) -> None:
        """End a channel; one that is gone is fine. The agent's next leg has the same id: with ``offer``, only the leg
        that was made for it is ended."""
        ...

    async def destroy_bridge(self, bridge: str) -> None:
        """Remove a call's bridge; one that is gone is fine."""
        ...

    async def leave(self, channel: str, result: str) -> None:
        """Give the caller back to the dialplan with ACD_RESULT set."""
        ...

    async def give_to_fallback(self, channel: str, result: str) -> None:
        """Give the caller to the dialplan's net, which serves callers without us; one that is gone is fine."""
        ...

    async def look_at(self, channel: str) -> FoundChannel | None:
        """The channel now; None if it is gone. Waits while the switch is away."""
        ...

    async def survey(self) -> Sequence[FoundChannel]:
        """Every channel in the hands of any ACD process on this node, agents' legs included. Waits while the switch
        is away."""
        ...

    async def bridges(self) -> Mapping[str, str]:
        """The calls' bridges that are there: id to the ACD process that made it. Waits while the switch is away."""
        ...

    async def adopt(self, channel: str) -> None:
        """Move a channel that another process's application held into ours."""
        ...


class SwitchRefused(Exception):
    """The switch refused an act on a channel or bridge; mostly because it is gone."""


class LegInTheWay(SwitchRefused):
    """The agent's earlier leg is still there. It may be a leftover, or of one who holds the agent by now."""

    def __init__(self, leg: str, made_for: str | None) -> None:
        super().__init__(f"{leg} is there already, made for {made_for or 'nobody knows what'}")
        self.made_for = made_for
        """The offer that it was made for; None if it is gone by now."""


# --- agents' phones --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCredentials:
    """What a browser needs to register."""

    identity: str
    """SIP user."""
    secret: str = field(repr=False)
    node: str
    websocket_url: str
    sip_domain: str


class Phones(Protocol):
    """Agents' phones on one Asterisk."""

    node: str

    async def push(self, agents: Mapping[str, str]) -> None:
        """Make the pushed identities on this Asterisk exactly these: agent id to secret. Ones that are gone lose
        contact, call and registration."""
        ...
