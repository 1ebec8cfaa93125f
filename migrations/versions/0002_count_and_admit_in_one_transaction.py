"""Count and admit in one transaction."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "act_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_counter")),
    )
    op.create_table(
        "allowance",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken <= most", name=op.f("ck_allowance_taken")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_allowance_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "name", name=op.f("pk_allowance")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invitee",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_invitee_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "person", name=op.f("pk_invitee")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_outbox_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sample_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=100), nullable=False),
        sa.Column("frame_digest", sa.String(length=64), nullable=False),
        sa.Column("frame_size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("sample_digest", sa.String(length=64), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_sample_draw_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_draw")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("survey", sa.String(length=100), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_segment_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("round_id", "survey", name=op.f("uq_segment_round_id_survey")),
    )
    op.create_table(
        "tally",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(length=100), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("counter", sa.String(length=40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_tally_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", "point", "day", "counter", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("batch", sa.String(length=100), nullable=False),
        sa.Column("point", sa.String(length=100), nullable=False),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "purpose in ('invitation', 'ticket')", name=op.f("ck_token_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_token_round_id_round")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_token_round_id"), ["round_id", "batch"], unique=False
        )

    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("survey", sa.String(length=100), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("assurance", sa.String(length=20), server_default="open", nullable=False)
        )
    op.execute("INSERT INTO act_counter (id, acts) VALUES (1, 0)")
    op.execute(
        "UPDATE response SET survey = (SELECT definition.key FROM round"
        " JOIN definition ON definition.id = round.survey_id WHERE round.id = response.round_id)"
    )
    op.execute("UPDATE response SET assurance = 'imported' WHERE channel = 'import'")
    # Answers kept before there was a tally count as received on the day their round opened.
    for counter in ("received", "stored"):
        op.execute(
            "INSERT INTO tally (round_id, point, day, counter, n)"
            " SELECT response.round_id, response.point,"
            f" substr(cast(round.opened_at AS text), 1, 10), '{counter}', count(*)"
            " FROM response JOIN round ON round.id = response.round_id"
            " GROUP BY response.round_id, response.point, round.opened_at"
        )
