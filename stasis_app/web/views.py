"""What clients are shown, always the same whoever asks for it. Times are the store's milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class View(msgspec.Struct, frozen=True):
    """The root of everything that is shown."""


class SessionView(View, frozen=True, kw_only=True):
    """Who is logged in."""

    name: str
    role: str
    agent: str | None
    """The agent that this person is; None: there is no desk."""
    shown_as: str


class AgentView(View, frozen=True, kw_only=True):
    """One agent: the configured person and the live record."""

    id: str
    name: str
    status: str
    break_reason: str | None
    status_since: int
    activity: str
    activity_since: int
    reachable: bool
    node: str | None
    idle_since: int
    cool_until: int
    wrap_up_until: int | None
    call: str | None
    offer: str | None
    answered: int
    missed: int
    talk_ms: int
    queues: Mapping[str, int]
    skills: Mapping[str, int]
    phone: str
    """``pushed`` (the browser), ``endpoint`` or ``dial``."""


class StepView(View, frozen=True, kw_only=True):
    """How a caller's requirement relaxes: one step of the queue."""

    after_s: float | None
    """Counts from this wait on; None: ``when`` decides."""
    when: str
    """The live figure and its marks, or empty."""
    does: str
    """In words."""
    counts: bool
    """Whether it counts for this call now."""


class CallView(View, frozen=True, kw_only=True):
    """One caller's call."""

    id: str
    queue: str
    queue_title: str
    state: str
    state_since: int
    caller_number: str
    caller_name: str
    called_number: str
    attributes: Mapping[str, str]
    arrived_at: int
    queued_at: int
    first_offered_at: int | None
    connected_at: int | None
    ended_at: int | None
    end_reason: str | None
    ended_by: str | None
    agent: str | None
    offer: str | None
    bridge: str
    rounds: int = 0
    priority: float = 0.0
    requires: str = ""
    """What the call itself asks for: an expression on skills."""
    prefers: str = ""
    preferred_agent: str | None = None
    preferred_for_s: float | None = None
    """None with a preferred agent: the call is for that agent alone."""
    asks_for: str | None = None
    """What an agent has to meet by now: queue's and call's requirement, relaxed by the steps that count. Only where one
    asks for calls, as the next; it changes with time alone."""
    steps: tuple[StepView, ...] = ()
    offered_to: tuple[str, ...] = ()
    """Agents whose phones ring for it now; shown to supervisors only, as are the next two."""
    node: str = ""
    owner: str = ""


class OfferView(View, frozen=True, kw_only=True):
    """One offer: this agent's phone rings for that call."""

    id: str
    call: str
    agent: str
    queue: str
    state: str
    round: int
    made_at: int
    dialled_at: int | None
    ring_until: int
    """When the phone stops ringing, if nobody answers."""
    accepted_at: int | None
    connected_at: int | None
    ended_at: int | None
    outcome: str | None
    latency_ms: int | None
    why: str


class QueueView(View, frozen=True, kw_only=True):
    """One queue at a glance."""

    name: str
    title: str
    numbers: tuple[str, ...]
    strategy: str
    waiting: int
    longest_wait_ms: int
    talking: int
    agents: int
    """Agents who take its calls and are logged in."""
    available: int
    """Of those, how many could be offered a call now."""
    on_break: int
    at: int


class DeskView(View, frozen=True, kw_only=True):
    """All that an agent's own page shows."""

    at: int
    agent: AgentView
    offer: OfferView | None
    call: CallView | None


class IceServerView(View, frozen=True, kw_only=True, omit_defaults=True):
    """As ``RTCIceServer`` takes it."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


class PhoneView(View, frozen=True, kw_only=True):
    """How the agent's calls ring: what a browser registers with, or where the phone stands."""

    kind: str
    target: str
    """``TECHNOLOGY/resource`` of a phone that is not the browser."""
    registration: RegistrationView | None
    """None: nothing registers in the browser, or Asterisk does not know the phone yet (kind ``pushed``)."""
    ice_servers: tuple[IceServerView, ...]
    auto_answer: bool


class RegistrationView(View, frozen=True, kw_only=True):
    """What the browser's phone registers with."""

    identity: str
    secret: str
    sip_domain: str
    websocket_url: str
    node: str
    display_name: str


class ExplanationView(View, frozen=True, kw_only=True):
    """Why a call waits, or why an agent gets none."""

    subject: str
    sentences: tuple[str, ...]
    reasons: Mapping[str, int]
    candidates: tuple[str, ...]


class PastCallView(View, frozen=True, kw_only=True):
    """A call that ended."""

    id: str
    queue: str
    queue_title: str
    caller_number: str
    caller_name: str
    arrived_at: int
    queued_at: int
    connected_at: int | None
    ended_at: int
    end_reason: str
    ended_by: str
    agent: str | None
    waited_ms: int
    talked_ms: int
    rounds: int


class PastLegView(View, frozen=True, kw_only=True):
    """One channel of a call that ended."""

    channel: str
    role: str
    node: str
    agent: str | None
    started_at: int
    answered_at: int | None
    ended_at: int
    cause: int | None
    sip_code: int | None


class PastOfferView(View, frozen=True, kw_only=True):
    """One offer of a call that ended."""

    id: str
    agent: str
    round: int
    made_at: int
    dialled_at: int | None
    accepted_at: int | None
    ended_at: int | None
    outcome: str | None
    latency_ms: int | None
    why: str


class PastCallDetailView(View, frozen=True, kw_only=True):
    """A call that ended, with everything that was done for it."""

    call: PastCallView
    legs: tuple[PastLegView, ...]
    offers: tuple[PastOfferView, ...]


class ConfigurationView(View, frozen=True, kw_only=True):
    """The version in force, as text that can be edited and applied again."""

    version: int
    toml: str


class VersionView(View, frozen=True, kw_only=True):
    """One version of the configuration."""

    version: int
    author: str
    applied_at: int


class RemarkView(View, frozen=True, kw_only=True):
    """Something in a configuration that is allowed and yet can hardly be meant."""

    place: str
    sentence: str
    remedy: str


class AppliedView(View, frozen=True, kw_only=True):
    """The version that is in force now, and what deserves a second look in it."""

    version: int
    remarks: tuple[RemarkView, ...]


class PlanView(View, frozen=True, kw_only=True):
    """What applying a file would change, a line each, and what deserves a second look in it."""

    version: int
    """The version in force, from which the changes are told."""
    changes: tuple[str, ...]
    remarks: tuple[RemarkView, ...]


class UserView(View, frozen=True, kw_only=True):
    """One user."""

    name: str
    role: str
    agent: str | None


class HealthView(View, frozen=True, kw_only=True):
    """Whether calls can be served now."""

    ready: bool
    checks: Mapping[str, str]
    """Each part: empty if it works, else one sentence."""
    version: str
