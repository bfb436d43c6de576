"""The lab must start real parts fast, keep labs apart, and leave nothing behind, however it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import psutil
import pytest
from typer.testing import CliRunner

from scenarios.lab.asterisk import Asterisk
from scenarios.lab.asterisk_site import AsteriskSite
from scenarios.lab.commands import app
from scenarios.lab.lab import Lab
from scenarios.lab.namespace import PartFailed
from scenarios.lab.places import take_place
from scenarios.lab.supervisor import standing_labs

pytestmark = [pytest.mark.asterisk, pytest.mark.redis]

# A lab of everything that leaves children and mounts; it says where they are and waits for ever.
LAB_WITH_EVERYTHING = """
import asyncio, json, signal, sys
from scenarios.lab.lab import Lab
from scenarios.lab.phones import Behaviour

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it

async def main():
    async with Lab.start(phones=("1001",)) as lab:
        phone = lab.phone("1001")
        await phone.switch_on(Behaviour())
        browser = await lab.chromium()
        print(json.dumps({"folder": str(lab.folder)}), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process that was started with a path of this lab."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(folder) in word for word in process.cmdline()):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


async def end_of(process: psutil.Process) -> None:
    """Returns when the process has ended."""
    over = asyncio.Event()
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def is_gone(folder: Path) -> bool:
    return not folder.exists()


def mounts_of(folder: Path) -> list[str]:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return [line for line in lines if str(folder) in line]


async def test_a_lab_is_ready_when_it_starts_and_gone_when_it_ends() -> None:
    async with Lab.start() as lab:
        folder = lab.folder

        assert "fully booted" in await lab.asterisk.cli("core waitfullybooted")
        assert await lab.redis.command("PING") == "+PONG"
        assert processes_of(folder)
        assert not mounts_of(folder)  # they are in the servers' own namespaces

    assert not processes_of(folder)
    assert is_gone(folder)


async def test_labs_stand_side_by_side() -> None:
    async with Lab.start() as one, Lab.start(asterisks=2) as other:
        addresses = {server.ari_url for server in (*one.asterisks, *other.asterisks)}

        assert len(addresses) == 3
        await one.redis.command("SET", "whose", "one")
        assert await other.redis.command("EXISTS", "whose") == ":0"
        for server in (*one.asterisks, *other.asterisks):
            assert "0 active channels" in await server.cli("core show channels")


async def test_nothing_outlives_a_lab_whose_process_is_killed() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LAB_WITH_EVERYTHING, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    folder = Path(json.loads(await parent.stdout.readline())["folder"])
    children = psutil.Process(parent.pid).children(recursive=True)

    names = {child.name() for child in children}
    assert {"asterisk", "redis-server", "sipp", "chromium"} <= names

    parent.kill()
    await parent.wait()
    async with asyncio.timeout(10):
        for child in children:
            await end_of(child)

    assert not processes_of(folder)
    assert not mounts_of(folder)


async def test_a_server_keeps_its_state_over_a_restart_and_over_a_power_cut() -> None:
    async with Lab.start() as lab:
        await lab.asterisk.cli("database put lab key value")
        await lab.asterisk.restart()
        assert "value" in await lab.asterisk.cli("database get lab key")
        await lab.redis.command("SET", "key", "value")
        await lab.redis.restart()
        assert await lab.redis.command("EXISTS", "key") == ":1"
        await lab.redis.kill()
        await lab.redis.start()
        await lab.redis.flush()

        assert await lab.redis.command("EXISTS", "key") == ":0"


async def test_a_frozen_asterisk_answers_again_when_it_thaws() -> None:
    async with Lab.start(redis=False) as lab:
        lab.asterisk.freeze()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await lab.asterisk.cli("core show version")
        lab.asterisk.thaw()

        assert "22." in await lab.asterisk.cli("core show version")


async def test_a_part_that_cannot_start_shows_the_end_of_its_log() -> None:
    with take_place() as place:
        elsewhere = AsteriskSite(host="203.0.113.1", http_port=8088, sip_port=5060)
        with pytest.raises(PartFailed, match=r"ARI does not answer[\s\S]*203\.0\.113\.1"):
            async with Asterisk.running(place.folder / "asterisk", elsewhere):
                pass

        assert not processes_of(place.folder)


async def test_a_pushed_browser_phone_is_there_and_survives_a_restart() -> None:
    pushed = {
        "auth": {"auth_type": "digest", "username": "anna", "password": "a-secret-of-anna"},
        "aor": {"max_contacts": "1", "remove_existing": "yes"},
        "endpoint": {
            "transport": "transport-ws",
            "webrtc": "yes",
            "context": "acd-agents",
            "disallow": "all",
            "allow": "opus,ulaw",
            "auth": "anna",
            "aors": "anna",
        },
    }
    async with Lab.start(redis=False) as lab, aiohttp.ClientSession() as http:
        key = {"api_key": f"{lab.asterisk.ari_user}:{lab.asterisk.ari_password}"}
        for kind, values in pushed.items():
            fields = [{"attribute": name, "value": value} for name, value in values.items()]
            url = f"{lab.asterisk.ari_url}/asterisk/config/dynamic/res_pjsip/{kind}/anna"
            async with http.put(url, params=key, json={"fields": fields}) as answer:
                assert answer.status == 200, await answer.text()
        before = await lab.asterisk.cli("pjsip show endpoint anna")
        await lab.asterisk.restart()
        after = await lab.asterisk.cli("pjsip show endpoint anna")

    for shown in (before, after):
        assert "ParameterName" in shown
        assert "acd-agents" in shown
        assert "dtls" in shown


def test_a_lab_can_be_left_up_and_taken_down_from_elsewhere() -> None:
    run = CliRunner().invoke
    came = run(app, ["up", "--phones", "1"])
    assert came.exit_code == 0, came.output
    lab = standing_labs()[-1]
    number = str(lab.number)

    assert f"Lab {number} is up" in run(app, ["status"]).output
    assert psutil.pid_exists(lab.pid)
    gone = run(app, ["down", number])

    assert gone.exit_code == 0, gone.output
    assert lab.number not in {other.number for other in standing_labs()}
    assert not processes_of(Path(lab.folder))
    assert run(app, ["down", number]).exit_code == 1


async def test_ctrl_c_ends_a_lab_in_order() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LAB_WITH_EVERYTHING, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert parent.stdout is not None
    folder = Path(json.loads(await parent.stdout.readline())["folder"])
    parent.send_signal(signal.SIGINT)
    await parent.wait()

    assert not processes_of(folder)
    assert is_gone(folder)
