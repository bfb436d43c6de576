"""The generated modules say what the running Asterisk says of itself."""

from __future__ import annotations

import pytest

from scenarios.lab.asterisk import Asterisk
from stasis_app.ari.generator import HERE, render
from stasis_app.ari.swagger import fetch

pytestmark = pytest.mark.asterisk


async def test_the_committed_modules_are_what_the_generator_writes(asterisk_node: Asterisk) -> None:
    declarations = await fetch(asterisk_node.ari_url, asterisk_node.ari_user, asterisk_node.ari_password)

    for name, text in render(declarations).items():
        assert (HERE / name).read_text(encoding="utf-8") == text, f"run the generator: {name} is out of date"


async def test_every_operation_but_the_socket_itself_is_a_method(asterisk_node: Asterisk) -> None:
    declarations = await fetch(asterisk_node.ari_url, asterisk_node.ari_user, asterisk_node.ari_password)
    described = {
        f"{one.resource}.{spec.nickname}" for one in declarations for api in one.apis for spec in api.operations
    }
    text = (HERE / "generated_operations.py").read_text(encoding="utf-8")

    missing = {name for name in described if f'"{name}"' not in text}

    assert missing == {"events.eventWebsocket"}
    assert len(described) == 109
