"""The operations that a call centre lives on, against a real Asterisk."""

from __future__ import annotations

import asyncio

import pytest

from scenarios.lab.asterisk import Asterisk
from stasis_app.ari import Ari, Conflict, NotFound
from stasis_app.ari.generated_events import (
    BridgeDestroyed,
    CallBroadcast,
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelLeftBridge,
    ChannelStateChange,
    DeviceStateChanged,
    RecordingFinished,
    RecordingStarted,
    StasisEnd,
    StasisStart,
)
from tests.contract.ari.far_side import Connect, Leg

pytestmark = pytest.mark.asterisk


async def test_a_leg_is_created_dialled_and_answered(ari: Ari) -> None:
    with ari.events.of_channel("one") as inbox:
        made = await ari.channels.create(
            endpoint="Local/answers@far-end/n", app=ari.app, channelId="one", appArgs="offer,7"
        )
        started = await inbox.first(StasisStart)
        await ari.channels.dial(channelId="one", timeout=10)
        changed = await inbox.first(ChannelStateChange)

    assert (made.id, made.state) == ("one", "Down")
    assert started.args == ("offer", "7")
    assert changed.channel.state == "Up"
    assert (await ari.channels.get(channelId="one")).state == "Up"


async def test_an_id_of_our_own_cannot_be_taken_twice(ari: Ari, leg: Leg) -> None:
    channel_id = await leg(ari)

    with pytest.raises(Conflict):
        await ari.channels.create(endpoint="Local/rings@far-end/n", app=ari.app, channelId=channel_id)


async def test_originating_rings_and_enters_the_application_on_answer(ari: Ari) -> None:
    with ari.events.of_channel("two") as inbox:
        await ari.channels.originateWithId(
            channelId="two", endpoint="Local/answers@far-end/n", app=ari.app, appArgs="x", timeout=5
        )
        started = await inbox.first(StasisStart)

    assert started.args == ("x",)
    assert started.channel.state == "Up"


@pytest.mark.parametrize(("reason", "cause"), [("answered_elsewhere", 26), ("busy", 17), (None, 16)])
async def test_hanging_up_carries_the_reason(ari: Ari, leg: Leg, reason: str | None, cause: int) -> None:
    channel_id = await leg(ari)

    with ari.events.of_channel(channel_id) as inbox:
        await ari.channels.hangup(channelId=channel_id, reason=reason)
        gone = await inbox.first(ChannelDestroyed)

    assert gone.cause == cause
    with pytest.raises(NotFound):
        await ari.channels.get(channelId=channel_id)


async def test_two_legs_meet_in_a_bridge_and_part(ari: Ari, leg: Leg) -> None:
    caller, agent = await leg(ari), await leg(ari)

    with ari.events.of_bridge("meeting") as inbox:
        bridge = await ari.bridges.createWithId(bridgeId="meeting", type="mixing", name="call 7")
        await ari.events.watch("bridge:meeting")  # else nobody tells of its end
        await ari.bridges.addChannel(bridgeId="meeting", channel=[caller, agent])
        joined = [await inbox.first(ChannelEnteredBridge) for _ in range(2)]
        inside = await ari.bridges.get(bridgeId="meeting")
        await ari.bridges.removeChannel(bridgeId="meeting", channel=[agent])
        left = await inbox.first(ChannelLeftBridge)
        await ari.bridges.destroy(bridgeId="meeting")
        last = await inbox.first(ChannelLeftBridge)
        await inbox.first(BridgeDestroyed)

    assert bridge.name == "call 7"
    assert {event.channel.id for event in joined if event.channel} == {caller, agent}
    assert set(inside.channels) == {caller, agent}
    assert (left.channel.id, last.channel.id) == (agent, caller)
    assert "meeting" not in {one.id for one in await ari.bridges.list()}


