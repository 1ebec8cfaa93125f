"""Count and admit in one transaction."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHILDREN = {
    "response_text": "t.item, t.text",
    "response_weight": "t.run_id, t.influence, t.weight, t.signals",
}
KEPT = (
    "round_id, import_id, unit, point, evidence, channel, answers, background, weight,"
    " paradata, submission_hash, body_digest"
)


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

    _write_responses_anew()
    op.execute("INSERT INTO act_counter (id, acts) VALUES (1, 0)")
    # Answers kept before there was a tally count as received on the day their round opened.
    for counter in ("received", "stored"):
        op.execute(
            "INSERT INTO tally (round_id, point, day, counter, n)"
            " SELECT response.round_id, response.point,"
            f" substr(cast(round.opened_at AS text), 1, 10), '{counter}', count(*)"
            " FROM response JOIN round ON round.id = response.round_id"
            " GROUP BY response.round_id, response.point, round.opened_at"
        )


def _write_responses_anew() -> None:
    """Responses under their receipts: one key in place of three, and the survey version."""
    # What refers to responses stands aside meanwhile, under the identifiers to come.
    number = "printf('%08x', r.round_id)"
    if op.get_bind().dialect.name == "postgresql":
        number = "lpad(to_hex(r.round_id), 8, '0')"
    op.execute(
        "CREATE TABLE moved_response AS SELECT r.*,"
        f" {number} || substr(coalesce(r.receipt_hash, r.submission_hash), 1, 24) AS new_id,"
        " d.key AS survey,"
        " CASE r.channel WHEN 'import' THEN 'imported' ELSE 'open' END AS assurance"
        " FROM response r JOIN round ON round.id = r.round_id"
        " JOIN definition d ON d.id = round.survey_id"
    )
    for table, columns in CHILDREN.items():
        op.execute(
            f"CREATE TABLE moved_{table} AS SELECT m.new_id AS response_id, {columns}"
            f" FROM {table} t JOIN moved_response m ON m.id = t.response_id"
        )
        op.execute(f"DELETE FROM {table}")
    op.execute("DELETE FROM response")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("survey", sa.String(length=100), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("assurance", sa.String(length=20), server_default="open", nullable=False)
        )
        batch_op.drop_constraint(batch_op.f("uq_response_receipt_hash"), type_="unique")
        batch_op.drop_constraint(
            batch_op.f("uq_response_round_id_submission_hash"), type_="unique"
        )
        batch_op.drop_column("receipt_hash")
    op.execute(
        f"INSERT INTO response (id, survey, assurance, {KEPT})"
        f" SELECT new_id, survey, assurance, {KEPT} FROM moved_response ORDER BY new_id"
    )
    for table, columns in CHILDREN.items():
        names = columns.replace("t.", "")
        op.execute(
            f"INSERT INTO {table} (response_id, {names})"
            f" SELECT response_id, {names} FROM moved_{table} ORDER BY response_id"
        )
        op.drop_table(f"moved_{table}")
    op.drop_table("moved_response")
