"""What Redis is given: every script documented, guarded by the epoch, and put together from Python's own words."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from acd.agent import AGENT_TRANSITIONS
from acd.call import CALL_TRANSITIONS
from acd.offer import MISSED, NOT_TRIED, OFFER_TRANSITIONS
from acd.ports import Refusal
from stasis_app.redis_store.lua import ENUMERATIONS, SCRIPTS, Limits, scripts, text_of

WITHOUT_EPOCH = {"join", "begin_epoch", "leave", "snapshot", "consumed"}
FOLDER = files("stasis_app.redis_store").joinpath("scripts")


def test_every_script_is_a_file_and_every_file_is_a_script() -> None:
    assert {entry.name for entry in FOLDER.iterdir() if entry.is_file()} == {f"{name}.lua" for name in SCRIPTS}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_takes_answers_and_guarantees(name: str) -> None:
    head = text_of(name).split("\n\n")[0]

    assert head.startswith(f"-- {name}: ")
    assert "\n-- KEYS[1]    the pool's epoch\n" in head
    assert "\n-- Returns    " in head
    assert "\n-- Guarantee  " in head
    arguments = re.findall(r"ARGV\[(\d+)\]", text_of(name))
    numbers = head.partition("\n-- ARGV ")[2].partition("\n-- Returns ")[0]
    for number in set(arguments):
        assert re.search(rf"\b{number}(\.\.\.)? ", numbers), f"ARGV[{number}] is not explained"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_looks_at_the_epoch_first(name: str) -> None:
    included = re.findall(r"^-- include: (.+)$", text_of(name), re.MULTILINE)
    guarded = bool(included) and included[0].split()[0] == "epoch"

    assert guarded is (name not in WITHOUT_EPOCH)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_name_of_pythons_is_left_over(name: str) -> None:
    source = scripts(Limits())[name].source

    assert not re.search(rf"\b(?:{'|'.join(ENUMERATIONS)}|Limit)\.", source)
    for used in ("AGENT_TRANSITIONS", "CALL_TRANSITIONS", "OFFER_TRANSITIONS", "MISSED", "NOT_TRIED"):
        if f"{used}[" in source:
            assert f"local {used} = " in source


def test_the_tables_are_pythons_own() -> None:
    source = scripts(Limits())["connect"].source

    for name, table in (
        ("AGENT_TRANSITIONS", AGENT_TRANSITIONS),
        ("CALL_TRANSITIONS", CALL_TRANSITIONS),
        ("OFFER_TRANSITIONS", OFFER_TRANSITIONS),
    ):
        [written] = re.findall(rf"^local {name} = \{{ (.*) \}}$", source, re.MULTILINE)
        steps = dict(re.findall(r"\['([a-z_|]+)'\] = '([a-z_]+)'", written))
        assert steps == {f"{state}|{trigger}": after for (state, trigger), after in table.items()}
    for name, outcomes in (("MISSED", MISSED), ("NOT_TRIED", NOT_TRIED)):
        [written] = re.findall(rf"^local {name} = \{{ (.*) \}}$", source, re.MULTILINE)
        assert set(re.findall(r"\['([a-z_]+)'\] = true", written)) == set(outcomes)


def test_refusals_are_pythons_own() -> None:
    written = "".join(script.source for script in scripts(Limits()).values())

    for refusal in Refusal:
        assert f"'{refusal.value}'" in written, "no script refuses for this reason"


def test_limits_reach_the_scripts() -> None:
    source = scripts(Limits(events=1234))["enqueue"].source

    assert "XLEN', EVENTS) > 1234 " in source
    assert "'MAXLEN', 1222)" in source


def test_a_script_is_called_by_the_digest_that_redis_gives_it() -> None:
    script = scripts(Limits())["beat"]

    assert re.fullmatch(r"[0-9a-f]{40}", script.sha)
    assert script.sha != scripts(Limits(forget_process_ms=1))["beat"].sha