async def test_the_application_knows_its_channels_and_bridges(ari: Ari, leg: Leg) -> None:
    channel_id = await leg(ari)

    application = await ari.applications.get(applicationName=ari.app)

    assert channel_id in application.channel_ids


async def test_several_variables_are_set_at_once_and_outlive_the_application(connect: Connect, leg: Leg) -> None:
    async with connect() as first:
        channel_id = await leg(first)
        await first.channels.setChannelVars(
            channelId=channel_id, variables={"ACD_REQUEST": '{"queue": "sales"}', "ACD_PLACE": "7"}
        )

    async with connect(app="another") as second:
        one = await second.channels.getChannelVar(channelId=channel_id, variable="ACD_REQUEST")
        both = await second.channels.getChannelVars(channelId=channel_id, variables=["ACD_REQUEST", "ACD_PLACE"])
        await second.channels.hangup(channelId=channel_id)

    assert one.value == '{"queue": "sales"}'
    assert both.variables == {"ACD_REQUEST": '{"queue": "sales"}', "ACD_PLACE": "7"}


async def test_a_channel_moves_to_another_application(connect: Connect, leg: Leg) -> None:
    async with connect() as first, connect(app="adopter") as second:
        channel_id = await leg(first)
        with second.events.of_channel(channel_id) as inbox:
            await second.channels.move(channelId=channel_id, app="adopter", appArgs="adopted")
            started = await inbox.first(StasisStart)
        await second.channels.hangup(channelId=channel_id)

    assert started.args == ("adopted",)


async def test_a_channel_goes_back_to_the_dialplan(ari: Ari, leg: Leg) -> None:
    channel_id = await leg(ari)

    with ari.events.of_channel(channel_id) as inbox:
        await ari.channels.continueInDialplan(channelId=channel_id, context="far-end", extension="answers", priority=1)
        await inbox.first(StasisEnd)

    assert (await ari.channels.get(channelId=channel_id)).dialplan.context == "far-end"


async def test_a_broadcast_call_belongs_to_the_first_who_claims_it(connect: Connect) -> None:
    async with connect(app="offer-1") as first, connect(app="offer-2") as second, connect() as caller:
        with first.events.of_type(CallBroadcast, StasisStart) as one, second.events.of_type(CallBroadcast) as two:
            await caller.channels.originateWithId(
                channelId="shopper", endpoint="Local/is-offered@far-end/n", app=caller.app
            )
            offered = await one.first(CallBroadcast)
            await two.first(CallBroadcast)
            await first.events.claimChannel(channelId=offered.channel.id, application="offer-1")
            with pytest.raises(Conflict):
                await second.events.claimChannel(channelId=offered.channel.id, application="offer-2")
            started = await one.first(StasisStart)
        await first.channels.hangup(channelId=started.channel.id)

    assert started.channel.id == offered.channel.id
    assert started.args == ("a", "b")


async def test_an_endpoint_is_pushed_read_and_taken_away(ari: Ari) -> None:
    async def put(kind: str, **fields: str) -> None:
        await ari.asterisk.updateObject(
            configClass="res_pjsip",
            objectType=kind,
            id="pushed",
            fields=[{"attribute": name, "value": value} for name, value in fields.items()],
        )

    await put("auth", auth_type="userpass", username="pushed", password="secret")
    await put("aor", max_contacts="1")
    await put("endpoint", aors="pushed", auth="pushed", disallow="all", allow="ulaw", context="nowhere")
    read = await ari.asterisk.getObject(configClass="res_pjsip", objectType="endpoint", id="pushed")
    endpoint = await ari.endpoints.get(tech="PJSIP", resource="pushed")
    for kind in ("endpoint", "aor", "auth"):
        await ari.asterisk.deleteObject(configClass="res_pjsip", objectType=kind, id="pushed")

    assert {one.attribute: one.value for one in read}["aors"] == "pushed"
    assert (endpoint.resource, endpoint.state) == ("pushed", "offline")
    with pytest.raises(NotFound):
        await ari.asterisk.getObject(configClass="res_pjsip", objectType="endpoint", id="pushed")


