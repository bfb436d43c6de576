"""The routing core: requirements as expressions, steps that relax them, groups, caps, and the order of the line."""

import json
import re
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS_OF_EXPRESSIONS = {"and", "or", "not"}
BRACKETS = re.compile(r"\([^()]*\)")
PLAIN_PART = re.compile(r"(?P<skill>[a-z0-9][a-z0-9_-]*)(?: >= (?P<level>\d+))?")

QUEUE = sa.table("queue", sa.column("version"), sa.column("name"), sa.column("requires"))
REQUIREMENT = sa.table(
    "queue_requirement", sa.column("version"), sa.column("queue"), sa.column("skill"), sa.column("level")
)


def new_of_queue():
    return (
        sa.Column("idle_clock", sa.String(), nullable=False, server_default="ready"),
        sa.Column("breaks_restart_idle_clock", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("requires", sa.String(), nullable=False, server_default=""),
        sa.Column("prefers", sa.String(), nullable=False, server_default=""),
        sa.Column("ranks", sa.Integer(), nullable=True),
        sa.Column("wait_counts_from", sa.String(), nullable=False, server_default="queued"),
        sa.Column("misses_until_break", sa.Integer(), nullable=False, server_default="0"),
    )


def upgrade() -> None:
    line = sa.Column("line", sa.String(), nullable=False, server_default="wait_plus_priority")
    op.add_column("configuration_version", line)
    for column in new_of_queue():
        op.add_column("queue", column)
    op.create_table(
        "queue_step",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("after_s", sa.Float(), nullable=True),
        sa.Column("metric", sa.String(), nullable=True),
        sa.Column("crossed_at", sa.Float(), nullable=True),
        sa.Column("back_at", sa.Float(), nullable=True),
        sa.Column("lower", sa.JSON(), nullable=False),
        sa.Column("anyone", sa.Boolean(), nullable=False),
        sa.Column("ranks", sa.Integer(), nullable=True),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("agent_groups", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"], name="fk_queue_step_queue"),
        sa.PrimaryKeyConstraint("version", "queue", "position", name="pk_queue_step"),
    )
    op.create_table(
        "agent_group",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version", "agent"], ["agent.version", "agent.name"], name="fk_agent_group_agent"),
        sa.PrimaryKeyConstraint("version", "agent", "name", name="pk_agent_group"),
    )
    op.create_table(
        "cap",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("agent_group", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("at_most", sa.Integer(), nullable=True),
        sa.Column("keep_free", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"], name="fk_cap_queue"),
        sa.PrimaryKeyConstraint("version", "name", name="pk_cap"),
    )
    _requirements_become_text()
    op.drop_table("queue_requirement")
    # Renamed, so that old and new stand beside one another while the one is written from the other.
    op.execute("ALTER TABLE call_history RENAME COLUMN requires TO requires_levels")
    requires = sa.Column("requires", sa.String(), nullable=False, server_default="")
    op.add_column("call_history", requires)
    op.add_column("call_history", sa.Column("prefers", sa.String(), nullable=False, server_default=""))
    op.add_column("call_history", sa.Column("preferred_agent", sa.String(), nullable=True))
    _rewrite("requires_levels", requires, lambda levels: _text(json.loads(levels)))
    op.drop_column("call_history", "requires_levels")


def downgrade() -> None:
    op.execute("ALTER TABLE call_history RENAME COLUMN requires TO requires_text")
    requires = sa.Column("requires", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("call_history", requires)
    _rewrite("requires_text", requires, _levels)
    for column in ("requires_text", "prefers", "preferred_agent"):
        op.drop_column("call_history", column)
    op.create_table(
        "queue_requirement",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version", "queue"], ["queue.version", "queue.name"], name="fk_queue_requirement_queue"
        ),
        sa.ForeignKeyConstraint(
            ["version", "skill"], ["skill.version", "skill.name"], name="fk_queue_requirement_skill"
        ),
        sa.PrimaryKeyConstraint("version", "queue", "skill", name="pk_queue_requirement"),
    )
    _requirements_become_rows()
    op.drop_table("cap")
    op.drop_table("agent_group")
    op.drop_table("queue_step")
    for column in new_of_queue():
        op.drop_column("queue", column.name)
    op.drop_column("configuration_version", "line")


def _requirements_become_text() -> None:
    levels: dict[tuple[int, str], dict[str, int]] = {}
    for row in op.get_bind().execute(sa.select(REQUIREMENT)):
        levels.setdefault((row.version, row.queue), {})[row.skill] = row.level
    for (version, queue), asked in levels.items():
        here = (QUEUE.c.version == version) & (QUEUE.c.name == queue)
        op.execute(sa.update(QUEUE).where(here).values(requires=_text(asked)))


def _requirements_become_rows() -> None:
    for row in op.get_bind().execute(sa.select(QUEUE).where(QUEUE.c.requires != "")).all():
        for skill, level in _levels(row.requires).items():
            values = {"version": row.version, "queue": row.name, "skill": skill, "level": level}
            op.execute(sa.insert(REQUIREMENT).values(values))


def _rewrite(old: str, new: sa.Column, changed: Callable[[str], object]) -> None:
    """Calls by the million share a few requirements: each of them is changed once."""
    calls = sa.table("call_history", sa.column(old), sa.column(new.name, new.type))
    said = sa.cast(calls.c[old], sa.String())
    for (text,) in op.get_bind().execute(sa.select(said).distinct()).all():
        op.execute(sa.update(calls).where(said == text).values({new.name: changed(text)}))


def _text(levels: Mapping[str, int]) -> str:
    """The canonical text; a skill that was named like a word of expressions cannot be asked for any more."""
    asked = sorted((skill, level) for skill, level in levels.items() if skill not in WORDS_OF_EXPRESSIONS)
    return " and ".join(skill if level == 1 else f"{skill} >= {level}" for skill, level in asked)


def _levels(text: str) -> dict[str, int]:
    """What the older release can ask for: skills that must all be held. Alternatives and exclusions are lost."""
    while "(" in text:
        text = BRACKETS.sub("-", text)
    parts = [] if " or " in text else text.split(" and ")
    found = (PLAIN_PART.fullmatch(part) for part in parts)
    return {part["skill"]: int(part["level"] or 1) for part in found if part}
