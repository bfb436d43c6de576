"""Asterisk's data, as it appears in answers and events.

Written by `python -m stasis_app.ari.generator`: change that, not this.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "AdditionalParam",
    "Application",
    "AsteriskInfo",
    "AsteriskPing",
    "Bridge",
    "BuildInfo",
    "CallerID",
    "Channel",
    "ConfigInfo",
    "ConfigTuple",
    "ContactInfo",
    "DeviceState",
    "Dialed",
    "DialplanCEP",
    "Endpoint",
    "FormatLangPair",
    "LiveRecording",
    "LogChannel",
    "Mailbox",
    "Module",
    "Peer",
    "Playback",
    "RESTHeader",
    "RESTQueryStringParameter",
    "RESTRequest",
    "RTPstat",
    "ReferTo",
    "ReferredBy",
    "RequiredDestination",
    "SetId",
    "Sound",
    "StatusInfo",
    "StoredRecording",
    "SystemInfo",
    "TextMessage",
    "Variable",
    "Variables",
]


class AdditionalParam(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    parameter_name: str = ""
    parameter_value: str = ""


class Application(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    device_names: tuple[str, ...] = ()
    events_allowed: tuple[dict[str, Any], ...] = ()
    events_disallowed: tuple[dict[str, Any], ...] = ()


class BuildInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    os: str = ""
    kernel: str = ""
    options: str = ""
    machine: str = ""
    date: str = ""
    user: str = ""


class SystemInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    version: str = ""
    entity_id: str = ""


class SetId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    user: str = ""
    group: str = ""


class ConfigInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    default_language: str = ""
    max_channels: int | None = None
    max_open_files: int | None = None
    max_load: float | None = None
    setid: SetId = msgspec.field(default_factory=SetId)


class StatusInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    startup_time: str = ""
    last_reload_time: str = ""


class AsteriskInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    build: BuildInfo | None = None
    system: SystemInfo | None = None
    config: ConfigInfo | None = None
    status: StatusInfo | None = None


class AsteriskPing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    asterisk_id: str = ""
    ping: str = ""
    timestamp: str = ""


class Bridge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    technology: str = ""
    bridge_type: str = ""
    bridge_class: str = ""
    creator: str = ""
    name: str = ""
    channels: tuple[str, ...] = ()
    video_mode: str | None = None
    video_source_id: str | None = None
    creationtime: str = ""
    bridgevars: dict[str, Any] = msgspec.field(default_factory=dict)


class CallerID(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    number: str = ""


class DialplanCEP(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""


class Channel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    protocol_id: str = ""
    name: str = ""
    state: str = ""
    caller: CallerID = msgspec.field(default_factory=CallerID)
    connected: CallerID = msgspec.field(default_factory=CallerID)
    accountcode: str = ""
    dialplan: DialplanCEP = msgspec.field(default_factory=DialplanCEP)
    creationtime: str = ""
    language: str = ""
    channelvars: dict[str, Any] = msgspec.field(default_factory=dict)
    caller_rdnis: str | None = None
    tenantid: str | None = None


class ConfigTuple(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    attribute: str = ""
    value: str = ""


class ContactInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    uri: str = ""
    contact_status: str = ""
    aor: str = ""
    roundtrip_usec: str | None = None


class DeviceState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    state: str = ""


class Dialed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    pass


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    technology: str = ""
    resource: str = ""
    state: str | None = None
    channel_ids: tuple[str, ...] = ()


class FormatLangPair(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    language: str = ""
    format: str = ""


class LiveRecording(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str | None = None


class LogChannel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    channel: str = ""
    type: str = ""
    status: str = ""
    configuration: str = ""


class Mailbox(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    old_messages: int = 0
    new_messages: int = 0


class Module(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    description: str = ""
    use_count: int = 0
    status: str = ""
    support_level: str = ""


class Peer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    peer_status: str = ""
    cause: str | None = None
    address: str | None = None
    port: str | None = None
    time: str | None = None


class Playback(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    media_uri: str = ""
    next_media_uri: str | None = None
    target_uri: str = ""
    language: str | None = None
    state: str = ""


class RESTHeader(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    value: str = ""


class RESTQueryStringParameter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    value: str = ""


class RESTRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    type: str = ""
    transaction_id: str = ""
    request_id: str = ""
    method: str = ""
    uri: str = ""
    content_type: str | None = None
    query_strings: tuple[RESTQueryStringParameter, ...] = ()
    message_body: str | None = None


class RTPstat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    txcount: int = 0
    rxcount: int = 0
    txjitter: float | None = None
    rxjitter: float | None = None
    remote_maxjitter: float | None = None
    remote_minjitter: float | None = None
    remote_normdevjitter: float | None = None
    remote_stdevjitter: float | None = None
    local_maxjitter: float | None = None
    local_minjitter: float | None = None
    local_normdevjitter: float | None = None
    local_stdevjitter: float | None = None
    txploss: int = 0
    rxploss: int = 0
    remote_maxrxploss: float | None = None
    remote_minrxploss: float | None = None
    remote_normdevrxploss: float | None = None
    remote_stdevrxploss: float | None = None
    local_maxrxploss: float | None = None
    local_minrxploss: float | None = None
    local_normdevrxploss: float | None = None
    local_stdevrxploss: float | None = None
    rtt: float | None = None
    maxrtt: float | None = None
    minrtt: float | None = None
    normdevrtt: float | None = None
    stdevrtt: float | None = None
    local_ssrc: int = 0
    remote_ssrc: int = 0
    txoctetcount: int = 0
    rxoctetcount: int = 0
    channel_uniqueid: str = ""


class RequiredDestination(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    protocol_id: str | None = None
    destination: str | None = None
    additional_protocol_params: tuple[AdditionalParam, ...] = ()


class ReferTo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    requested_destination: RequiredDestination = msgspec.field(default_factory=RequiredDestination)
    destination_channel: Channel | None = None
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class ReferredBy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    source_channel: Channel
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class Sound(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    text: str | None = None
    formats: tuple[FormatLangPair, ...] = ()


class StoredRecording(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str = ""
    format: str = ""


class TextMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    from_: str = msgspec.field(name="from", default="")
    to: str = ""
    body: str = ""
    variables: dict[str, Any] = msgspec.field(default_factory=dict)


class Variable(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    value: str = ""


class Variables(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    variables: dict[str, Any] = msgspec.field(default_factory=dict)