async def test_a_recording_is_made_fetched_and_removed(ari: Ari) -> None:
    """The leg is originated: for a moment after its answer, one that was dialled cannot be recorded."""
    with ari.events.of_channel("spoken") as inbox:
        await ari.channels.originateWithId(channelId="spoken", endpoint="Local/answers@far-end/n", app=ari.app)
        await inbox.first(StasisStart)
        await ari.channels.record(channelId="spoken", name="memo", format="wav")
        await inbox.first(RecordingStarted)
        await ari.recordings.stop(recordingName="memo")
        finished = await inbox.first(RecordingFinished)
    sound = await ari.recordings.getStoredFile(recordingName="memo")
    await ari.recordings.deleteStored(recordingName="memo")

    assert finished.recording.state == "done"
    assert sound.startswith(b"RIFF")
    assert "memo" not in {one.name for one in await ari.recordings.listStored()}


async def test_watched_devices_are_heard(ari: Ari) -> None:
    await ari.events.watch("deviceState:Stasis:door")

    with ari.events.of_type(DeviceStateChanged) as inbox:
        await ari.deviceStates.update(deviceName="Stasis:door", deviceState="BUSY")
        changed = await inbox.first(DeviceStateChanged)
    await ari.events.unwatch("deviceState:Stasis:door")

    assert (changed.device_state.name, changed.device_state.state) == ("Stasis:door", "BUSY")


async def test_names_with_a_slash_and_a_plus_arrive_whole(ari: Ari) -> None:
    await ari.deviceStates.update(deviceName="Stasis:a/b+c d%", deviceState="INUSE")

    state = await ari.deviceStates.get(deviceName="Stasis:a/b+c d%")
    await ari.deviceStates.delete(deviceName="Stasis:a/b+c d%")

    assert (state.name, state.state) == ("Stasis:a/b+c d%", "INUSE")


async def test_requests_of_one_key_arrive_in_order(ari: Ari, leg: Leg) -> None:
    channel_id = await leg(ari)
    ordered = ari.bound("call-7")

    async with asyncio.TaskGroup() as tasks:
        for number in range(50):
            tasks.create_task(ordered.channels.setChannelVar(channelId=channel_id, variable="LAST", value=str(number)))

    assert (await ari.channels.getChannelVar(channelId=channel_id, variable="LAST")).value == "49"


async def test_the_shapes_of_ari_py_are_there(ari: Ari, leg: Leg) -> None:
    heard: list[object] = []
    subscription = ari.on_channel_event(
        "StasisStart", lambda channel, event, word: heard.append((channel.id, event.type, word)), "hello"
    )

    first = await leg(ari)
    subscription.close()
    await leg(ari)

    assert heard == [(first, "StasisStart", "hello")]


async def test_the_noisy_event_types_are_not_even_sent(ari: Ari, leg: Leg) -> None:
    with ari.events.everything() as inbox:
        channel_id = await leg(ari)
        await ari.channels.setChannelVar(channelId=channel_id, variable="X", value="1")
        await ari.channels.hangup(channelId=channel_id)
        await inbox.first(StasisStart)
        types = {event.type for event in inbox.drain()}

    assert "ChannelVarset" not in types


async def test_the_shared_node_reads_every_event_it_sends(ari: Ari, ari_node: Asterisk, leg: Leg) -> None:
    await ari.applications.filter(applicationName=ari.app, filter={})
    await ari.events.watch("endpoint:PJSIP", "deviceState:")
    with ari.events.everything() as inbox:
        channel_id = await leg(ari)
        await ari.channels.startMoh(channelId=channel_id)
        await ari.channels.hangup(channelId=channel_id)
        await inbox.first(ChannelDestroyed)

    assert not ari.events.decoder.undecodable
    assert not ari.events.decoder.unknown
