"""The configuration in SQL: versions whole and for ever, all or nothing, whoever writes at the same time."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import create_engine, event, text

from acd.agent import AgentProfile, Phone, PhoneKind
from acd.configuration import Cap, Configuration, LineOrder
from acd.errors import InvalidConfiguration
from acd.queue import CoolOff, Crossing, IdleClock, Metric, Queue, Step, WaitCountsFrom
from stasis_app.database import AppliedVersion, Database, VersionUnknown
from tests.configurations import configurations

FULL = Configuration(
    skills={"german": "German", "billing": "Billing questions"},
    queues={
        "support": Queue(
            name="support",
            title="Support",
            numbers=("200", "100", "+49301"),
            strategy="most_skilled",
            strategy_options={"weights": [1, 2.5], "deep": {"a": True}},
            requires="billing and german >= 50",
            prefers="german >= 80 or not billing",
            ranks=0,
            idle_clock=IdleClock.OFFER,
            breaks_restart_idle_clock=False,
            wait_counts_from=WaitCountsFrom.ARRIVAL,
            misses_until_break=3,
            steps=(
                Step(after_s=30.0, lower={"german": 20, "billing": 0}, ranks=3),
                Step(
                    when=Crossing(metric=Metric.LONGEST_WAIT_S, at=60.5, back_at=30.0),
                    anyone=True,
                    queues=("sales",),
                ),
                Step(after_s=90.0, groups=("reserve", "back")),
            ),
            priority=-1.5,
            ring_timeout_s=12.5,
            offer_width=3,
            wrap_up_s=0.0,
            max_wait_s=600.0,
            service_level_s=30.0,
            music_class="jazz",
            cool_off=CoolOff(no_answer_s=1.0, rejected_s=2.0, busy_s=3.0, unreachable_s=4.0),
        ),
        "sales": Queue(name="sales"),
    },
    agents={
        "zoe": AgentProfile(
            id="zoe",
            name="Zoë",
            skills={"german": 100},
            queues={"support": 3, "sales": 0},
            groups=("reserve", "back"),
        ),
        "bob": AgentProfile(id="bob", phone=Phone(kind=PhoneKind.DIAL, target="PJSIP/1@t"), wrap_up_s=0.0),
    },
    caps={
        "spare": Cap(name="spare", group="reserve", queue="support", keep_free=2),
        "few": Cap(name="few", group="back", queue="sales", at_most=0),
    },
    line=LineOrder.STRICT_PRIORITY,
)


NOBODY = replace(
    FULL,
    agents={},
    caps={},
    queues=FULL.queues | {"support": replace(FULL.queues["support"], steps=FULL.queues["support"].steps[:2])},  # type: ignore[operator]
)
"""The same without agents, and so without groups."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'acd.sqlite3'}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database.open(url) as database:
        yield database


def counts(url: str) -> dict[str, int]:
    """Rows of every table of the configuration, seen from outside."""
    tables = ("configuration_version", "skill", "queue", "queue_number", "queue_step", "agent", "agent_skill", "cap")
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}
    engine.dispose()
    return rows


async def test_nothing_applied_yet_is_an_empty_configuration(database: Database) -> None:
    assert await database.configuration.load() == Configuration()
    assert await database.configuration.versions() == []


async def test_what_was_applied_is_loaded_to_the_last_field_and_in_its_order(database: Database) -> None:
    number = await database.configuration.apply(FULL, "ann", at=1_000, note="first")
    loaded = await database.configuration.load()

    assert number == 1
    assert loaded == replace(FULL, version=1)
    assert list(loaded.queues) == ["support", "sales"]
    assert list(loaded.agents) == ["zoe", "bob"]
    assert list(loaded.skills) == ["german", "billing"]
    assert list(loaded.caps) == ["spare", "few"]
    assert await database.configuration.versions() == [
        AppliedVersion(number=1, applied_at=1_000, author="ann", note="first")
    ]


async def test_version_n_stays_exactly_version_n(database: Database) -> None:
    changes = [
        FULL,
        Configuration(),
        NOBODY,
        replace(FULL, queues={"sales": replace(FULL.queues["sales"], numbers=("1",))}, agents={}, caps={}),
    ]
    for number, configuration in enumerate(changes, start=1):
        assert await database.configuration.apply(configuration, "ann", at=number) == number
    for number, configuration in enumerate(changes, start=1):
        assert await database.configuration.load(number) == replace(configuration, version=number)

    assert [version.number for version in await database.configuration.versions()] == [4, 3, 2, 1]
    assert [version.number for version in await database.configuration.versions(limit=2)] == [4, 3]


