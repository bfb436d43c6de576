"""The first tables: versions of the configuration, accounts, phone secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_account"),
    )
    op.create_table(
        "configuration_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("applied_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_configuration_version"),
    )
    op.create_table(
        "phone_secret",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name="pk_phone_secret"),
    )
    op.create_table(
        "agent",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("phone_kind", sa.String(), nullable=False),
        sa.Column("phone_target", sa.String(), nullable=False),
        sa.Column("wrap_up_s", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["version"], ["configuration_version.number"], name="fk_agent_configuration_version"),
        sa.PrimaryKeyConstraint("version", "name", name="pk_agent"),
    )
    op.create_table(
        "queue",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("strategy", sa.String(), nullable=False),
        sa.Column("strategy_options", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("ring_timeout_s", sa.Float(), nullable=False),
        sa.Column("offer_width", sa.Integer(), nullable=False),
        sa.Column("wrap_up_s", sa.Float(), nullable=False),
        sa.Column("max_wait_s", sa.Float(), nullable=False),
        sa.Column("service_level_s", sa.Float(), nullable=False),
        sa.Column("music_class", sa.String(), nullable=False),
        sa.Column("cool_off_no_answer_s", sa.Float(), nullable=False),
        sa.Column("cool_off_rejected_s", sa.Float(), nullable=False),
        sa.Column("cool_off_busy_s", sa.Float(), nullable=False),
        sa.Column("cool_off_unreachable_s", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["configuration_version.number"], name="fk_queue_configuration_version"),
        sa.PrimaryKeyConstraint("version", "name", name="pk_queue"),
    )
    op.create_table(
        "skill",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["configuration_version.number"], name="fk_skill_configuration_version"),
        sa.PrimaryKeyConstraint("version", "name", name="pk_skill"),
    )
    op.create_table(
        "agent_skill",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version", "agent"], ["agent.version", "agent.name"], name="fk_agent_skill_agent"),
        sa.ForeignKeyConstraint(["version", "skill"], ["skill.version", "skill.name"], name="fk_agent_skill_skill"),
        sa.PrimaryKeyConstraint("version", "agent", "skill", name="pk_agent_skill"),
    )
    op.create_table(
        "queue_agent",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version", "agent"], ["agent.version", "agent.name"], name="fk_queue_agent_agent"),
        sa.ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"], name="fk_queue_agent_queue"),
        sa.PrimaryKeyConstraint("version", "queue", "agent", name="pk_queue_agent"),
    )
    op.create_table(
        "queue_number",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version", "queue"], ["queue.version", "queue.name"], name="fk_queue_number_queue"),
        sa.PrimaryKeyConstraint("version", "number", name="pk_queue_number"),
    )
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


def downgrade() -> None:
    op.drop_table("queue_requirement")
    op.drop_table("queue_number")
    op.drop_table("queue_agent")
    op.drop_table("agent_skill")
    op.drop_table("skill")
    op.drop_table("queue")
    op.drop_table("agent")
    op.drop_table("phone_secret")
    op.drop_table("configuration_version")
    op.drop_table("account")
