"""What an operator reads when the ACD cannot start, or has to wait: one sentence that names place and remedy."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scenarios.lab.asterisk import Asterisk
from scenarios.lab.redis import Redis
from tests.unit.ari.odd_asterisk import OddAsterisk

STASIS_ACD = Path(sys.executable).with_name("stasis-acd")
NOBODY = "redis://127.0.0.1:1/0"


def settings(folder: Path, asterisk: Asterisk | None = None, **more: str) -> dict[str, str]:
    node = {"name": "pbx", "url": "http://127.0.0.1:1/ari", "user": "acd", "password": "secret-of-this-test"}
    if asterisk is not None:
        node |= {"url": asterisk.ari_url, "user": asterisk.ari_user, "password": asterisk.ari_password}
    return {
        "PATH": os.environ["PATH"],
        "STASIS_ACD_PROCESS__DATA_FOLDER": str(folder),
        "STASIS_ACD_ASTERISK": json.dumps([node]),
        "STASIS_ACD_WEB__PORT": "0",
        **more,
    }


async def said(env: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Exit status and everything written by ``stasis-acd serve``."""
    serve = await asyncio.create_subprocess_exec(
        STASIS_ACD, "serve", *arguments, env=dict(env), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(40):
        output, _ = await serve.communicate()
    return serve.returncode or 0, output.decode()


async def test_no_redis_and_once(tmp_path: Path) -> None:
    status, output = await said(settings(tmp_path, STASIS_ACD_REDIS__URL=NOBODY), "--once")

    assert status != 0
    assert "redis://127.0.0.1:1/0" in output
    assert "Traceback" not in output


@pytest.mark.redis
async def test_no_asterisk_and_once(tmp_path: Path, redis_server: Redis) -> None:
    status, output = await said(settings(tmp_path, STASIS_ACD_REDIS__URL=redis_server.url), "--once")

    assert status != 0
    assert "127.0.0.1:1" in output
    assert "Traceback" not in output
    assert "secret-of-this-test" not in output


@pytest.mark.asterisk
async def test_wrong_ari_password_names_the_file(tmp_path: Path, redis_server: Redis, asterisk_node: Asterisk) -> None:
    env = settings(tmp_path, STASIS_ACD_REDIS__URL=redis_server.url)
    node = {"name": "pbx", "url": asterisk_node.ari_url, "user": "acd", "password": "wrong-of-this-test"}
    status, output = await said(env | {"STASIS_ACD_ASTERISK": json.dumps([node])}, "--once")

    assert status != 0
    assert "ari.conf" in output
    assert "Traceback" not in output
    assert "wrong-of-this-test" not in output


@pytest.mark.redis
async def test_an_asterisk_that_is_too_old(tmp_path: Path, redis_server: Redis) -> None:
    async with OddAsterisk.running() as old:
        old.version = "20.5.2"
        node = {"name": "pbx", "url": f"{old.url}/ari", "user": "acd", "password": "secret-of-this-test"}
        env = settings(tmp_path, STASIS_ACD_REDIS__URL=redis_server.url, STASIS_ACD_ASTERISK=json.dumps([node]))
        status, output = await said(env, "--once")

    sentence = next(line for line in output.splitlines() if "20.5.2" in line)
    assert status != 0
    assert "this Asterisk is 20.5.2; at least 22.10.1 is needed: upgrade it" in sentence
    assert "Traceback" not in output
    assert "secret-of-this-test" not in output


@pytest.mark.redis
async def test_without_once_it_says_so_and_waits_until_told_to_stop(tmp_path: Path) -> None:
    env = settings(tmp_path, STASIS_ACD_REDIS__URL=NOBODY)
    serve = await asyncio.create_subprocess_exec(
        STASIS_ACD, "serve", env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert serve.stdout is not None
    async with asyncio.timeout(40):
        while "not there yet; trying again" not in (line := (await serve.stdout.readline()).decode()):
            assert line, "it ended instead of waiting"
        serve.send_signal(signal.SIGTERM)
        rest = (await serve.stdout.read()).decode()
        await serve.wait()

    assert "redis://127.0.0.1:1/0" in line
    assert "Traceback" not in rest


async def test_wrong_settings_are_told_all_at_once(tmp_path: Path) -> None:
    env = settings(tmp_path, STASIS_ACD_WEB__PORT="99999", STASIS_ACD_LOG__LEVEL="loud", STASIS_ACD_REDIS__POOL="A B")
    status, output = await said(env, "--once")

    assert status != 0
    for place in ("web.port", "log.level", "redis.pool"):
        assert place in output
    assert "Traceback" not in output


async def test_a_settings_file_that_is_no_toml(tmp_path: Path) -> None:
    written = tmp_path / "acd.toml"
    written.write_text("[web\nport = 1")
    status, output = await said(settings(tmp_path), "--settings", str(written))

    assert status != 0
    assert str(written) in output.replace("\n", "")
    assert "Traceback" not in output
