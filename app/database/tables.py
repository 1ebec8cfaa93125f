"""Every table, on one scroll: the data dictionary.

Facts are insert-only: definition, response, import_file, response_weight, publication,
audit_event, sample_draw, campaign, campaign_response, campaign_decision, canary, alarm with
their events, and whatever belongs to an assessment, which itself only names the plan that
stands. A round, a run and a token change their state and nothing else; allowance and tally
count. Nothing beside a response identifies a person: it has a random identifier, no time finer
than five minutes, and no order that says when it came. Who was invited stands apart, without
any key to a response, and is deleted when the round closes.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

ROUND_STATES = ("draft", "open", "closed", "processed", "published")
RUN_STATES = ("requested", "running", "finished", "failed")
TOKEN_PURPOSES = ("invitation", "ticket")
CAMPAIGN_KINDS = ("point", "enumerator", "network")
VERDICTS = ("keep", "down_weight", "exclude", "audit")
ALARM_STATES = ("seen", "answered")
CANARY_OUTCOMES = ("arrived", "altered", "missing")
EVENT_STATUSES = ("pending", "upheld", "overturned")

# SQLite would otherwise number the rows as they arrive.
WITHOUT_ROWID = {"sqlite_with_rowid": False}


class Moment(TypeDecorator[datetime]):
    """A point in time with its zone; kept as UTC in every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is refused."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database, whose zone SQLite forgets."""
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


class Table(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        str: Text,
    }


class DefinitionRow(Table):
    """A definition file as it was when it was first used; never changed."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("kind", "key", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """survey, system, score_maps or assessment."""
    key: Mapped[str] = mapped_column(String(100))
    """code@version; for the file of score maps, its name; for an assessment, its code."""
    text: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the text."""
    registered_at: Mapped[datetime]


