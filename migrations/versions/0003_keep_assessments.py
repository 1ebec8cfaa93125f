"""Keep assessments."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["definition.id"], name=op.f("fk_assessment_plan_id_definition")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["definition.id"], name=op.f("fk_assessment_system_id_definition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("code", name=op.f("uq_assessment_code")),
    )
    op.create_table(
        "score_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("evidence_name", sa.String(length=200), nullable=False),
        sa.Column("evidence_digest", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_score_event_count")),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_score_event_assessment_id_assessment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_event")),
        sa.UniqueConstraint(
            "assessment_id", "number", name=op.f("uq_score_event_assessment_id_number")
        ),
    )
    op.create_table(
        "score_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("code_version", sa.String(length=100), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_score_run_assessment_id_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["definition.id"], name=op.f("fk_score_run_plan_id_definition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_run")),
        sa.UniqueConstraint(
            "assessment_id", "number", name=op.f("uq_score_run_assessment_id_number")
        ),
    )
    op.create_table(
        "value_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_value_import_assessment_id_assessment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_import")),
        sa.UniqueConstraint(
            "assessment_id", "number", name=op.f("uq_value_import_assessment_id_number")
        ),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("score_run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["score_run_id"], ["score_run.id"], name=op.f("fk_scenario_score_run_id_score_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("score_run_id", "name", name=op.f("uq_scenario_score_run_id_name")),
    )
    op.create_table(
        "score_event_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status in ('pending', 'upheld', 'overturned')",
            name=op.f("ck_score_event_status_status"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["score_event.id"],
            name=op.f("fk_score_event_status_event_id_score_event"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_event_status")),
    )
    with op.batch_alter_table("score_event_status", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_score_event_status_event_id"), ["event_id"], unique=False
        )

    op.create_table(
        "score_publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("score_run_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["score_run_id"],
            ["score_run.id"],
            name=op.f("fk_score_publication_score_run_id_score_run"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_publication")),
        sa.UniqueConstraint("score_run_id", name=op.f("uq_score_publication_score_run_id")),
    )
    op.create_table(
        "value_import_undone",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["value_import.id"],
            name=op.f("fk_value_import_undone_import_id_value_import"),
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_value_import_undone")),
    )
