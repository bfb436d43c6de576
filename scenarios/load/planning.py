"""From a profile and a seed to the plan of a run: pure, so that the same seed is the same traffic, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from scenarios.load.arrivals import Ramp, Replay, ReplayedCall, ramp_steps, times_of
from scenarios.load.distributions import Distribution, Fixed
from scenarios.load.draws import TalkTimes, drawn, milliseconds, stream, weighted
from scenarios.load.plan import Audio, Plan, PlannedCall
from scenarios.load.profile import CallerKind, Profile
from scenarios.load.staffing import configured, planned_agents, planned_changes

__all__ = ["plan_of"]


def plan_of(profile: Profile, *, seed: int | None = None) -> Plan:
    """What a run of this profile sends; ``seed`` instead of the profile's own, if given."""
    seed = profile.seed if seed is None else seed
    arrivals = profile.arrivals
    day = arrivals.calls if isinstance(arrivals, Replay) else ()
    recorded = [call.talk_s for call in day if call.talk_s is not None]
    talk = TalkTimes.of([kind.talk for kind in profile.callers], recorded)
    agents = tuple(planned_agents(profile, seed))
    return Plan(
        name=profile.name,
        title=profile.title,
        seed=seed,
        engine=profile.engine,
        calls=tuple(_calls(profile, seed, day, talk)),
        agents=agents,
        changes=planned_changes(profile, agents, seed),
        talk_s=talk.times,
        duration_s=profile.duration_s,
        drain_s=profile.drain_s,
        configuration=configured(profile, agents),
        rules=profile.rules,
        ramp=ramp_steps(arrivals, profile.duration_s),
        until_it_breaks=isinstance(arrivals, Ramp) and arrivals.to_per_s is None,
    )


@dataclass(frozen=True, slots=True)
class _Chances:
    """A stream for each thing that is drawn for a caller. Each caller takes one number of each, whether it is needed
    or not: so one caller's kind changes nothing for the next."""

    kind: Random
    queue: Random
    number: Random
    talk: Random
    patience: Random
    vanishing: Random
    vanishing_after: Random

    @classmethod
    def of(cls, seed: int) -> _Chances:
        return cls(*(stream(seed, f"callers:{name}") for name in cls.__slots__))


def _calls(profile: Profile, seed: int, day: Sequence[ReplayedCall], talk: TalkTimes) -> Iterator[PlannedCall]:
    chances, kinds = _Chances.of(seed), {kind.name: kind for kind in profile.callers}
    shares = {name: kind.share for name, kind in kinds.items()}
    times = times_of(profile.arrivals, profile.duration_s, stream(seed, "arrivals"))
    for index, at in enumerate(times):
        kind = kinds[weighted(shares, chances.kind)]
        call = _drawn_call(kind, index, at, chances, talk)
        if day:
            call = _as_recorded(call, day[index], talk)
        # A queue without a number is called by its name, as the default call flow allows.
        numbers = profile.configuration.queues[call.queue].numbers or (call.queue,)
        yield replace(call, exten=numbers[int(chances.number.random() * len(numbers))])


def _drawn_call(kind: CallerKind, index: int, at: float, chances: _Chances, talk: TalkTimes) -> PlannedCall:
    patience, gone = _time(kind.patience, chances.patience), _time(kind.vanishes_after, chances.vanishing_after)
    vanishes = chances.vanishing.random() < kind.vanishes
    # Asterisk tells by the silence that somebody is gone, so this caller must not have been silent before.
    audio = Audio.TONE if vanishes and kind.audio is Audio.NONE else kind.audio
    return PlannedCall(
        index=index,
        at=milliseconds(at),
        exten="",
        queue=weighted(kind.queues, chances.queue),
        talk_bucket=talk.bucket(kind.talk, chances.talk),
        patience_s=patience,
        vanishes_after_s=gone if vanishes else None,
        priority=kind.priority,
        requires=kind.requires,
        prefers=kind.prefers,
        codec=kind.codec,
        audio=audio,
        audio_file=kind.audio_file,
    )


def _as_recorded(call: PlannedCall, said: ReplayedCall, talk: TalkTimes) -> PlannedCall:
    """What the recorded day says of this call goes before what was drawn."""
    return replace(
        call,
        queue=said.queue or call.queue,
        talk_bucket=call.talk_bucket if said.talk_s is None else talk.bucket_of(said.talk_s),
        patience_s=call.patience_s if said.patience_s is None else milliseconds(said.patience_s),
        priority=call.priority if said.priority is None else said.priority,
    )


def _time(distribution: Distribution | None, chance: Random) -> float | None:
    time = drawn(distribution or Fixed(0.0), chance)
    return None if distribution is None else time
