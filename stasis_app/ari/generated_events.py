"""What Asterisk tells an application, one class a message.

Written by `python -m stasis_app.ari.generator`: change that, not this.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stasis_app.ari.generated_models import (
    Bridge,
    Channel,
    ContactInfo,
    DeviceState,
    Endpoint,
    LiveRecording,
    Peer,
    Playback,
    ReferredBy,
    ReferTo,
    TextMessage,
)
from stasis_app.ari.reception import Received

__all__ = [
    "MESSAGES",
    "Message",
    "Event",
    "MissingParams",
    "ApplicationMoveFailed",
    "ApplicationRegistered",
    "ApplicationReplaced",
    "ApplicationUnregistered",
    "BridgeAttendedTransfer",
    "BridgeBlindTransfer",
    "BridgeCreated",
    "BridgeDestroyed",
    "BridgeMerged",
    "BridgeVideoSourceChanged",
    "CallBroadcast",
    "CallClaimed",
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelCreated",
    "ChannelDestroyed",
    "ChannelDialplan",
    "ChannelDtmfReceived",
    "ChannelEnteredBridge",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelLeftBridge",
    "ChannelStateChange",
    "ChannelTalkingFinished",
    "ChannelTalkingStarted",
    "ChannelToneDetected",
    "ChannelTransfer",
    "ChannelUnhold",
    "ChannelUserevent",
    "ChannelVarset",
    "ContactStatusChange",
    "DeviceStateChanged",
    "Dial",
    "EndpointStateChange",
    "PeerStatusChange",
    "PlaybackContinuing",
    "PlaybackFinished",
    "PlaybackStarted",
    "RESTResponse",
    "RecordingFailed",
    "RecordingFinished",
    "RecordingStarted",
    "StasisEnd",
    "StasisStart",
    "TextMessageReceived",
]


class Message(Received, frozen=True, kw_only=True, gc=False, tag_field="type", tag=True):
    asterisk_id: str | None = None


class Event(Message, frozen=True, kw_only=True, gc=False):
    application: str = ""
    timestamp: str = ""


class MissingParams(Message, frozen=True, kw_only=True, gc=False):
    params: tuple[str, ...] = ()


class ApplicationMoveFailed(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel
    destination: str = ""
    args: tuple[str, ...] = ()


class ApplicationRegistered(Event, frozen=True, kw_only=True, gc=False):
    pass


class ApplicationReplaced(Event, frozen=True, kw_only=True, gc=False):
    pass


class ApplicationUnregistered(Event, frozen=True, kw_only=True, gc=False):
    pass


class BridgeAttendedTransfer(Event, frozen=True, kw_only=True, gc=False):
    transferer_first_leg: Channel
    transferer_second_leg: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    transfer_target: Channel | None = None
    result: str = ""
    is_external: bool = False
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_type: str = ""
    destination_bridge: str | None = None
    destination_application: str | None = None
    destination_link_first_leg: Channel | None = None
    destination_link_second_leg: Channel | None = None
    destination_threeway_channel: Channel | None = None
    destination_threeway_bridge: Bridge | None = None


class BridgeBlindTransfer(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    exten: str = ""
    context: str = ""
    result: str = ""
    is_external: bool = False
    bridge: Bridge | None = None


class BridgeCreated(Event, frozen=True, kw_only=True, gc=False):
    bridge: Bridge


class BridgeDestroyed(Event, frozen=True, kw_only=True, gc=False):
    bridge: Bridge


class BridgeMerged(Event, frozen=True, kw_only=True, gc=False):
    bridge: Bridge
    bridge_from: Bridge


class BridgeVideoSourceChanged(Event, frozen=True, kw_only=True, gc=False):
    bridge: Bridge
    old_video_source_id: str | None = None


class CallBroadcast(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel
    caller: str | None = None
    called: str | None = None


class CallClaimed(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel
    winner_app: str = ""


class ChannelCallerId(Event, frozen=True, kw_only=True, gc=False):
    caller_presentation: int = 0
    caller_presentation_txt: str = ""
    channel: Channel


class ChannelConnectedLine(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel


class ChannelCreated(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel


class ChannelDestroyed(Event, frozen=True, kw_only=True, gc=False):
    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None
    channel: Channel


class ChannelDialplan(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel
    dialplan_app: str = ""
    dialplan_app_data: str = ""


class ChannelDtmfReceived(Event, frozen=True, kw_only=True, gc=False):
    digit: str = ""
    duration_ms: int = 0
    channel: Channel


class ChannelEnteredBridge(Event, frozen=True, kw_only=True, gc=False):
    bridge: Bridge
    channel: Channel | None = None


class ChannelHangupRequest(Event, frozen=True, kw_only=True, gc=False):
    cause: int | None = None
    tech_cause: int | None = None
    soft: bool | None = None
    channel: Channel


class ChannelHold(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel
    musicclass: str | None = None


class ChannelLeftBridge(Event, frozen=True, kw_only=True, gc=False):
    bridge: Bridge
    channel: Channel


class ChannelStateChange(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel


class ChannelTalkingFinished(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel
    duration: int = 0


class ChannelTalkingStarted(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel


class ChannelToneDetected(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel


class ChannelTransfer(Event, frozen=True, kw_only=True, gc=False):
    state: str | None = None
    refer_to: ReferTo = msgspec.field(default_factory=ReferTo)
    referred_by: ReferredBy


class ChannelUnhold(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel


class ChannelUserevent(Event, frozen=True, kw_only=True, gc=False):
    eventname: str = ""
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: dict[str, Any] = msgspec.field(default_factory=dict)


class ChannelVarset(Event, frozen=True, kw_only=True, gc=False):
    variable: str = ""
    value: str = ""
    channel: Channel | None = None


class ContactStatusChange(Event, frozen=True, kw_only=True, gc=False):
    endpoint: Endpoint = msgspec.field(default_factory=Endpoint)
    contact_info: ContactInfo = msgspec.field(default_factory=ContactInfo)


class DeviceStateChanged(Event, frozen=True, kw_only=True, gc=False):
    device_state: DeviceState = msgspec.field(default_factory=DeviceState)


class Dial(Event, frozen=True, kw_only=True, gc=False):
    caller: Channel | None = None
    peer: Channel
    forward: str | None = None
    forwarded: Channel | None = None
    dialstring: str | None = None
    dialstatus: str = ""


class EndpointStateChange(Event, frozen=True, kw_only=True, gc=False):
    endpoint: Endpoint = msgspec.field(default_factory=Endpoint)


class PeerStatusChange(Event, frozen=True, kw_only=True, gc=False):
    endpoint: Endpoint = msgspec.field(default_factory=Endpoint)
    peer: Peer = msgspec.field(default_factory=Peer)


class PlaybackContinuing(Event, frozen=True, kw_only=True, gc=False):
    playback: Playback


class PlaybackFinished(Event, frozen=True, kw_only=True, gc=False):
    playback: Playback


class PlaybackStarted(Event, frozen=True, kw_only=True, gc=False):
    playback: Playback


class RESTResponse(Event, frozen=True, kw_only=True, gc=False):
    transaction_id: str = ""
    request_id: str = ""
    status_code: int = 0
    reason_phrase: str = ""
    uri: str = ""
    content_type: str | None = None
    message_body: str | None = None


class RecordingFailed(Event, frozen=True, kw_only=True, gc=False):
    recording: LiveRecording = msgspec.field(default_factory=LiveRecording)


class RecordingFinished(Event, frozen=True, kw_only=True, gc=False):
    recording: LiveRecording = msgspec.field(default_factory=LiveRecording)


class RecordingStarted(Event, frozen=True, kw_only=True, gc=False):
    recording: LiveRecording = msgspec.field(default_factory=LiveRecording)


class StasisEnd(Event, frozen=True, kw_only=True, gc=False):
    channel: Channel


class StasisStart(Event, frozen=True, kw_only=True, gc=False):
    args: tuple[str, ...] = ()
    channel: Channel
    replace_channel: Channel | None = None


class TextMessageReceived(Event, frozen=True, kw_only=True, gc=False):
    message: TextMessage = msgspec.field(default_factory=TextMessage)
    endpoint: Endpoint | None = None


MESSAGES: Final[tuple[type[Message], ...]] = (
    MissingParams,
    ApplicationMoveFailed,
    ApplicationRegistered,
    ApplicationReplaced,
    ApplicationUnregistered,
    BridgeAttendedTransfer,
    BridgeBlindTransfer,
    BridgeCreated,
    BridgeDestroyed,
    BridgeMerged,
    BridgeVideoSourceChanged,
    CallBroadcast,
    CallClaimed,
    ChannelCallerId,
    ChannelConnectedLine,
    ChannelCreated,
    ChannelDestroyed,
    ChannelDialplan,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelHangupRequest,
    ChannelHold,
    ChannelLeftBridge,
    ChannelStateChange,
    ChannelTalkingFinished,
    ChannelTalkingStarted,
    ChannelToneDetected,
    ChannelTransfer,
    ChannelUnhold,
    ChannelUserevent,
    ChannelVarset,
    ContactStatusChange,
    DeviceStateChanged,
    Dial,
    EndpointStateChange,
    PeerStatusChange,
    PlaybackContinuing,
    PlaybackFinished,
    PlaybackStarted,
    RESTResponse,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    StasisEnd,
    StasisStart,
    TextMessageReceived,
)
