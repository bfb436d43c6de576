"""What a waiting call keeps in Python and in Redis, and whether the largest published centre fits and loads."""

from __future__ import annotations

import gc
import resource
from itertools import chain
from random import Random
from time import perf_counter
from typing import TypedDict

import psutil
import uvloop

from acd.agent import Agent
from scenarios.bench.centre import Centre, busy
from scenarios.bench.population import FULL, LONGEST_WAIT_MS, NOW, SEED, Population, Scale, Spread
from scenarios.bench.store import POOL, Bare, fill, private_redis
from scenarios.bench.timing import Figures, collect_as_the_service_does, figures
from stasis_app.plugins import strategies_for
from stasis_app.redis_store import RedisStore
from stasis_app.redis_store.codec import event_of, written

LOGGED_IN_SHARE = 0.5


class Size(TypedDict):
    """Bytes for each waiting call."""

    calls: int
    python: int
    redis_record: int
    redis_with_stream: int
    """Together with the event of its coming, which stays until every consumer has kept it and ten minutes are over."""


class Shape(TypedDict):
    """The largest published centre."""

    agents: int
    logged_in: int
    queues: int
    waiting: int
    load_s: float
    """Snapshot from Redis, configuration, indexes, and the first look for pairs."""
    python_mib: int
    """At its highest, while it was loaded."""
    redis_mib: int
    classes: int
    decision: Figures


def python_bytes(scale: Scale, count: int) -> int:
    """The process's growth for each call that comes in as an event from the stream."""
    population = Population(scale, Spread.FITTING)
    centre = Centre(population.configuration, strategies_for(population.configuration))
    centre.load([busy(agent) for agent in population.configuration.agents], [])
    process = psutil.Process()
    bodies = [
        (f"{NOW}-{number}".encode(), b'{"at":%d,"call":%b}' % (NOW, written(call)))
        for number, call in enumerate(population.callers(count, now=NOW, longest_ms=LONGEST_WAIT_MS), 1)
    ]
    collect_as_the_service_does()
    before = process.memory_info().rss
    for event_id, body in bodies:
        centre.matcher.apply(event_of(event_id, b"CallQueued", body))
    centre.matcher.propose(NOW)
    gc.collect()
    return (process.memory_info().rss - before) // count


async def redis_bytes(count: int) -> tuple[int, int]:
    """Redis's growth for each call's record alone, and for one that was queued as calls are."""
    population = Population(FULL, Spread.FITTING)
    async with private_redis() as reach:
        bare = Bare(reach)
        await fill(reach, (), ())
        empty = bare.used_memory
        await fill(reach, (), population.callers(count, now=NOW, longest_ms=LONGEST_WAIT_MS))
        records = bare.used_memory - empty
        await fill(reach, (), ())
        empty = bare.used_memory
        async with RedisStore(reach.url, pool=POOL, command_timeout_s=30) as store:
            await store.join()
            for call in population.callers(count, now=NOW, longest_ms=LONGEST_WAIT_MS):
                await store.enqueue(call)
        whole = bare.used_memory - empty
        bare.close()
    return records // count, whole // count


def size(scale: Scale, in_redis: int) -> Size:
    """Both sides of a waiting call."""
    record, whole = uvloop.run(redis_bytes(in_redis))
    return Size(
        calls=scale.waiting,
        python=python_bytes(scale, scale.waiting),
        redis_record=record,
        redis_with_stream=whole,
    )


def shape(scale: Scale, decisions: int) -> Shape:
    """Load the largest published centre from Redis, in this process, which must be fresh."""
    return uvloop.run(_shape(scale, decisions))


async def _shape(scale: Scale, decisions: int) -> Shape:
    async with private_redis() as reach:
        population = Population(scale, Spread.FITTING)
        names = list(population.configuration.agents)
        working = names[: round(len(names) * LOGGED_IN_SHARE)]
        live = chain((busy(name) for name in working), (Agent(id=name) for name in names[len(working) :]))
        calls = population.callers(scale.waiting, now=NOW, longest_ms=LONGEST_WAIT_MS)
        await fill(reach, live, calls)
        bare = Bare(reach)
        redis_mib = bare.used_memory >> 20
        bare.close()
        strategies = strategies_for(population.configuration)
        async with RedisStore(reach.url, pool=POOL, command_timeout_s=60) as store:
            await store.join()
            began = perf_counter()
            snapshot = await store.snapshot()
            centre = Centre(population.configuration, strategies)
            centre.load(list(snapshot.agents.values()), list(snapshot.calls.values()))
            load_s = perf_counter() - began
    classes = centre.matcher.pool.callers.line.classes_known
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    collect_as_the_service_does()
    draw = Random(SEED)  # noqa: S311  # the same agents each time, no secret
    for _ in range(20 * decisions):
        if len(centre.times.decisions) >= decisions:
            break
        agent = draw.choice(working)
        proposals = centre.agent_becomes_free(agent)
        for proposal in proposals:
            centre.runs_its_course(proposal)
        if not proposals:
            centre.agent_takes_a_break(agent)
    return Shape(
        agents=scale.agents,
        logged_in=len(working),
        queues=scale.queues,
        waiting=scale.waiting,
        load_s=round(load_s, 1),
        python_mib=peak_mib,
        redis_mib=redis_mib,
        classes=classes,
        decision=figures(centre.times.decisions),
    )
