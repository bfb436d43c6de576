"""History: what the event stream told, row by row, and how far it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("break_reason", sa.String(), nullable=True),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("call", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agent_journal"),
        sa.UniqueConstraint("epoch", "event", name="uq_agent_journal_epoch_event"),
    )
    op.create_index("ix_agent_journal_agent_id", "agent_journal", ["agent", "id"], unique=False)
    op.create_index("ix_agent_journal_at", "agent_journal", ["at"], unique=False)
    op.create_table(
        "agent_last_status",
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("break_reason", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name="pk_agent_last_status"),
    )
    op.create_table(
        "alert_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_history"),
        sa.UniqueConstraint("epoch", "event", name="uq_alert_history_epoch_event"),
    )
    op.create_table(
        "call_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("caller_number", sa.String(), nullable=False),
        sa.Column("caller_name", sa.String(), nullable=False),
        sa.Column("called_number", sa.String(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("requires", sa.JSON(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("offer", sa.String(), nullable=True),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("first_offered_at", sa.BigInteger(), nullable=True),
        sa.Column("connected_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("end_reason", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_call_history"),
        sa.UniqueConstraint("epoch", "event", name="uq_call_history_epoch_event"),
    )
    op.create_index("ix_call_history_agent_id", "call_history", ["agent", "id"], unique=False)
    op.create_index("ix_call_history_call", "call_history", ["call"], unique=False)
    op.create_index("ix_call_history_ended_at", "call_history", ["ended_at"], unique=False)
    op.create_index("ix_call_history_queue_id", "call_history", ["queue", "id"], unique=False)
    op.create_table(
        "cursor",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", name="pk_cursor"),
    )
    op.create_table(
        "history_gap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("after_epoch", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("resumed_epoch", sa.String(), nullable=False),
        sa.Column("resumed", sa.String(), nullable=False),
        sa.Column("resumed_at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_history_gap"),
        sa.UniqueConstraint("consumer", "after_epoch", "after", "resumed", name="uq_history_gap"),
    )
    op.create_table(
        "leg_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("offer", sa.String(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("sip_code", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_leg_history"),
        sa.UniqueConstraint("epoch", "event", name="uq_leg_history_epoch_event"),
    )
    op.create_index("ix_leg_history_call", "leg_history", ["call"], unique=False)
    op.create_table(
        "offer_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("offer", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("free_since", sa.BigInteger(), nullable=False),
        sa.Column("dialled_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("connected_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("sip_code", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offer_history"),
        sa.UniqueConstraint("epoch", "event", name="uq_offer_history_epoch_event"),
    )
    op.create_index("ix_offer_history_agent_id", "offer_history", ["agent", "id"], unique=False)
    op.create_index("ix_offer_history_call", "offer_history", ["call"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_offer_history_call", table_name="offer_history")
    op.drop_index("ix_offer_history_agent_id", table_name="offer_history")
    op.drop_table("offer_history")
    op.drop_index("ix_leg_history_call", table_name="leg_history")
    op.drop_table("leg_history")
    op.drop_table("history_gap")
    op.drop_table("cursor")
    op.drop_index("ix_call_history_queue_id", table_name="call_history")
    op.drop_index("ix_call_history_ended_at", table_name="call_history")
    op.drop_index("ix_call_history_call", table_name="call_history")
    op.drop_index("ix_call_history_agent_id", table_name="call_history")
    op.drop_table("call_history")
    op.drop_table("alert_history")
    op.drop_table("agent_last_status")
    op.drop_index("ix_agent_journal_at", table_name="agent_journal")
    op.drop_index("ix_agent_journal_agent_id", table_name="agent_journal")
    op.drop_table("agent_journal")
