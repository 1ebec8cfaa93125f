"""Create the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=50), nullable=False),
        sa.Column("object", sa.String(length=100), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_table(
        "definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition")),
        sa.UniqueConstraint(
            "kind", "key", "digest", name=op.f("uq_definition_kind_key_digest")
        ),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("score_maps_id", sa.Integer(), nullable=False),
        sa.Column("system_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('draft', 'open', 'closed', 'processed', 'published')",
            name=op.f("ck_round_state"),
        ),
        sa.ForeignKeyConstraint(
            ["score_maps_id"], ["definition.id"], name=op.f("fk_round_score_maps_id_definition")
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["definition.id"], name=op.f("fk_round_survey_id_definition")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["definition.id"], name=op.f("fk_round_system_id_definition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("code", name=op.f("uq_round_code")),
    )
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_import_file_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.UniqueConstraint("round_id", "digest", name=op.f("uq_import_file_round_id_digest")),
    )
    op.create_table(
        "point_code",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(length=100), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_point_code_round_id_round")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_point_code")),
    )
    with op.batch_alter_table("point_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_point_code_round_id"), ["round_id", "point"], unique=False
        )

    op.create_table(
        "pressure_report",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_pressure_report_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pressure_report")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "round_key",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_round_key_round_id_round")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_key")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("data_digest", sa.String(length=64), nullable=True),
        sa.Column("code_version", sa.String(length=100), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("document_digest", sa.String(length=64), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('requested', 'running', 'finished', 'failed')", name=op.f("ck_run_state")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_run_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_publication_run_id_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("run_id", name=op.f("uq_publication_run_id")),
    )
    op.create_table(
        "response",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("point", sa.String(length=100), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("background", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("paradata", sa.JSON(), nullable=False),
        sa.Column("submission_hash", sa.String(length=64), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("receipt_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_file.id"], name=op.f("fk_response_import_id_import_file")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_response_round_id_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_response_receipt_hash")),
        sa.UniqueConstraint(
            "round_id", "submission_hash", name=op.f("uq_response_round_id_submission_hash")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response_text",
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_response_text_response_id_response")
        ),
        sa.PrimaryKeyConstraint("response_id", "item", name=op.f("pk_response_text")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response_weight",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.String(length=32), nullable=False),
        sa.Column("influence", sa.Double(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("signals", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_response_weight_response_id_response"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_response_weight_run_id_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "response_id", name=op.f("pk_response_weight")),
        sqlite_with_rowid=False,
    )



def downgrade() -> None:

    op.drop_table("response_weight")
    op.drop_table("response_text")
    op.drop_table("response")
    op.drop_table("publication")
    op.drop_table("run")
    op.drop_table("round_key")
    op.drop_table("pressure_report")
    with op.batch_alter_table("point_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_code_round_id"))

    op.drop_table("point_code")
    op.drop_table("import_file")
    op.drop_table("round")
    op.drop_table("definition")
    op.drop_table("audit_event")

