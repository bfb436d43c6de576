"""What is allowed in a configuration and yet can hardly be meant: remarks for whoever applies it, never a refusal."""

from __future__ import annotations

from collections.abc import Iterator

from acd.configuration import Configuration
from acd.lint.caps import remarks_of_caps
from acd.lint.cycles import remarks_of_cycles
from acd.lint.line import remarks_of_line
from acd.lint.queues import remarks_of_queue, remarks_of_skills
from acd.lint.reach import Reach
from acd.lint.remark import Remark
from acd.lint.steps import remarks_of_steps

__all__ = ["Remark", "remarks_of"]


def remarks_of(configuration: Configuration) -> Iterator[Remark]:
    """Everything that deserves a second look, in the order in which a person would read the file.

    The configuration has no faults. What calls themselves will ask for is not known here: a remark says what is true
    for calls that bring no wishes of their own.
    """
    reach = Reach(configuration)
    yield from remarks_of_line(reach)
    yield from remarks_of_skills(reach)
    for queue in configuration.queues.values():
        yield from remarks_of_queue(queue, reach)
        yield from remarks_of_steps(queue, reach)
    yield from remarks_of_cycles(configuration)
    yield from remarks_of_agents(reach)
    yield from remarks_of_caps(reach)


def remarks_of_agents(reach: Reach) -> Iterator[Remark]:
    """Agents to whom no queue and no step leads."""
    borrowed = {agent for queue in reach.configuration.queues for agent in reach.ever(queue)}
    for agent in reach.configuration.agents.values():
        if not agent.queues and agent.id not in borrowed:
            yield Remark(
                place=f"agents.{agent.id}.queues",
                sentence="no queue's calls ever reach this agent",
                remedy="name the queues whose calls the agent takes",
            )
