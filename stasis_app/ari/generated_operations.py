"""Every operation of Asterisk's REST interface, typed.

Written by `python -m stasis_app.ari.generator`: change that, not this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stasis_app.ari.generated_models import (
    Application,
    AsteriskInfo,
    AsteriskPing,
    Bridge,
    Channel,
    ConfigTuple,
    DeviceState,
    Endpoint,
    LiveRecording,
    LogChannel,
    Mailbox,
    Module,
    Playback,
    RTPstat,
    Sound,
    StoredRecording,
    Variable,
    Variables,
)
from stasis_app.ari.operation import Operation, Resource, Sender

__all__ = [
    "Operations",
    "Applications",
    "Asterisk",
    "Bridges",
    "Channels",
    "DeviceStates",
    "Endpoints",
    "Events",
    "Mailboxes",
    "Playbacks",
    "Recordings",
    "Sounds",
]


_APPLICATIONS_LIST: Final[Operation[tuple[Application, ...]]] = Operation(
    "applications.list",
    "GET",
    "applications",
    tuple[Application, ...],
    http_only=True,
)

_APPLICATIONS_GET: Final[Operation[Application]] = Operation(
    "applications.get",
    "GET",
    "applications/{}",
    Application,
    http_only=True,
)

_APPLICATIONS_SUBSCRIBE: Final[Operation[Application]] = Operation(
    "applications.subscribe",
    "POST",
    "applications/{}/subscription",
    Application,
    http_only=True,
)

_APPLICATIONS_UNSUBSCRIBE: Final[Operation[Application]] = Operation(
    "applications.unsubscribe",
    "DELETE",
    "applications/{}/subscription",
    Application,
    http_only=True,
)

_APPLICATIONS_FILTER: Final[Operation[Application]] = Operation(
    "applications.filter",
    "PUT",
    "applications/{}/eventFilter",
    Application,
    http_only=True,
    body="whole",
)


class Applications(Resource):
    async def list(self) -> tuple[Application, ...]:
        return await self._send(
            _APPLICATIONS_LIST,
            (),
            {},
        )

    async def get(
        self,
        *,
        applicationName: str,
    ) -> Application:
        return await self._send(
            _APPLICATIONS_GET,
            (applicationName,),
            {},
        )

    async def subscribe(
        self,
        *,
        applicationName: str,
        eventSource: Sequence[str],
    ) -> Application:
        return await self._send(
            _APPLICATIONS_SUBSCRIBE,
            (applicationName,),
            {
                "eventSource": eventSource,
            },
        )

    async def unsubscribe(
        self,
        *,
        applicationName: str,
        eventSource: Sequence[str],
    ) -> Application:
        return await self._send(
            _APPLICATIONS_UNSUBSCRIBE,
            (applicationName,),
            {
                "eventSource": eventSource,
            },
        )

    async def filter(
        self,
        *,
        applicationName: str,
        filter: Mapping[str, Any] | None = None,
    ) -> Application:
        return await self._send(
            _APPLICATIONS_FILTER,
            (applicationName,),
            {
                "filter": filter,
            },
        )


_ASTERISK_GETOBJECT: Final[Operation[tuple[ConfigTuple, ...]]] = Operation(
    "asterisk.getObject",
    "GET",
    "asterisk/config/dynamic/{}/{}/{}",
    tuple[ConfigTuple, ...],
    http_only=True,
)

_ASTERISK_UPDATEOBJECT: Final[Operation[tuple[ConfigTuple, ...]]] = Operation(
    "asterisk.updateObject",
    "PUT",
    "asterisk/config/dynamic/{}/{}/{}",
    tuple[ConfigTuple, ...],
    http_only=True,
)

_ASTERISK_DELETEOBJECT: Final[Operation[None]] = Operation(
    "asterisk.deleteObject",
    "DELETE",
    "asterisk/config/dynamic/{}/{}/{}",
    type(None),
)

_ASTERISK_GETINFO: Final[Operation[AsteriskInfo]] = Operation(
    "asterisk.getInfo",
    "GET",
    "asterisk/info",
    AsteriskInfo,
)

_ASTERISK_PING: Final[Operation[AsteriskPing]] = Operation(
    "asterisk.ping",
    "GET",
    "asterisk/ping",
    AsteriskPing,
)

_ASTERISK_LISTMODULES: Final[Operation[tuple[Module, ...]]] = Operation(
    "asterisk.listModules",
    "GET",
    "asterisk/modules",
    tuple[Module, ...],
    http_only=True,
)

_ASTERISK_GETMODULE: Final[Operation[Module]] = Operation(
    "asterisk.getModule",
    "GET",
    "asterisk/modules/{}",
    Module,
)

_ASTERISK_LOADMODULE: Final[Operation[None]] = Operation(
    "asterisk.loadModule",
    "POST",
    "asterisk/modules/{}",
    type(None),
)

_ASTERISK_UNLOADMODULE: Final[Operation[None]] = Operation(
    "asterisk.unloadModule",
    "DELETE",
    "asterisk/modules/{}",
    type(None),
)

_ASTERISK_RELOADMODULE: Final[Operation[None]] = Operation(
    "asterisk.reloadModule",
    "PUT",
    "asterisk/modules/{}",
    type(None),
)

_ASTERISK_LISTLOGCHANNELS: Final[Operation[tuple[LogChannel, ...]]] = Operation(
    "asterisk.listLogChannels",
    "GET",
    "asterisk/logging",
    tuple[LogChannel, ...],
    http_only=True,
)

_ASTERISK_ADDLOG: Final[Operation[None]] = Operation(
    "asterisk.addLog",
    "POST",
    "asterisk/logging/{}",
    type(None),
)

_ASTERISK_DELETELOG: Final[Operation[None]] = Operation(
    "asterisk.deleteLog",
    "DELETE",
    "asterisk/logging/{}",
    type(None),
)

_ASTERISK_ROTATELOG: Final[Operation[None]] = Operation(
    "asterisk.rotateLog",
    "PUT",
    "asterisk/logging/{}/rotate",
    type(None),
)

_ASTERISK_GETGLOBALVAR: Final[Operation[Variable]] = Operation(
    "asterisk.getGlobalVar",
    "GET",
    "asterisk/variable",
    Variable,
)

_ASTERISK_SETGLOBALVAR: Final[Operation[None]] = Operation(
    "asterisk.setGlobalVar",
    "POST",
    "asterisk/variable",
    type(None),
)


class Asterisk(Resource):
    async def getObject(
        self,
        *,
        configClass: str,
        objectType: str,
        id: str,
    ) -> tuple[ConfigTuple, ...]:
        return await self._send(
            _ASTERISK_GETOBJECT,
            (configClass, objectType, id),
            {},
        )

    async def updateObject(
        self,
        *,
        configClass: str,
        objectType: str,
        id: str,
        fields: Sequence[Mapping[str, str]] | None = None,
    ) -> tuple[ConfigTuple, ...]:
        return await self._send(
            _ASTERISK_UPDATEOBJECT,
            (configClass, objectType, id),
            {
                "fields": fields,
            },
        )

    async def deleteObject(
        self,
        *,
        configClass: str,
        objectType: str,
        id: str,
    ) -> None:
        return await self._send(
            _ASTERISK_DELETEOBJECT,
            (configClass, objectType, id),
            {},
        )

    async def getInfo(
        self,
        *,
        only: Sequence[str] | None = None,
    ) -> AsteriskInfo:
        return await self._send(
            _ASTERISK_GETINFO,
            (),
            {
                "only": only,
            },
        )

    async def ping(self) -> AsteriskPing:
        return await self._send(
            _ASTERISK_PING,
            (),
            {},
        )

    async def listModules(self) -> tuple[Module, ...]:
        return await self._send(
            _ASTERISK_LISTMODULES,
            (),
            {},
        )

    async def getModule(
        self,
        *,
        moduleName: str,
    ) -> Module:
        return await self._send(
            _ASTERISK_GETMODULE,
            (moduleName,),
            {},
        )

    async def loadModule(
        self,
        *,
        moduleName: str,
    ) -> None:
        return await self._send(
            _ASTERISK_LOADMODULE,
            (moduleName,),
            {},
        )

    async def unloadModule(
        self,
        *,
        moduleName: str,
    ) -> None:
        return await self._send(
            _ASTERISK_UNLOADMODULE,
            (moduleName,),
            {},
        )

    async def reloadModule(
        self,
        *,
        moduleName: str,
    ) -> None:
        return await self._send(
            _ASTERISK_RELOADMODULE,
            (moduleName,),
            {},
        )

    async def listLogChannels(self) -> tuple[LogChannel, ...]:
        return await self._send(
            _ASTERISK_LISTLOGCHANNELS,
            (),
            {},
        )

    async def addLog(
        self,
        *,
        logChannelName: str,
        configuration: str,
    ) -> None:
        return await self._send(
            _ASTERISK_ADDLOG,
            (logChannelName,),
            {
                "configuration": configuration,
            },
        )

    async def deleteLog(
        self,
        *,
        logChannelName: str,
    ) -> None:
        return await self._send(
            _ASTERISK_DELETELOG,
            (logChannelName,),
            {},
        )

    async def rotateLog(
        self,
        *,
        logChannelName: str,
    ) -> None:
        return await self._send(
            _ASTERISK_ROTATELOG,
            (logChannelName,),
            {},
        )

    async def getGlobalVar(
        self,
        *,
        variable: str,
    ) -> Variable:
        return await self._send(
            _ASTERISK_GETGLOBALVAR,
            (),
            {
                "variable": variable,
            },
        )

    async def setGlobalVar(
        self,
        *,
        variable: str,
        value: str | None = None,
    ) -> None:
        return await self._send(
            _ASTERISK_SETGLOBALVAR,
            (),
            {
                "variable": variable,
                "value": value,
            },
        )


_BRIDGES_LIST: Final[Operation[tuple[Bridge, ...]]] = Operation(
    "bridges.list",
    "GET",
    "bridges",
    tuple[Bridge, ...],
    http_only=True,
)

_BRIDGES_CREATE: Final[Operation[Bridge]] = Operation(
    "bridges.create",
    "POST",
    "bridges",
    Bridge,
)

_BRIDGES_CREATEWITHID: Final[Operation[Bridge]] = Operation(
    "bridges.createWithId",
    "POST",
    "bridges/{}",
    Bridge,
)

_BRIDGES_GET: Final[Operation[Bridge]] = Operation(
    "bridges.get",
    "GET",
    "bridges/{}",
    Bridge,
    http_only=True,
)

_BRIDGES_DESTROY: Final[Operation[None]] = Operation(
    "bridges.destroy",
    "DELETE",
    "bridges/{}",
    type(None),
)

_BRIDGES_GETBRIDGEVAR: Final[Operation[Variable]] = Operation(
    "bridges.getBridgeVar",
    "GET",
    "bridges/{}/variable",
    Variable,
)

_BRIDGES_SETBRIDGEVAR: Final[Operation[None]] = Operation(
    "bridges.setBridgeVar",
    "POST",
    "bridges/{}/variable",
    type(None),
)

_BRIDGES_GETBRIDGEVARS: Final[Operation[Variables]] = Operation(
    "bridges.getBridgeVars",
    "GET",
    "bridges/{}/variables",
    Variables,
)

_BRIDGES_SETBRIDGEVARS: Final[Operation[None]] = Operation(
    "bridges.setBridgeVars",
    "POST",
    "bridges/{}/variables",
    type(None),
)

_BRIDGES_ADDCHANNEL: Final[Operation[None]] = Operation(
    "bridges.addChannel",
    "POST",
    "bridges/{}/addChannel",
    type(None),
)

_BRIDGES_REMOVECHANNEL: Final[Operation[None]] = Operation(
    "bridges.removeChannel",
    "POST",
    "bridges/{}/removeChannel",
    type(None),
)

_BRIDGES_SETVIDEOSOURCE: Final[Operation[None]] = Operation(
    "bridges.setVideoSource",
    "POST",
    "bridges/{}/videoSource/{}",
    type(None),
)

_BRIDGES_CLEARVIDEOSOURCE: Final[Operation[None]] = Operation(
    "bridges.clearVideoSource",
    "DELETE",
    "bridges/{}/videoSource",
    type(None),
)

_BRIDGES_STARTMOH: Final[Operation[None]] = Operation(
    "bridges.startMoh",
    "POST",
    "bridges/{}/moh",
    type(None),
)

_BRIDGES_STOPMOH: Final[Operation[None]] = Operation(
    "bridges.stopMoh",
    "DELETE",
    "bridges/{}/moh",
    type(None),
)

_BRIDGES_PLAY: Final[Operation[Playback]] = Operation(
    "bridges.play",
    "POST",
    "bridges/{}/play",
    Playback,
)

_BRIDGES_PLAYWITHID: Final[Operation[Playback]] = Operation(
    "bridges.playWithId",
    "POST",
    "bridges/{}/play/{}",
    Playback,
)

_BRIDGES_RECORD: Final[Operation[LiveRecording]] = Operation(
    "bridges.record",
    "POST",
    "bridges/{}/record",
    LiveRecording,
)


class Bridges(Resource):
    async def list(self) -> tuple[Bridge, ...]:
        return await self._send(
            _BRIDGES_LIST,
            (),
            {},
        )

    async def create(
        self,
        *,
        type: str | None = None,
        bridgeId: str | None = None,
        name: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Bridge:
        return await self._send(
            _BRIDGES_CREATE,
            (),
            {
                "type": type,
                "bridgeId": bridgeId,
                "name": name,
                "variables": variables,
            },
        )

    async def createWithId(
        self,
        *,
        bridgeId: str,
        type: str | None = None,
        name: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Bridge:
        return await self._send(
            _BRIDGES_CREATEWITHID,
            (bridgeId,),
            {
                "type": type,
                "name": name,
                "variables": variables,
            },
        )

    async def get(
        self,
        *,
        bridgeId: str,
    ) -> Bridge:
        return await self._send(
            _BRIDGES_GET,
            (bridgeId,),
            {},
        )

    async def destroy(
        self,
        *,
        bridgeId: str,
    ) -> None:
        return await self._send(
            _BRIDGES_DESTROY,
            (bridgeId,),
            {},
        )

    async def getBridgeVar(
        self,
        *,
        bridgeId: str,
        variable: str,
    ) -> Variable:
        return await self._send(
            _BRIDGES_GETBRIDGEVAR,
            (bridgeId,),
            {
                "variable": variable,
            },
        )

    async def setBridgeVar(
        self,
        *,
        bridgeId: str,
        variable: str,
        value: str | None = None,
        report_events: bool | None = None,
    ) -> None:
        return await self._send(
            _BRIDGES_SETBRIDGEVAR,
            (bridgeId,),
            {
                "variable": variable,
                "value": value,
                "report_events": report_events,
            },
        )

    async def getBridgeVars(
        self,
        *,
        bridgeId: str,
        variables: Sequence[str],
    ) -> Variables:
        return await self._send(
            _BRIDGES_GETBRIDGEVARS,
            (bridgeId,),
            {
                "variables": variables,
            },
        )

    async def setBridgeVars(
        self,
        *,
        bridgeId: str,
        variables: Mapping[str, Any],
    ) -> None:
        return await self._send(
            _BRIDGES_SETBRIDGEVARS,
            (bridgeId,),
            {
                "variables": variables,
            },
        )

    async def addChannel(
        self,
        *,
        bridgeId: str,
        channel: Sequence[str],
        role: str | None = None,
        absorbDTMF: bool | None = None,
        mute: bool | None = None,
        inhibitConnectedLineUpdates: bool | None = None,
    ) -> None:
        return await self._send(
            _BRIDGES_ADDCHANNEL,
            (bridgeId,),
            {
                "channel": channel,
                "role": role,
                "absorbDTMF": absorbDTMF,
                "mute": mute,
                "inhibitConnectedLineUpdates": inhibitConnectedLineUpdates,
            },
        )

    async def removeChannel(
        self,
        *,
        bridgeId: str,
        channel: Sequence[str],
    ) -> None:
        return await self._send(
            _BRIDGES_REMOVECHANNEL,
            (bridgeId,),
            {
                "channel": channel,
            },
        )

    async def setVideoSource(
        self,
        *,
        bridgeId: str,
        channelId: str,
    ) -> None:
        return await self._send(
            _BRIDGES_SETVIDEOSOURCE,
            (bridgeId, channelId),
            {},
        )

    async def clearVideoSource(
        self,
        *,
        bridgeId: str,
    ) -> None:
        return await self._send(
            _BRIDGES_CLEARVIDEOSOURCE,
            (bridgeId,),
            {},
        )

    async def startMoh(
        self,
        *,
        bridgeId: str,
        mohClass: str | None = None,
    ) -> None:
        return await self._send(
            _BRIDGES_STARTMOH,
            (bridgeId,),
            {
                "mohClass": mohClass,
            },
        )

    async def stopMoh(
        self,
        *,
        bridgeId: str,
    ) -> None:
        return await self._send(
            _BRIDGES_STOPMOH,
            (bridgeId,),
            {},
        )

    async def play(
        self,
        *,
        bridgeId: str,
        media: Sequence[str],
        announcer_format: str | None = None,
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        playbackId: str | None = None,
    ) -> Playback:
        return await self._send(
            _BRIDGES_PLAY,
            (bridgeId,),
            {
                "media": media,
                "announcer_format": announcer_format,
                "lang": lang,
                "offsetms": offsetms,
                "skipms": skipms,
                "playbackId": playbackId,
            },
        )

    async def playWithId(
        self,
        *,
        bridgeId: str,
        playbackId: str,
        media: Sequence[str],
        announcer_format: str | None = None,
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
    ) -> Playback:
        return await self._send(
            _BRIDGES_PLAYWITHID,
            (bridgeId, playbackId),
            {
                "media": media,
                "announcer_format": announcer_format,
                "lang": lang,
                "offsetms": offsetms,
                "skipms": skipms,
            },
        )

    async def record(
        self,
        *,
        bridgeId: str,
        name: str,
        format: str,
        recorder_format: str | None = None,
        maxDurationSeconds: int | None = None,
        maxSilenceSeconds: int | None = None,
        ifExists: str | None = None,
        beep: bool | None = None,
        terminateOn: str | None = None,
    ) -> LiveRecording:
        return await self._send(
            _BRIDGES_RECORD,
            (bridgeId,),
            {
                "name": name,
                "format": format,
                "recorder_format": recorder_format,
                "maxDurationSeconds": maxDurationSeconds,
                "maxSilenceSeconds": maxSilenceSeconds,
                "ifExists": ifExists,
                "beep": beep,
                "terminateOn": terminateOn,
            },
        )


_CHANNELS_LIST: Final[Operation[tuple[Channel, ...]]] = Operation(
    "channels.list",
    "GET",
    "channels",
    tuple[Channel, ...],
    http_only=True,
)

_CHANNELS_ORIGINATE: Final[Operation[Channel]] = Operation(
    "channels.originate",
    "POST",
    "channels",
    Channel,
)

_CHANNELS_CREATE: Final[Operation[Channel]] = Operation(
    "channels.create",
    "POST",
    "channels/create",
    Channel,
)

_CHANNELS_GET: Final[Operation[Channel]] = Operation(
    "channels.get",
    "GET",
    "channels/{}",
    Channel,
)

_CHANNELS_ORIGINATEWITHID: Final[Operation[Channel]] = Operation(
    "channels.originateWithId",
    "POST",
    "channels/{}",
    Channel,
)

_CHANNELS_HANGUP: Final[Operation[None]] = Operation(
    "channels.hangup",
    "DELETE",
    "channels/{}",
    type(None),
)

_CHANNELS_CONTINUEINDIALPLAN: Final[Operation[None]] = Operation(
    "channels.continueInDialplan",
    "POST",
    "channels/{}/continue",
    type(None),
)

_CHANNELS_MOVE: Final[Operation[None]] = Operation(
    "channels.move",
    "POST",
    "channels/{}/move",
    type(None),
)

_CHANNELS_REDIRECT: Final[Operation[None]] = Operation(
    "channels.redirect",
    "POST",
    "channels/{}/redirect",
    type(None),
)

_CHANNELS_ANSWER: Final[Operation[None]] = Operation(
    "channels.answer",
    "POST",
    "channels/{}/answer",
    type(None),
)

_CHANNELS_RING: Final[Operation[None]] = Operation(
    "channels.ring",
    "POST",
    "channels/{}/ring",
    type(None),
)

_CHANNELS_RINGSTOP: Final[Operation[None]] = Operation(
    "channels.ringStop",
    "DELETE",
    "channels/{}/ring",
    type(None),
)

_CHANNELS_PROGRESS: Final[Operation[None]] = Operation(
    "channels.progress",
    "POST",
    "channels/{}/progress",
    type(None),
)

_CHANNELS_SENDDTMF: Final[Operation[None]] = Operation(
    "channels.sendDTMF",
    "POST",
    "channels/{}/dtmf",
    type(None),
)

_CHANNELS_MUTE: Final[Operation[None]] = Operation(
    "channels.mute",
    "POST",
    "channels/{}/mute",
    type(None),
)

_CHANNELS_UNMUTE: Final[Operation[None]] = Operation(
    "channels.unmute",
    "DELETE",
    "channels/{}/mute",
    type(None),
)

_CHANNELS_HOLD: Final[Operation[None]] = Operation(
    "channels.hold",
    "POST",
    "channels/{}/hold",
    type(None),
)

_CHANNELS_UNHOLD: Final[Operation[None]] = Operation(
    "channels.unhold",
    "DELETE",
    "channels/{}/hold",
    type(None),
)

_CHANNELS_STARTMOH: Final[Operation[None]] = Operation(
    "channels.startMoh",
    "POST",
    "channels/{}/moh",
    type(None),
)

_CHANNELS_STOPMOH: Final[Operation[None]] = Operation(
    "channels.stopMoh",
    "DELETE",
    "channels/{}/moh",
    type(None),
)

_CHANNELS_STARTSILENCE: Final[Operation[None]] = Operation(
    "channels.startSilence",
    "POST",
    "channels/{}/silence",
    type(None),
)

_CHANNELS_STOPSILENCE: Final[Operation[None]] = Operation(
    "channels.stopSilence",
    "DELETE",
    "channels/{}/silence",
    type(None),
)

_CHANNELS_PLAY: Final[Operation[Playback]] = Operation(
    "channels.play",
    "POST",
    "channels/{}/play",
    Playback,
)

_CHANNELS_PLAYWITHID: Final[Operation[Playback]] = Operation(
    "channels.playWithId",
    "POST",
    "channels/{}/play/{}",
    Playback,
)

_CHANNELS_RECORD: Final[Operation[LiveRecording]] = Operation(
    "channels.record",
    "POST",
    "channels/{}/record",
    LiveRecording,
)

_CHANNELS_GETCHANNELVAR: Final[Operation[Variable]] = Operation(
    "channels.getChannelVar",
    "GET",
    "channels/{}/variable",
    Variable,
)

_CHANNELS_SETCHANNELVAR: Final[Operation[None]] = Operation(
    "channels.setChannelVar",
    "POST",
    "channels/{}/variable",
    type(None),
)

_CHANNELS_GETCHANNELVARS: Final[Operation[Variables]] = Operation(
    "channels.getChannelVars",
    "GET",
    "channels/{}/variables",
    Variables,
)

_CHANNELS_SETCHANNELVARS: Final[Operation[None]] = Operation(
    "channels.setChannelVars",
    "POST",
    "channels/{}/variables",
    type(None),
)

_CHANNELS_SNOOPCHANNEL: Final[Operation[Channel]] = Operation(
    "channels.snoopChannel",
    "POST",
    "channels/{}/snoop",
    Channel,
)

_CHANNELS_SNOOPCHANNELWITHID: Final[Operation[Channel]] = Operation(
    "channels.snoopChannelWithId",
    "POST",
    "channels/{}/snoop/{}",
    Channel,
)

_CHANNELS_DIAL: Final[Operation[None]] = Operation(
    "channels.dial",
    "POST",
    "channels/{}/dial",
    type(None),
)

_CHANNELS_RTPSTATISTICS: Final[Operation[RTPstat]] = Operation(
    "channels.rtpstatistics",
    "GET",
    "channels/{}/rtp_statistics",
    RTPstat,
)

_CHANNELS_EXTERNALMEDIA: Final[Operation[Channel]] = Operation(
    "channels.externalMedia",
    "POST",
    "channels/externalMedia",
    Channel,
)

_CHANNELS_TRANSFER_PROGRESS: Final[Operation[None]] = Operation(
    "channels.transfer_progress",
    "POST",
    "channels/{}/transfer_progress",
    type(None),
)


class Channels(Resource):
    async def list(self) -> tuple[Channel, ...]:
        return await self._send(
            _CHANNELS_LIST,
            (),
            {},
        )

    async def originate(
        self,
        *,
        endpoint: str,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        appArgs: str | None = None,
        callerId: str | None = None,
        timeout: int | None = None,
        variables: Mapping[str, Any] | None = None,
        channelId: str | None = None,
        otherChannelId: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> Channel:
        return await self._send(
            _CHANNELS_ORIGINATE,
            (),
            {
                "endpoint": endpoint,
                "extension": extension,
                "context": context,
                "priority": priority,
                "label": label,
                "app": app,
                "appArgs": appArgs,
                "callerId": callerId,
                "timeout": timeout,
                "variables": variables,
                "channelId": channelId,
                "otherChannelId": otherChannelId,
                "originator": originator,
                "formats": formats,
            },
        )

    async def create(
        self,
        *,
        endpoint: str,
        app: str,
        channelId: str,
        appArgs: str | None = None,
        otherChannelId: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Channel:
        return await self._send(
            _CHANNELS_CREATE,
            (),
            {
                "endpoint": endpoint,
                "app": app,
                "appArgs": appArgs,
                "channelId": channelId,
                "otherChannelId": otherChannelId,
                "originator": originator,
                "formats": formats,
                "variables": variables,
            },
        )

    async def get(
        self,
        *,
        channelId: str,
    ) -> Channel:
        return await self._send(
            _CHANNELS_GET,
            (channelId,),
            {},
        )

    async def originateWithId(
        self,
        *,
        channelId: str,
        endpoint: str,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        appArgs: str | None = None,
        callerId: str | None = None,
        timeout: int | None = None,
        variables: Mapping[str, Any] | None = None,
        otherChannelId: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> Channel:
        return await self._send(
            _CHANNELS_ORIGINATEWITHID,
            (channelId,),
            {
                "endpoint": endpoint,
                "extension": extension,
                "context": context,
                "priority": priority,
                "label": label,
                "app": app,
                "appArgs": appArgs,
                "callerId": callerId,
                "timeout": timeout,
                "variables": variables,
                "otherChannelId": otherChannelId,
                "originator": originator,
                "formats": formats,
            },
        )

    async def hangup(
        self,
        *,
        channelId: str,
        reason_code: str | None = None,
        reason: str | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_HANGUP,
            (channelId,),
            {
                "reason_code": reason_code,
                "reason": reason,
            },
        )

    async def continueInDialplan(
        self,
        *,
        channelId: str,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_CONTINUEINDIALPLAN,
            (channelId,),
            {
                "context": context,
                "extension": extension,
                "priority": priority,
                "label": label,
            },
        )

    async def move(
        self,
        *,
        channelId: str,
        app: str,
        appArgs: str | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_MOVE,
            (channelId,),
            {
                "app": app,
                "appArgs": appArgs,
            },
        )

    async def redirect(
        self,
        *,
        channelId: str,
        endpoint: str,
    ) -> None:
        return await self._send(
            _CHANNELS_REDIRECT,
            (channelId,),
            {
                "endpoint": endpoint,
            },
        )

    async def answer(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_ANSWER,
            (channelId,),
            {},
        )

    async def ring(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_RING,
            (channelId,),
            {},
        )

    async def ringStop(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_RINGSTOP,
            (channelId,),
            {},
        )

    async def progress(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_PROGRESS,
            (channelId,),
            {},
        )

    async def sendDTMF(
        self,
        *,
        channelId: str,
        dtmf: str | None = None,
        before: int | None = None,
        between: int | None = None,
        duration: int | None = None,
        after: int | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_SENDDTMF,
            (channelId,),
            {
                "dtmf": dtmf,
                "before": before,
                "between": between,
                "duration": duration,
                "after": after,
            },
        )

    async def mute(
        self,
        *,
        channelId: str,
        direction: str | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_MUTE,
            (channelId,),
            {
                "direction": direction,
            },
        )

    async def unmute(
        self,
        *,
        channelId: str,
        direction: str | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_UNMUTE,
            (channelId,),
            {
                "direction": direction,
            },
        )

    async def hold(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_HOLD,
            (channelId,),
            {},
        )

    async def unhold(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_UNHOLD,
            (channelId,),
            {},
        )

    async def startMoh(
        self,
        *,
        channelId: str,
        mohClass: str | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_STARTMOH,
            (channelId,),
            {
                "mohClass": mohClass,
            },
        )

    async def stopMoh(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_STOPMOH,
            (channelId,),
            {},
        )

    async def startSilence(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_STARTSILENCE,
            (channelId,),
            {},
        )

    async def stopSilence(
        self,
        *,
        channelId: str,
    ) -> None:
        return await self._send(
            _CHANNELS_STOPSILENCE,
            (channelId,),
            {},
        )

    async def play(
        self,
        *,
        channelId: str,
        media: Sequence[str],
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        playbackId: str | None = None,
    ) -> Playback:
        return await self._send(
            _CHANNELS_PLAY,
            (channelId,),
            {
                "media": media,
                "lang": lang,
                "offsetms": offsetms,
                "skipms": skipms,
                "playbackId": playbackId,
            },
        )

    async def playWithId(
        self,
        *,
        channelId: str,
        playbackId: str,
        media: Sequence[str],
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
    ) -> Playback:
        return await self._send(
            _CHANNELS_PLAYWITHID,
            (channelId, playbackId),
            {
                "media": media,
                "lang": lang,
                "offsetms": offsetms,
                "skipms": skipms,
            },
        )

    async def record(
        self,
        *,
        channelId: str,
        name: str,
        format: str,
        maxDurationSeconds: int | None = None,
        maxSilenceSeconds: int | None = None,
        ifExists: str | None = None,
        beep: bool | None = None,
        terminateOn: str | None = None,
    ) -> LiveRecording:
        return await self._send(
            _CHANNELS_RECORD,
            (channelId,),
            {
                "name": name,
                "format": format,
                "maxDurationSeconds": maxDurationSeconds,
                "maxSilenceSeconds": maxSilenceSeconds,
                "ifExists": ifExists,
                "beep": beep,
                "terminateOn": terminateOn,
            },
        )

    async def getChannelVar(
        self,
        *,
        channelId: str,
        variable: str,
    ) -> Variable:
        return await self._send(
            _CHANNELS_GETCHANNELVAR,
            (channelId,),
            {
                "variable": variable,
            },
        )

    async def setChannelVar(
        self,
        *,
        channelId: str,
        variable: str,
        value: str | None = None,
        report_events: bool | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_SETCHANNELVAR,
            (channelId,),
            {
                "variable": variable,
                "value": value,
                "report_events": report_events,
            },
        )

    async def getChannelVars(
        self,
        *,
        channelId: str,
        variables: Sequence[str],
    ) -> Variables:
        return await self._send(
            _CHANNELS_GETCHANNELVARS,
            (channelId,),
            {
                "variables": variables,
            },
        )

    async def setChannelVars(
        self,
        *,
        channelId: str,
        variables: Mapping[str, Any],
    ) -> None:
        return await self._send(
            _CHANNELS_SETCHANNELVARS,
            (channelId,),
            {
                "variables": variables,
            },
        )

    async def snoopChannel(
        self,
        *,
        channelId: str,
        app: str,
        spy: str | None = None,
        whisper: str | None = None,
        appArgs: str | None = None,
        snoopId: str | None = None,
    ) -> Channel:
        return await self._send(
            _CHANNELS_SNOOPCHANNEL,
            (channelId,),
            {
                "spy": spy,
                "whisper": whisper,
                "app": app,
                "appArgs": appArgs,
                "snoopId": snoopId,
            },
        )

    async def snoopChannelWithId(
        self,
        *,
        channelId: str,
        snoopId: str,
        app: str,
        spy: str | None = None,
        whisper: str | None = None,
        appArgs: str | None = None,
    ) -> Channel:
        return await self._send(
            _CHANNELS_SNOOPCHANNELWITHID,
            (channelId, snoopId),
            {
                "spy": spy,
                "whisper": whisper,
                "app": app,
                "appArgs": appArgs,
            },
        )

    async def dial(
        self,
        *,
        channelId: str,
        caller: str | None = None,
        timeout: int | None = None,
    ) -> None:
        return await self._send(
            _CHANNELS_DIAL,
            (channelId,),
            {
                "caller": caller,
                "timeout": timeout,
            },
        )

    async def rtpstatistics(
        self,
        *,
        channelId: str,
    ) -> RTPstat:
        return await self._send(
            _CHANNELS_RTPSTATISTICS,
            (channelId,),
            {},
        )

    async def externalMedia(
        self,
        *,
        channelId: str,
        app: str,
        format: str,
        variables: Mapping[str, Any] | None = None,
        external_host: str | None = None,
        encapsulation: str | None = None,
        transport: str | None = None,
        connection_type: str | None = None,
        direction: str | None = None,
        data: str | None = None,
        transport_data: str | None = None,
    ) -> Channel:
        return await self._send(
            _CHANNELS_EXTERNALMEDIA,
            (),
            {
                "channelId": channelId,
                "app": app,
                "variables": variables,
                "external_host": external_host,
                "encapsulation": encapsulation,
                "transport": transport,
                "connection_type": connection_type,
                "format": format,
                "direction": direction,
                "data": data,
                "transport_data": transport_data,
            },
        )

    async def transfer_progress(
        self,
        *,
        channelId: str,
        states: str,
    ) -> None:
        return await self._send(
            _CHANNELS_TRANSFER_PROGRESS,
            (channelId,),
            {
                "states": states,
            },
        )


_DEVICESTATES_LIST: Final[Operation[tuple[DeviceState, ...]]] = Operation(
    "deviceStates.list",
    "GET",
    "deviceStates",
    tuple[DeviceState, ...],
    http_only=True,
)

_DEVICESTATES_GET: Final[Operation[DeviceState]] = Operation(
    "deviceStates.get",
    "GET",
    "deviceStates/{}",
    DeviceState,
)

_DEVICESTATES_UPDATE: Final[Operation[None]] = Operation(
    "deviceStates.update",
    "PUT",
    "deviceStates/{}",
    type(None),
)

_DEVICESTATES_DELETE: Final[Operation[None]] = Operation(
    "deviceStates.delete",
    "DELETE",
    "deviceStates/{}",
    type(None),
)


class DeviceStates(Resource):
    async def list(self) -> tuple[DeviceState, ...]:
        return await self._send(
            _DEVICESTATES_LIST,
            (),
            {},
        )

    async def get(
        self,
        *,
        deviceName: str,
    ) -> DeviceState:
        return await self._send(
            _DEVICESTATES_GET,
            (deviceName,),
            {},
        )

    async def update(
        self,
        *,
        deviceName: str,
        deviceState: str,
    ) -> None:
        return await self._send(
            _DEVICESTATES_UPDATE,
            (deviceName,),
            {
                "deviceState": deviceState,
            },
        )

    async def delete(
        self,
        *,
        deviceName: str,
    ) -> None:
        return await self._send(
            _DEVICESTATES_DELETE,
            (deviceName,),
            {},
        )


_ENDPOINTS_LIST: Final[Operation[tuple[Endpoint, ...]]] = Operation(
    "endpoints.list",
    "GET",
    "endpoints",
    tuple[Endpoint, ...],
    http_only=True,
)

_ENDPOINTS_SENDMESSAGE: Final[Operation[None]] = Operation(
    "endpoints.sendMessage",
    "PUT",
    "endpoints/sendMessage",
    type(None),
)

_ENDPOINTS_REFER: Final[Operation[None]] = Operation(
    "endpoints.refer",
    "POST",
    "endpoints/refer",
    type(None),
)

_ENDPOINTS_LISTBYTECH: Final[Operation[tuple[Endpoint, ...]]] = Operation(
    "endpoints.listByTech",
    "GET",
    "endpoints/{}",
    tuple[Endpoint, ...],
    http_only=True,
)

_ENDPOINTS_GET: Final[Operation[Endpoint]] = Operation(
    "endpoints.get",
    "GET",
    "endpoints/{}/{}",
    Endpoint,
    http_only=True,
)

_ENDPOINTS_SENDMESSAGETOENDPOINT: Final[Operation[None]] = Operation(
    "endpoints.sendMessageToEndpoint",
    "PUT",
    "endpoints/{}/{}/sendMessage",
    type(None),
)

_ENDPOINTS_REFERTOENDPOINT: Final[Operation[None]] = Operation(
    "endpoints.referToEndpoint",
    "POST",
    "endpoints/{}/{}/refer",
    type(None),
)


class Endpoints(Resource):
    async def list(self) -> tuple[Endpoint, ...]:
        return await self._send(
            _ENDPOINTS_LIST,
            (),
            {},
        )

    async def sendMessage(
        self,
        *,
        to: str,
        from_: str,
        body: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        return await self._send(
            _ENDPOINTS_SENDMESSAGE,
            (),
            {
                "to": to,
                "from": from_,
                "body": body,
                "variables": variables,
            },
        )

    async def refer(
        self,
        *,
        to: str,
        from_: str,
        refer_to: str,
        to_self: bool | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        return await self._send(
            _ENDPOINTS_REFER,
            (),
            {
                "to": to,
                "from": from_,
                "refer_to": refer_to,
                "to_self": to_self,
                "variables": variables,
            },
        )

    async def listByTech(
        self,
        *,
        tech: str,
    ) -> tuple[Endpoint, ...]:
        return await self._send(
            _ENDPOINTS_LISTBYTECH,
            (tech,),
            {},
        )

    async def get(
        self,
        *,
        tech: str,
        resource: str,
    ) -> Endpoint:
        return await self._send(
            _ENDPOINTS_GET,
            (tech, resource),
            {},
        )

    async def sendMessageToEndpoint(
        self,
        *,
        tech: str,
        resource: str,
        from_: str,
        body: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        return await self._send(
            _ENDPOINTS_SENDMESSAGETOENDPOINT,
            (tech, resource),
            {
                "from": from_,
                "body": body,
                "variables": variables,
            },
        )

    async def referToEndpoint(
        self,
        *,
        tech: str,
        resource: str,
        from_: str,
        refer_to: str,
        to_self: bool | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        return await self._send(
            _ENDPOINTS_REFERTOENDPOINT,
            (tech, resource),
            {
                "from": from_,
                "refer_to": refer_to,
                "to_self": to_self,
                "variables": variables,
            },
        )


_EVENTS_USEREVENT: Final[Operation[None]] = Operation(
    "events.userEvent",
    "POST",
    "events/user/{}",
    type(None),
)

_EVENTS_CLAIMCHANNEL: Final[Operation[None]] = Operation(
    "events.claimChannel",
    "POST",
    "events/claim",
    type(None),
)


class Events(Resource):
    async def userEvent(
        self,
        *,
        eventName: str,
        application: str,
        source: Sequence[str] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        return await self._send(
            _EVENTS_USEREVENT,
            (eventName,),
            {
                "application": application,
                "source": source,
                "variables": variables,
            },
        )

    async def claimChannel(
        self,
        *,
        channelId: str,
        application: str,
    ) -> None:
        return await self._send(
            _EVENTS_CLAIMCHANNEL,
            (),
            {
                "channelId": channelId,
                "application": application,
            },
        )


_MAILBOXES_LIST: Final[Operation[tuple[Mailbox, ...]]] = Operation(
    "mailboxes.list",
    "GET",
    "mailboxes",
    tuple[Mailbox, ...],
    http_only=True,
)

_MAILBOXES_GET: Final[Operation[Mailbox]] = Operation(
    "mailboxes.get",
    "GET",
    "mailboxes/{}",
    Mailbox,
)

_MAILBOXES_UPDATE: Final[Operation[None]] = Operation(
    "mailboxes.update",
    "PUT",
    "mailboxes/{}",
    type(None),
)

_MAILBOXES_DELETE: Final[Operation[None]] = Operation(
    "mailboxes.delete",
    "DELETE",
    "mailboxes/{}",
    type(None),
)


class Mailboxes(Resource):
    async def list(self) -> tuple[Mailbox, ...]:
        return await self._send(
            _MAILBOXES_LIST,
            (),
            {},
        )

    async def get(
        self,
        *,
        mailboxName: str,
    ) -> Mailbox:
        return await self._send(
            _MAILBOXES_GET,
            (mailboxName,),
            {},
        )

    async def update(
        self,
        *,
        mailboxName: str,
        oldMessages: int,
        newMessages: int,
    ) -> None:
        return await self._send(
            _MAILBOXES_UPDATE,
            (mailboxName,),
            {
                "oldMessages": oldMessages,
                "newMessages": newMessages,
            },
        )

    async def delete(
        self,
        *,
        mailboxName: str,
    ) -> None:
        return await self._send(
            _MAILBOXES_DELETE,
            (mailboxName,),
            {},
        )


_PLAYBACKS_GET: Final[Operation[Playback]] = Operation(
    "playbacks.get",
    "GET",
    "playbacks/{}",
    Playback,
)

_PLAYBACKS_STOP: Final[Operation[None]] = Operation(
    "playbacks.stop",
    "DELETE",
    "playbacks/{}",
    type(None),
)

_PLAYBACKS_CONTROL: Final[Operation[None]] = Operation(
    "playbacks.control",
    "POST",
    "playbacks/{}/control",
    type(None),
)


class Playbacks(Resource):
    async def get(
        self,
        *,
        playbackId: str,
    ) -> Playback:
        return await self._send(
            _PLAYBACKS_GET,
            (playbackId,),
            {},
        )

    async def stop(
        self,
        *,
        playbackId: str,
    ) -> None:
        return await self._send(
            _PLAYBACKS_STOP,
            (playbackId,),
            {},
        )

    async def control(
        self,
        *,
        playbackId: str,
        operation: str,
    ) -> None:
        return await self._send(
            _PLAYBACKS_CONTROL,
            (playbackId,),
            {
                "operation": operation,
            },
        )


_RECORDINGS_LISTSTORED: Final[Operation[tuple[StoredRecording, ...]]] = Operation(
    "recordings.listStored",
    "GET",
    "recordings/stored",
    tuple[StoredRecording, ...],
    http_only=True,
)

_RECORDINGS_GETSTORED: Final[Operation[StoredRecording]] = Operation(
    "recordings.getStored",
    "GET",
    "recordings/stored/{}",
    StoredRecording,
)

_RECORDINGS_DELETESTORED: Final[Operation[None]] = Operation(
    "recordings.deleteStored",
    "DELETE",
    "recordings/stored/{}",
    type(None),
)

_RECORDINGS_GETSTOREDFILE: Final[Operation[bytes]] = Operation(
    "recordings.getStoredFile",
    "GET",
    "recordings/stored/{}/file",
    bytes,
    http_only=True,
)

_RECORDINGS_COPYSTORED: Final[Operation[StoredRecording]] = Operation(
    "recordings.copyStored",
    "POST",
    "recordings/stored/{}/copy",
    StoredRecording,
)

_RECORDINGS_GETLIVE: Final[Operation[LiveRecording]] = Operation(
    "recordings.getLive",
    "GET",
    "recordings/live/{}",
    LiveRecording,
)

_RECORDINGS_CANCEL: Final[Operation[None]] = Operation(
    "recordings.cancel",
    "DELETE",
    "recordings/live/{}",
    type(None),
)

_RECORDINGS_STOP: Final[Operation[None]] = Operation(
    "recordings.stop",
    "POST",
    "recordings/live/{}/stop",
    type(None),
)

_RECORDINGS_PAUSE: Final[Operation[None]] = Operation(
    "recordings.pause",
    "POST",
    "recordings/live/{}/pause",
    type(None),
)

_RECORDINGS_UNPAUSE: Final[Operation[None]] = Operation(
    "recordings.unpause",
    "DELETE",
    "recordings/live/{}/pause",
    type(None),
)

_RECORDINGS_MUTE: Final[Operation[None]] = Operation(
    "recordings.mute",
    "POST",
    "recordings/live/{}/mute",
    type(None),
)

_RECORDINGS_UNMUTE: Final[Operation[None]] = Operation(
    "recordings.unmute",
    "DELETE",
    "recordings/live/{}/mute",
    type(None),
)


class Recordings(Resource):
    async def listStored(self) -> tuple[StoredRecording, ...]:
        return await self._send(
            _RECORDINGS_LISTSTORED,
            (),
            {},
        )

    async def getStored(
        self,
        *,
        recordingName: str,
    ) -> StoredRecording:
        return await self._send(
            _RECORDINGS_GETSTORED,
            (recordingName,),
            {},
        )

    async def deleteStored(
        self,
        *,
        recordingName: str,
    ) -> None:
        return await self._send(
            _RECORDINGS_DELETESTORED,
            (recordingName,),
            {},
        )

    async def getStoredFile(
        self,
        *,
        recordingName: str,
    ) -> bytes:
        return await self._send(
            _RECORDINGS_GETSTOREDFILE,
            (recordingName,),
            {},
        )

    async def copyStored(
        self,
        *,
        recordingName: str,
        destinationRecordingName: str,
    ) -> StoredRecording:
        return await self._send(
            _RECORDINGS_COPYSTORED,
            (recordingName,),
            {
                "destinationRecordingName": destinationRecordingName,
            },
        )

    async def getLive(
        self,
        *,
        recordingName: str,
    ) -> LiveRecording:
        return await self._send(
            _RECORDINGS_GETLIVE,
            (recordingName,),
            {},
        )

    async def cancel(
        self,
        *,
        recordingName: str,
    ) -> None:
        return await self._send(
            _RECORDINGS_CANCEL,
            (recordingName,),
            {},
        )

    async def stop(
        self,
        *,
        recordingName: str,
    ) -> None:
        return await self._send(
            _RECORDINGS_STOP,
            (recordingName,),
            {},
        )

    async def pause(
        self,
        *,
        recordingName: str,
    ) -> None:
        return await self._send(
            _RECORDINGS_PAUSE,
            (recordingName,),
            {},
        )

    async def unpause(
        self,
        *,
        recordingName: str,
    ) -> None:
        return await self._send(
            _RECORDINGS_UNPAUSE,
            (recordingName,),
            {},
        )

    async def mute(
        self,
        *,
        recordingName: str,
    ) -> None:
        return await self._send(
            _RECORDINGS_MUTE,
            (recordingName,),
            {},
        )

    async def unmute(
        self,
        *,
        recordingName: str,
    ) -> None:
        return await self._send(
            _RECORDINGS_UNMUTE,
            (recordingName,),
            {},
        )


_SOUNDS_LIST: Final[Operation[tuple[Sound, ...]]] = Operation(
    "sounds.list",
    "GET",
    "sounds",
    tuple[Sound, ...],
    http_only=True,
)

_SOUNDS_GET: Final[Operation[Sound]] = Operation(
    "sounds.get",
    "GET",
    "sounds/{}",
    Sound,
    http_only=True,
)


class Sounds(Resource):
    async def list(
        self,
        *,
        lang: str | None = None,
        format: str | None = None,
    ) -> tuple[Sound, ...]:
        return await self._send(
            _SOUNDS_LIST,
            (),
            {
                "lang": lang,
                "format": format,
            },
        )

    async def get(
        self,
        *,
        soundId: str,
    ) -> Sound:
        return await self._send(
            _SOUNDS_GET,
            (soundId,),
            {},
        )


class Operations:
    def __init__(self, sender: Sender) -> None:
        self._sender: Final = sender

    @property
    def applications(self) -> Applications:
        return Applications(self._sender)

    @property
    def asterisk(self) -> Asterisk:
        return Asterisk(self._sender)

    @property
    def bridges(self) -> Bridges:
        return Bridges(self._sender)

    @property
    def channels(self) -> Channels:
        return Channels(self._sender)

    @property
    def deviceStates(self) -> DeviceStates:
        return DeviceStates(self._sender)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self._sender)

    @property
    def events(self) -> Events:
        return Events(self._sender)

    @property
    def mailboxes(self) -> Mailboxes:
        return Mailboxes(self._sender)

    @property
    def playbacks(self) -> Playbacks:
        return Playbacks(self._sender)

    @property
    def recordings(self) -> Recordings:
        return Recordings(self._sender)

    @property
    def sounds(self) -> Sounds:
        return Sounds(self._sender)
