"""The command line against a served API: what it prints, and one sentence for every failure."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from stasis_app.cli import app

RUNNER = CliRunner()


async def run(stage: Any, *words: str, given: str | None = None) -> Result:
    """One command over the unix socket, in a thread: commands are synchronous, and the server is in this one."""
    command = ["--data", str(stage.data_folder), *words]
    return await asyncio.to_thread(RUNNER.invoke, app, command, input=given)


async def test_status_shows_the_queues_and_fails_when_calls_cannot_be_served(open_stage: Any) -> None:
    async with open_stage() as stage:
        good = await run(stage, "status")
        stage.broken["store"] = "Redis does not answer"
        bad = await run(stage, "status")

        assert good.exit_code == 0
        assert "ready for calls" in good.stdout
        assert "Technical support" in good.stdout
        assert bad.exit_code == 1
        assert bad.stderr == "stasis-acd: calls cannot be served now\n  store: Redis does not answer\n"


async def test_agents_can_be_seen_and_changed(open_stage: Any) -> None:
    async with open_stage() as stage:
        ready = await run(stage, "agent", "login", "ann")
        paused = await run(stage, "agent", "break", "ann", "Lunch")
        table = await run(stage, "agents")
        listed = await run(stage, "agents", "--json")
        out = await run(stage, "agent", "logout", "ann")

        assert ready.stdout == "Ann Arbor is ready, idle, but the phone is unreachable\n"
        assert paused.stdout.startswith("Ann Arbor is on break (Lunch)")
        assert "Lunch" in table.stdout
        assert {agent["id"]: agent["status"] for agent in json.loads(listed.stdout)} == {
            "ann": "on_break",
            "bob": "logged_out",
            "carl": "logged_out",
        }
        assert out.stdout == "Ann Arbor is logged out, idle\n"


async def test_an_unknown_agent_is_one_sentence_with_the_nearest_names(open_stage: Any) -> None:
    async with open_stage() as stage:
        result = await run(stage, "agent", "ready", "an")

        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr == "stasis-acd: no agent called 'an' is configured; did you mean ann?\n"


async def test_calls_are_listed_explained_and_ended(open_stage: Any) -> None:
    async with open_stage() as stage:
        none = await run(stage, "calls")
        await stage.waiting("c1")
        listed = await run(stage, "calls", "--queue", "support")
        ended = await run(stage, "hangup", "c1")
        unknown = await run(stage, "explain", "call", "c9")

        assert none.stdout == "no call is live\n"
        assert "+4930901820 Jonas" in listed.stdout
        assert (ended.exit_code, stage.hung_up) == (0, ["c1"])
        assert unknown.stderr == "stasis-acd: no call 'c9' is live; calls that ended are in the history\n"


async def test_a_waiting_call_is_changed_and_withdrawn(open_stage: Any) -> None:
    async with open_stage() as stage:
        await stage.waiting("c1")
        changed = await run(stage, "calls", "change", "c1", "--priority", "5", "--queue", "billing", "--agent", "carl")
        nothing = await run(stage, "calls", "change", "c1")
        wrong = await run(stage, "calls", "change", "c1", "--queue", "biling", "--requires", "french >=")
        left = await run(stage, "calls", "withdraw", "c1")
        gone = await run(stage, "calls", "withdraw", "c1")

        assert changed.stdout == "call c1 waits in billing, priority 5, is for carl alone\n"
        assert nothing.stderr.startswith("stasis-acd: say what to change: --priority")
        assert wrong.exit_code == 1
        assert "queue = 'biling': no such queue; known: billing, support" in wrong.stderr
        assert "requires = 'french >='" in wrong.stderr
        assert left.stdout == "call c1 has left the line; the caller goes on in the dialplan\n"
        assert gone.stderr == "stasis-acd: no call 'c1' is live; calls that ended are in the history\n"


async def test_history_lists_nothing_in_a_sentence(open_stage: Any) -> None:
    async with open_stage() as stage:
        listed = await run(stage, "history", "--limit", "5")
        one = await run(stage, "history", "c1")

        assert listed.stdout == "history has no such calls\n"
        assert one.exit_code == 1


async def test_a_configuration_goes_out_and_in_again(open_stage: Any, tmp_path: Path) -> None:
    async with open_stage() as stage:
        shown = await run(stage, "configuration", "show")
        file = tmp_path / "acd.toml"
        file.write_text(shown.stdout)
        same = await run(stage, "apply", str(file))
        file.write_text("[queues.x]\nring_timeout_s = 900\noffer_width = 99\n")
        bad = await run(stage, "apply", str(file))
        missing = await run(stage, "apply", str(tmp_path / "nothing.toml"))

        assert same.stdout == "version 1 is in force\n"
        assert bad.exit_code == 1
        assert len(bad.stderr.splitlines()) == 3
        assert "queues.x.ring_timeout_s = 900" in bad.stderr
        assert missing.stderr.endswith("nothing.toml cannot be read: No such file or directory\n")


async def test_a_plan_says_what_would_change_and_applies_nothing(open_stage: Any, tmp_path: Path) -> None:
    async with open_stage() as stage:
        file = tmp_path / "acd.toml"
        file.write_text((await run(stage, "configuration", "show")).stdout)
        same = await run(stage, "plan", str(file))
        file.write_text(file.read_text() + "\n[queues.lost]\n")
        planned = await run(stage, "plan", str(file))
        as_json = await run(stage, "plan", "--json", str(file))
        still = await run(stage, "configuration", "versions", "--json")
        applied = await run(stage, "apply", str(file))
        file.write_text("[queues.x]\noffer_width = 99\nstrategy = 'nobody_knows'\n")
        bad = await run(stage, "plan", str(file))

        warning = (
            "warning: queues.lost: nobody serves it: no agent takes its calls, and no step borrows any;"
            " name it among the queues of some agents\n"
        )
        assert (same.stdout, same.stderr) == ("nothing would change: it says the same as version 1\n", "")
        assert (planned.stdout, planned.stderr) == ("+ queues.lost\n", warning)
        assert json.loads(as_json.stdout)["version"] == 1
        assert [one["place"] for one in json.loads(as_json.stdout)["remarks"]] == ["queues.lost"]
        assert len(json.loads(still.stdout)) == 1
        assert (applied.stdout, applied.stderr) == ("version 2 is in force\n", warning)
        assert bad.exit_code == 1
        assert "queues.x.offer_width = 99" in bad.stderr


async def test_users_are_added_with_a_password_from_standard_input(open_stage: Any) -> None:
    async with open_stage() as stage:
        added = await run(stage, "user", "add", "dora", "--password-stdin", given="long enough it is\n")
        short = await run(stage, "user", "add", "emil", "--password-stdin", given="short\n")
        silent = await run(stage, "user", "add", "emil")
        changed = await run(stage, "user", "password", "dora", "--password-stdin", given="another long one\n")
        listed = await run(stage, "user", "list")
        removed = await run(stage, "user", "remove", "dora")

        assert added.stdout == "dora may log in as agent\n"
        assert await stage.database.accounts.check_password("dora", "another long one") is None
        assert short.stderr == "stasis-acd: users.emil.password: a password has 10 to 1000 characters\n"
        assert "--password-stdin" in silent.stderr
        assert changed.exit_code == removed.exit_code == 0
        assert "dora" in listed.stdout


async def test_a_wrong_key_and_no_server_are_told_apart(open_stage: Any, tmp_path: Path) -> None:
    async with open_stage() as stage:
        wrong = tmp_path / "wrong.key"
        wrong.write_text("00" * 32)
        refused = await run(stage, "--key-file", str(wrong), "agents")
        over_network = await run(stage, "--url", stage.url, "queues", "--json")
    gone = await run(stage, "agents")
    nothing_there = await run(stage, "--url", "http://127.0.0.1:1", "agents")
    no_address = await run(stage, "--url", "ftp://x", "agents")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("stasis-acd: the key is not this ACD's")
    assert [queue["name"] for queue in json.loads(over_network.stdout)] == ["billing", "support"]
    assert gone.exit_code == 3
    assert "stasis-acd serve" in gone.stderr
    assert nothing_there.exit_code == 3
    assert "check the address" in nothing_there.stderr
    assert no_address.exit_code == 1
