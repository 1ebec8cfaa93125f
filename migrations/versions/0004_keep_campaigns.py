"""Keep campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("first_minute", sa.Integer(), nullable=True),
        sa.Column("last_minute", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("score_with", sa.Double(), nullable=True),
        sa.Column("score_without", sa.Double(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind in ('point', 'enumerator', 'network')", name=op.f("ck_campaign_kind")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_campaign_round_id_round")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_campaign_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("round_id", "code", name=op.f("uq_campaign_round_id_code")),
    )
    op.create_table(
        "campaign_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("office", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("second_of", sa.Integer(), nullable=True),
        sa.Column("revokes", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict in ('keep', 'down_weight', 'exclude', 'audit')",
            name=op.f("ck_campaign_decision_verdict"),
        ),
        sa.CheckConstraint(
            "second_of is null or revokes is null", name=op.f("ck_campaign_decision_act")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_decision_campaign_id_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["revokes"],
            ["campaign_decision.id"],
            name=op.f("fk_campaign_decision_revokes_campaign_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["second_of"],
            ["campaign_decision.id"],
            name=op.f("fk_campaign_decision_second_of_campaign_decision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_decision")),
    )
    with op.batch_alter_table("campaign_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_decision_campaign_id"), ["campaign_id"], unique=False
        )

    op.create_table(
        "campaign_response",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_response_campaign_id_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_campaign_response_response_id_response"),
        ),
        sa.PrimaryKeyConstraint(
            "campaign_id", "response_id", name=op.f("pk_campaign_response")
        ),
        sqlite_with_rowid=False,
    )