async def test_the_same_again_is_no_new_version(database: Database) -> None:
    first = await database.configuration.apply(FULL, "ann", at=1)

    assert await database.configuration.apply(replace(FULL, version=77), "bob", at=2) == first
    assert len(await database.configuration.versions()) == 1


async def test_going_back_to_an_older_one_is_a_new_version(database: Database) -> None:
    await database.configuration.apply(FULL, "ann", at=1)
    await database.configuration.apply(NOBODY, "ann", at=2)

    assert await database.configuration.apply(FULL, "ann", at=3) == 3


async def test_a_version_that_never_was_is_named_as_such(database: Database) -> None:
    await database.configuration.apply(FULL, "ann", at=1)
    with pytest.raises(VersionUnknown, match=r"version 7 was never applied; the newest is 1"):
        await database.configuration.load(7)


async def test_a_faulty_configuration_leaves_nothing_behind(database: Database, url: str) -> None:
    faulty = replace(FULL, queues={"support": replace(FULL.queues["support"], offer_width=0)})
    before = counts(url)
    with pytest.raises(InvalidConfiguration) as caught:
        await database.configuration.apply(faulty, "ann", at=1)

    assert [fault.place for fault in caught.value.faults] == [
        "queues.support.offer_width",
        "queues.support.steps[1].queues",
        "agents.zoe.queues",
        "caps.few.queue",
    ]
    assert counts(url) == before


async def test_a_crash_in_the_middle_of_applying_leaves_nothing_behind(database: Database, url: str) -> None:
    await database.configuration.apply(NOBODY, "ann", at=1)
    before = counts(url)

    def crash(*execution: object) -> None:
        if "INTO agent_skill" in str(execution[2]):
            raise ConnectionAbortedError("the process is gone")

    event.listen(database._engine, "before_cursor_execute", crash)
    with pytest.raises(ConnectionAbortedError):
        await database.configuration.apply(FULL, "ann", at=2)
    event.remove(database._engine, "before_cursor_execute", crash)

    assert counts(url) == before
    assert await database.configuration.load() == replace(NOBODY, version=1)
    assert await database.configuration.apply(FULL, "ann", at=3) == 2


async def test_processes_that_apply_at_once_get_a_number_each(url: str) -> None:
    async with Database.open(url) as one, Database.open(url) as other, asyncio.TaskGroup() as tasks:
        applied = [
            tasks.create_task(database.configuration.apply(Configuration(skills={f"s{number}": ""}), "ann", at=number))
            for number in range(10)
            for database in (one, other)[number % 2 :][:1]
        ]

    assert sorted(task.result() for task in applied) == list(range(1, 11))


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(st.data())
async def test_whatever_can_be_configured_comes_back_as_it_was(data: st.DataObject) -> None:
    configuration = data.draw(configurations())
    with tempfile.TemporaryDirectory() as folder:
        async with Database.open(f"sqlite:///{folder}/acd.sqlite3") as database:
            number = await database.configuration.apply(configuration, "ann", at=1)
            loaded = await database.configuration.load(number)

            assert loaded == replace(configuration, version=number)
            assert [list(named) for named in (loaded.queues, loaded.agents, loaded.caps, loaded.skills)] == [
                list(named)
                for named in (configuration.queues, configuration.agents, configuration.caps, configuration.skills)
            ]


# --- phone secrets ---------------------------------------------------------------------------------------------------


async def test_a_secret_is_made_once_and_kept(url: str) -> None:
    async with Database.open(url) as database:
        first = await database.phones.phone_secret("zoe")
        both = await database.phones.phone_secrets(["zoe", "bob"])
    async with Database.open(url) as database:
        again = await database.phones.phone_secrets(["bob", "zoe"])

    assert len(first) >= 32
    assert both["zoe"] == first != both["bob"]
    assert again == both


async def test_processes_that_need_a_secret_at_once_get_the_same(url: str) -> None:
    agents = [f"a{number}" for number in range(20)]
    async with Database.open(url) as one, Database.open(url) as other, asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(database.phones.phone_secrets(agents)) for database in (one, other)]

    assert asked[0].result() == asked[1].result()


async def test_a_secret_goes_with_its_agent(database: Database) -> None:
    await database.configuration.apply(FULL, "ann", at=1)
    before = await database.phones.phone_secrets(["zoe", "bob"])
    await database.configuration.apply(replace(NOBODY, agents={"bob": FULL.agents["bob"]}), "ann", at=2)
    after = await database.phones.phone_secrets(["zoe", "bob"])

    assert after["bob"] == before["bob"]
    assert after["zoe"] != before["zoe"]
