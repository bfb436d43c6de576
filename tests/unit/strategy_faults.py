"""What starting with a queue's strategy gives: the strategy, or the faults that are told."""

from __future__ import annotations

from typing import Any

import pytest

from acd.configuration import Configuration
from acd.errors import Fault, InvalidConfiguration
from acd.queue import Queue
from acd.strategy import Strategy
from stasis_app.plugins import strategies_for

THEIRS = "tests.unit.their_strategies"


def strategy_of(name: str, **options: Any) -> Strategy:
    queue = Queue(name="q", strategy=name, strategy_options=options)
    return strategies_for(Configuration(queues={"q": queue}))["q"]


def faults_of(*named: tuple[str, dict[str, object]]) -> list[Fault]:
    queues = {
        f"q{number}": Queue(name=f"q{number}", strategy=name, strategy_options=options)
        for number, (name, options) in enumerate(named)
    }
    with pytest.raises(InvalidConfiguration) as refused:
        strategies_for(Configuration(queues=queues))
    return list(refused.value.faults)
