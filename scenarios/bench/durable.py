"""Decisions made durable: how many reservations a second the store takes, and how soon each is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from multiprocessing import get_context
from time import perf_counter
from typing import Any, TypedDict

import uvloop

from acd.call import Call
from acd.offer import Offer
from acd.ports import Refused, Reservation
from scenarios.bench.centre import ready
from scenarios.bench.population import NOW
from scenarios.bench.store import (
    LEASE_MS,
    POOL,
    WHY,
    Bare,
    Reach,
    agents_for,
    epoch_of,
    fill,
    packed,
    private_redis,
    sent_by,
)
from scenarios.bench.timing import collect_as_the_service_does
from stasis_app.redis_store import RedisStore
from stasis_app.redis_store.keys import Keys

AT_ONCE = 256
"""Reservations under way at a time in each process; the store writes those that wait as one batch."""
BARE_BATCH = 64
PACE_S = 0.001


class Durable(TypedDict):
    """What the store came to."""

    reservations: int
    bare_script_per_s: int
    """Reservations: the store's own commands, recorded and sent again by a loop that does nothing else."""
    bare_batch: int
    reservations_per_command: float
    per_s_by_processes: dict[str, int]
    at_once: int
    best_per_s: int
    best_processes: int
    vs_raw_script: float
    half_load_per_s: int
    half_load_p50_ms: float
    half_load_p99_ms: float
    half_load_worst_ms: float
    half_load_rewrites: int
    """How often Redis wrote its append-only file anew meanwhile: by a fork that takes a core for some time."""


def durable(count: int, half_load_s: float) -> Durable:
    """The same reservations three ways: bare, through the store by one and two processes, and paced at half that."""
    return uvloop.run(_durable(count, half_load_s))


async def _durable(count: int, half_load_s: float) -> Durable:
    async with private_redis() as reach:
        bare_per_s, commands = await _bare(reach, count)
        by_processes: dict[str, int] = {}
        for processes in (1, 2):
            await _refill(reach, count)
            by_processes[str(processes)] = round(await asyncio.to_thread(_at_full_speed, reach, count, processes))
        best = max(by_processes, key=lambda processes: by_processes[processes])
        per_s = by_processes[best] // 2
        paced = round(per_s * half_load_s)
        await _refill(reach, paced)
        rewrites = _rewrites(reach)
        latencies = await asyncio.to_thread(_paced, reach, paced, per_s)
        rewrites = _rewrites(reach) - rewrites
    ordered = sorted(latencies)
    return Durable(
        reservations=count,
        bare_script_per_s=round(bare_per_s),
        bare_batch=BARE_BATCH,
        reservations_per_command=round(count / commands, 1),
        per_s_by_processes=by_processes,
        at_once=AT_ONCE,
        best_per_s=by_processes[best],
        best_processes=int(best),
        vs_raw_script=round(by_processes[best] / bare_per_s, 2),
        half_load_per_s=per_s,
        half_load_p50_ms=round(ordered[len(ordered) // 2] * 1000, 2),
        half_load_p99_ms=round(ordered[len(ordered) * 99 // 100] * 1000, 2),
        half_load_worst_ms=round(ordered[-1] * 1000, 2),
        half_load_rewrites=rewrites,
    )


async def _bare(reach: Reach, count: int) -> tuple[float, int]:
    """The very commands of the store, sent again by a bare loop: reservations per second, and how many commands."""

    async def reserve_all(store: RedisStore) -> None:
        await _reserve(store, range(count))

    await _refill(reach, count)
    before, recorded = await sent_by(reach, reserve_all)
    await _refill(reach, count)
    old, new = before.encode(), (await epoch_of(reach)).encode()
    commands = [packed(*(new if word == old else word for word in command)) for command in recorded]
    bare = Bare(reach)
    try:
        taken = await asyncio.to_thread(bare.seconds, commands, BARE_BATCH)
        made = bare.ask("HLEN", Keys(POOL).offers)
    finally:
        bare.close()
    assert made == count, f"each must be made: {made} of {count}"
    return count / taken, len(commands)


def _rewrites(reach: Reach) -> int:
    bare = Bare(reach)
    try:
        return bare.info("persistence", "aof_rewrites")
    finally:
        bare.close()


async def _refill(reach: Reach, count: int) -> None:
    agents = (ready(f"a{number}", NOW) for number in range(count + len(agents_for(0))))
    calls = (
        Call(id=f"c{number}", queue="q", owner="acd-1", node="pbx-1", queued_at=NOW, arrived_at=NOW, state_since=NOW)
        for number in range(count)
    )
    await fill(reach, agents, calls)


def _in_processes(work: Any, parts: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Run these at once, each in a fresh process of its own; they begin together."""
    context = get_context("spawn")
    barrier, answers = context.Barrier(len(parts)), context.Queue()
    processes = [context.Process(target=work, args=(barrier, answers, *part)) for part in parts]
    for process in processes:
        process.start()
    results = [answers.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    return results


def _at_full_speed(reach: Reach, count: int, processes: int) -> float:
    share = count // processes
    parts = [(reach, range(part * share, (part + 1) * share)) for part in range(processes)]
    times: list[tuple[float, float]] = _in_processes(_reserve_all, parts)
    return share * processes / (max(end for _, end in times) - min(begin for begin, _ in times))


def _reserve_all(barrier: Any, answers: Any, reach: Reach, numbers: range) -> None:
    async def run() -> tuple[float, float]:
        collect_as_the_service_does()
        async with RedisStore(reach.url, pool=POOL, command_timeout_s=30) as store:
            await store.join()
            barrier.wait()
            began = perf_counter()
            await _reserve(store, numbers)
            return began, perf_counter()

    answers.put(uvloop.run(run()))


async def _reserve(store: RedisStore, numbers: range) -> None:
    left = iter(numbers)

    async def worker() -> None:
        for number in left:
            _made(await store.reserve(_reservation(number)))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(worker())


def _paced(reach: Reach, count: int, per_s: int) -> list[float]:
    (latencies,) = _in_processes(_reserve_at_pace, [(reach, count, per_s)])
    return list(latencies)


def _reserve_at_pace(barrier: Any, answers: Any, reach: Reach, count: int, per_s: int) -> None:
    """Open loop: reservations begin on time whether or not earlier ones were answered."""

    async def run() -> list[float]:
        collect_as_the_service_does()
        latencies: list[float] = []
        async with RedisStore(reach.url, pool=POOL, command_timeout_s=30) as store, asyncio.TaskGroup() as tasks:
            await store.join()
            barrier.wait()
            began = perf_counter()

            async def one(number: int) -> None:
                due = began + number / per_s
                _made(await store.reserve(_reservation(number)))
                latencies.append(perf_counter() - due)

            started = 0
            while started < count:
                until = min(count, int((perf_counter() - began) * per_s) + 1)
                for number in range(started, until):
                    tasks.create_task(one(number))
                started = max(started, until)
                await asyncio.sleep(PACE_S)
        return latencies

    answers.put(uvloop.run(run()))


def _reservation(number: int) -> Reservation:
    return Reservation(call=f"c{number}", agents=agents_for(number), width=1, lease_ms=LEASE_MS, why=WHY)


def _made(answer: Sequence[Offer] | Refused) -> None:
    assert not isinstance(answer, Refused), "everybody is free, and every call waits"