class RoundRow(Table):
    """One repetition of a survey; its plan is frozen from the moment it opens."""

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint(f"state in {ROUND_STATES}", name="state"),
        UniqueConstraint("code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(100))
    office_id: Mapped[int] = mapped_column(server_default="1", index=True)
    """Whose round it is: rights reach it through the tree of offices. Without a foreign key:
    SQLite adds none to a table that others refer to, and offices are never deleted."""
    state: Mapped[str] = mapped_column(String(20))
    plan: Mapped[str]
    """The plan's YAML text."""
    plan_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what the plan means, with the definitions it names."""
    survey_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    score_maps_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    system_id: Mapped[int | None] = mapped_column(ForeignKey("definition.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    telemetry_forgotten_at: Mapped[datetime | None]


class RoundKeyRow(Table):
    """The key under which a round's paradata are hashed; deleted when review is over."""

    __tablename__ = "round_key"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class PointCodeRow(Table):
    """The public code of a service point in a round."""

    __tablename__ = "point_code"
    __table_args__ = (Index(None, "round_id", "point"),)

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    point: Mapped[str] = mapped_column(String(100))
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ImportFileRow(Table):
    """A file of answers that was taken in, whole."""

    __tablename__ = "import_file"
    __table_args__ = (UniqueConstraint("round_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    imported_at: Mapped[datetime]


class ResponseRow(Table):
    """One submitted questionnaire. Written once; stored in the order of a random key.

    The key alone decides that nothing is kept twice and no receipt given twice, so that an
    answer costs one place in one tree.
    """

    __tablename__ = "response"
    __table_args__ = (WITHOUT_ROWID,)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The round in 8 hexadecimal digits, then 24 of the SHA-256 of the receipt; of an imported
    row, of what it was kept under."""
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_file.id"))
    unit: Mapped[str] = mapped_column(String(100))
    point: Mapped[str] = mapped_column(String(100))
    evidence: Mapped[str] = mapped_column(String(20))
    survey: Mapped[str] = mapped_column(String(100), server_default="")
    """code@version of the questionnaire that gives the answers their meaning."""
    channel: Mapped[str] = mapped_column(String(20))
    """qr, kiosk, api, import or simulated."""
    assurance: Mapped[str] = mapped_column(String(20), server_default="open")
    """one_time: came with a token; open: with a public code; pressed: with a public code while
    the place was flooded, and without proof of work; imported."""
    answers: Mapped[dict[str, Any]]
    """item → code or list of codes; texts are kept apart."""
    background: Mapped[dict[str, Any]]
    """Columns that came with an imported file."""
    weight: Mapped[float | None]
    paradata: Mapped[dict[str, Any]]
    submission_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the form's key: tells a repeated submission from a receipt that is taken."""
    body_digest: Mapped[str] = mapped_column(String(64))


class AllowanceRow(Table):
    """How many responses a round, a point or a quota may still take."""

    __tablename__ = "allowance"
    __table_args__ = (CheckConstraint("taken <= most", name="taken"), WITHOUT_ROWID)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(250), primary_key=True)
    """round, point:CODE or quota:ITEM=CODE."""
    most: Mapped[int]
    taken: Mapped[int]


class TallyRow(Table):
    """The numbers of the day: what was served, received, kept and refused at a point."""

    __tablename__ = "tally"
    __table_args__ = (WITHOUT_ROWID,)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    point: Mapped[str] = mapped_column(String(100), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """The date in the round's time zone; nothing finer."""
    counter: Mapped[str] = mapped_column(String(40), primary_key=True)
    """served, started, returned, received, stored, repeated or refused_REASON."""
    n: Mapped[int]


class TokenRow(Table):
    """A right to answer once: an invitation of a drawn sample, or the ticket of a served case.

    Kept as a hash only. Nothing leads from here to the response it was spent on.
    """

    __tablename__ = "token"
    __table_args__ = (
        CheckConstraint(f"purpose in {TOKEN_PURPOSES}", name="purpose"),
        Index(None, "round_id", "batch"),
        WITHOUT_ROWID,
    )

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the token, hex."""
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    batch: Mapped[str] = mapped_column(String(100))
    """What it was issued with, and can be revoked with: a draw, a day's tickets."""
    point: Mapped[str] = mapped_column(String(100))
    """The point of the plan whose code it is good for."""
    weight: Mapped[float | None]
    """The base weight of the person drawn; None for tickets."""
    expires_at: Mapped[datetime]
    revoked: Mapped[bool]
    spent: Mapped[bool]


class InviteeRow(Table):
    """Who holds which invitation: apart from every answer, deleted when the round closes."""

    __tablename__ = "invitee"
    __table_args__ = (WITHOUT_ROWID,)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    person: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The person's number in the sampling frame."""
    token_hash: Mapped[str] = mapped_column(String(64))


class SampleDrawRow(Table):
    """A draw from a sampling frame: all that is needed to draw the same people again."""

    __tablename__ = "sample_draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    batch: Mapped[str] = mapped_column(String(100))
    frame_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the frame file, hex."""
    frame_size: Mapped[int]
    seed: Mapped[str] = mapped_column(String(200))
    sizes: Mapped[dict[str, Any]]
    """stratum → [people in the frame, people drawn]."""
    sample_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the persons drawn, in order."""
    drawn_at: Mapped[datetime]


class OutboxRow(Table):
    """Something others must hear of, kept in the transaction in which it happened."""

    __tablename__ = "outbox"
    __table_args__ = (WITHOUT_ROWID,)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    kind: Mapped[str] = mapped_column(String(50))
    """pressure_reported or allowance_used_up."""
    detail: Mapped[dict[str, Any]]
    day: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    delivered: Mapped[bool]


class SegmentRow(Table):
    """A file of typed columns made from the responses of a round, for analysis and export."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("round_id", "survey"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    survey: Mapped[str] = mapped_column(String(100))
    file: Mapped[str] = mapped_column(String(200))
    """Its name in the folder of segments."""
    rows: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file, hex."""
    made_at: Mapped[datetime]


class ActCounterRow(Table):
    """How many acts were recorded: whoever keeps a page in memory asks whether it moved."""

    __tablename__ = "act_counter"

    id: Mapped[int] = mapped_column(primary_key=True)
    acts: Mapped[int]


class ResponseTextRow(Table):
    """What a person wrote in words, apart from the scores so that it can be erased alone."""

    __tablename__ = "response_text"
    __table_args__ = (WITHOUT_ROWID,)

    response_id: Mapped[str] = mapped_column(ForeignKey("response.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(100), primary_key=True)
    text: Mapped[str]


class PressureReportRow(Table):
    """Somebody says that a good rating was asked for; belongs to a point, not a response."""

    __tablename__ = "pressure_report"
    __table_args__ = (WITHOUT_ROWID,)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    point: Mapped[str] = mapped_column(String(100))
    text: Mapped[str]
    day: Mapped[str] = mapped_column(String(10))


class RunRow(Table):
    """One processing of a round: what went in, and the document that came out."""

    __tablename__ = "run"
    __table_args__ = (CheckConstraint(f"state in {RUN_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    state: Mapped[str] = mapped_column(String(20))
    seed: Mapped[int]
    plan_digest: Mapped[str] = mapped_column(String(64))
    data_digest: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 over every response used, in the order of their identifiers."""
    code_version: Mapped[str | None] = mapped_column(String(100))
    document: Mapped[str | None]
    """The whole result as canonical JSON: every page and download is made from it."""
    document_digest: Mapped[str | None] = mapped_column(String(64))
    requested_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    """When a worker took it; one that was taken long ago is taken again."""
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None]


class ResponseWeightRow(Table):
    """What one response counted for in one run, and why."""

    __tablename__ = "response_weight"
    __table_args__ = (WITHOUT_ROWID,)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    response_id: Mapped[str] = mapped_column(ForeignKey("response.id"), primary_key=True)
    influence: Mapped[float]
    weight: Mapped[float]
    signals: Mapped[dict[str, Any]]


class PublicationRow(Table):
    """The act that makes a run public."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    published_at: Mapped[datetime]


class AssessmentRow(Table):
    """A composite score over a period: which plan stands. Once a run is public it stays."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(100))
    office_id: Mapped[int] = mapped_column(server_default="1", index=True)
    """Whose assessment it is, as with a round."""
    plan_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    """The plan's YAML text; earlier drafts stay among the definitions."""
    plan_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what the plan means, with the system it names."""
    system_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    drafted_at: Mapped[datetime]


class ValueImportRow(Table):
    """A file of indicator values, taken in whole; the newest that names a cell counts."""

    __tablename__ = "value_import"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    number: Mapped[int]
    """Within the assessment, from 1."""
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file, hex."""
    mapping: Mapped[dict[str, Any]]
    """Which column of the file was read as what."""
    cells: Mapped[list[Any]]
    """unit, indicator, value, standard_error, status of every cell, in the file's order."""
    imported_at: Mapped[datetime]


class ValueImportUndoneRow(Table):
    """The act that takes an import back: its cells are again what they were before it."""

    __tablename__ = "value_import_undone"

    import_id: Mapped[int] = mapped_column(ForeignKey("value_import.id"), primary_key=True)
    undone_at: Mapped[datetime]


class ScoreEventRow(Table):
    """Something that may cost a unit points, or give it some, and what it rests on."""

    __tablename__ = "score_event"
    __table_args__ = (
        CheckConstraint("count >= 1", name="count"),
        UniqueConstraint("assessment_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    number: Mapped[int]
    """Within the assessment, from 1."""
    unit: Mapped[str] = mapped_column(String(100))
    item: Mapped[str] = mapped_column(String(100))
    """Code of a deduction or bonus item of the system."""
    count: Mapped[int]
    evidence: Mapped[str]
    """The evidence in words."""
    evidence_name: Mapped[str] = mapped_column(String(200))
    """Name of the file that proves it, which is kept elsewhere."""
    evidence_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of that file, hex."""
    recorded_at: Mapped[datetime]


class ScoreEventStatusRow(Table):
    """What was decided about an event, and why; the newest holds, and the others stay."""

    __tablename__ = "score_event_status"
    __table_args__ = (CheckConstraint(f"status in {EVENT_STATUSES}", name="status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("score_event.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    note: Mapped[str]
    decided_at: Mapped[datetime]


class ScoreRunRow(Table):
    """One scoring of an assessment: all that went in, and the document that came out."""

    __tablename__ = "score_run"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    number: Mapped[int]
    """Within the assessment, from 1."""
    plan_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    plan_digest: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int]
    sources: Mapped[dict[str, Any]]
    """Where the inputs come from: runs of rounds, imports, events, last year's run."""
    inputs: Mapped[str]
    """Everything that was computed from, as canonical JSON; the system's text is in it."""
    inputs_digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[str]
    """The whole result as canonical JSON."""
    document_digest: Mapped[str] = mapped_column(String(64))
    code_version: Mapped[str] = mapped_column(String(100))
    finished_at: Mapped[datetime]


class ScorePublicationRow(Table):
    """The act that makes a scoring public; the newest of an assessment is in force."""

    __tablename__ = "score_publication"
    __table_args__ = (UniqueConstraint("score_run_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    score_run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id"))
    published_at: Mapped[datetime]


class ScenarioRow(Table):
    """What a scoring would have been under other weights or events; never the official one."""

    __tablename__ = "scenario"
    __table_args__ = (UniqueConstraint("score_run_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    score_run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id"))
    name: Mapped[str] = mapped_column(String(100))
    changes: Mapped[dict[str, Any]]
    document: Mapped[str]
    saved_at: Mapped[datetime]


class CampaignRow(Table):
    """Responses that were flagged together: what was seen, and what it moves. No run's own."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint(f"kind in {CAMPAIGN_KINDS}", name="kind"),
        UniqueConstraint("round_id", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    """The run that found it first."""
    code: Mapped[str] = mapped_column(String(100))
    """Derived from its responses."""
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(100))
    first_minute: Mapped[int | None]
    """Minutes since the first midnight of the round, in steps of five."""
    last_minute: Mapped[int | None]
    size: Mapped[int]
    score_with: Mapped[float | None]
    score_without: Mapped[float | None]
    """None where nothing is left without it."""
    detail: Mapped[dict[str, Any]]
    """points: code → n, with, without; reasons; similarity."""


class CampaignResponseRow(Table):
    """A response of a campaign."""

    __tablename__ = "campaign_response"
    __table_args__ = (WITHOUT_ROWID,)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    response_id: Mapped[str] = mapped_column(ForeignKey("response.id"), primary_key=True)


class CampaignDecisionRow(Table):
    """What one person decided, confirmed or took back about a campaign; all of them stay."""

    __tablename__ = "campaign_decision"
    __table_args__ = (
        CheckConstraint(f"verdict in {VERDICTS}", name="verdict"),
        CheckConstraint("second_of is null or revokes is null", name="act"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    """Of a confirmation and of a revocation: the verdict that it is about."""
    author: Mapped[str] = mapped_column(String(100))
    office: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str]
    blind: Mapped[bool]
    """Made before its author could see the direction, the scores and the answers."""
    second_of: Mapped[int | None] = mapped_column(ForeignKey("campaign_decision.id"))
    """The decision that this one confirms."""
    revokes: Mapped[int | None] = mapped_column(ForeignKey("campaign_decision.id"))
    """The decision that this one takes back."""
    decided_at: Mapped[datetime]


class CanaryRow(Table):
    """A signed test rating on its way: recognised only by who holds the auditor's key."""

    __tablename__ = "canary"
    __table_args__ = (Index(None, "round_id"), WITHOUT_ROWID)

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    """HMAC of the response's submission hash under the auditor's key, hex: whoever sees the
    response cannot tell that it is the one, and whoever has the key finds it."""
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit: Mapped[str] = mapped_column(String(100))
    point: Mapped[str] = mapped_column(String(100))
    channel: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    """open, invitation or ticket: by which right it was sent."""
    grade: Mapped[str] = mapped_column(String(64))
    """HMAC of the grade, hex."""
    day: Mapped[str] = mapped_column(String(10))
    """The date in the round's time zone on which it was sent."""
    given_up_at: Mapped[datetime | None]
    """When it was said that nobody can look for it any more, because its key is lost."""


class CanaryFoundRow(Table):
    """What a check found of a test rating; whatever was ever found counts in no number."""

    __tablename__ = "canary_found"
    __table_args__ = (CheckConstraint(f"outcome in {CANARY_OUTCOMES}", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(ForeignKey("canary.mark"), index=True)
    response_id: Mapped[str | None] = mapped_column(ForeignKey("response.id"), index=True)
    """The response that it is; None while it is missing."""
    outcome: Mapped[str] = mapped_column(String(20))
    found_at: Mapped[datetime]


class AlarmRow(Table):
    """Something unusual in fieldwork that somebody should look into; it changes no number."""

    __tablename__ = "alarm"
    __table_args__ = (UniqueConstraint("round_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    code: Mapped[str] = mapped_column(String(50))
    version: Mapped[int]
    place: Mapped[str] = mapped_column(String(200))
    observed: Mapped[float]
    expected: Mapped[float]
    """Counts and shares of answers in steps."""
    rarity: Mapped[int]
    """The null gives as much in fewer than one of 10 to this power of rounds."""
    telling: Mapped[dict[str, Any]]
    """name, seen, null, innocent and confirm, each in both languages, as it was raised."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of code, version, place and figures: the same is raised once."""
    raised_at: Mapped[datetime]


class AlarmEventRow(Table):
    """That somebody saw or answered an alarm; the newest holds, and the others stay."""

    __tablename__ = "alarm_event"
    __table_args__ = (CheckConstraint(f"state in {ALARM_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    author: Mapped[str] = mapped_column(String(100))
    note: Mapped[str]
    at: Mapped[datetime]


class AuditEventRow(Table):
    """Who did what to which object, when; the database refuses to change or delete a line."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "object"), Index(None, "author"), Index(None, "act"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(50))
    object: Mapped[str] = mapped_column(String(100))
    author: Mapped[str] = mapped_column(String(100), server_default="terminal")
    """Somebody's login; terminal or worker where nobody signed in."""
    office: Mapped[str] = mapped_column(String(100), server_default="")
    """Code of the author's office at that time."""
    detail: Mapped[dict[str, Any]]
