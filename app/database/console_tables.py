"""The tables of the console: who works here, with which rights, what they draft and ask for.

Apart from `tables`, because nothing leads from somebody who works here to somebody who
answered. Secrets are kept as hashes, but for the seed of the second factor, which has to be
computed with. Grants, approvals and their answers stay when they are over.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.database.tables import WITHOUT_ROWID, Table

FACTORS = ("password", "totp", "oidc")
DRAFT_KINDS = ("survey", "plan", "system", "assessment")
JOB_STATES = ("requested", "running", "finished", "failed")
ANSWERS = ("approve", "refuse", "withdraw")


class OfficeRow(Table):
    """A place in the tree of organisations: a department, or a unit that is assessed."""

    __tablename__ = "office"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("path"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(100))
    name: Mapped[dict[str, Any]]
    """language → name."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    path: Mapped[str] = mapped_column(String(500))
    """The numbers of all offices above and its own: /1/4/9/."""
    position: Mapped[int]
    """Official order among its siblings."""
    assessed: Mapped[bool]
    """Rounds rate it: nobody who works there sees rows or numbers that are not public."""
    created_at: Mapped[datetime]


class PersonRow(Table):
    """Somebody who works here; never deleted, so that what was done keeps its author."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("login"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100))
    """In lower case."""
    name: Mapped[str] = mapped_column(String(100))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    password_hash: Mapped[str | None]
    """Argon2id in its own notation; None while none was chosen."""
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    """Base32; None without a second factor."""
    totp_last_step: Mapped[int | None]
    """The last step of 30 seconds whose code was used: no code works twice."""
    needs_second_factor: Mapped[bool]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class RoleGrantRow(Table):
    """A role that somebody holds at an office and below it, until it is taken back."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None at the terminal."""
    granted_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]


class WelcomeRow(Table):
    """A token, used once, with which somebody chooses a first or a new password."""

    __tablename__ = "welcome"
    __table_args__ = (WITHOUT_ROWID,)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256, hex."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None: whoever holds it becomes the first administrator."""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCodeRow(Table):
    """A code that stands in for the second factor once."""

    __tablename__ = "recovery_code"
    __table_args__ = (WITHOUT_ROWID,)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256, hex: the code has 80 bits of chance."""
    used_at: Mapped[datetime | None]


class IdentityRow(Table):
    """Who somebody is at a provider of identities (OpenID Connect)."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(300))
    linked_at: Mapped[datetime]


class VisitRow(Table):
    """A signed-in visit; the cookie holds its token, the table only the hash."""

    __tablename__ = "visit"
    __table_args__ = (WITHOUT_ROWID,)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256, hex."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    factor: Mapped[str] = mapped_column(String(10))
    """password, totp or oidc: by what the visit was begun."""
    complete: Mapped[bool]
    """False while the second factor is still to come: such a visit opens nothing else."""
    browser: Mapped[str] = mapped_column(String(60))
    """The family of browser and system, for the list of one's own visits."""
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInFailureRow(Table):
    """How often signing in failed in a row for one login, whether it exists or not."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (WITHOUT_ROWID,)

    login_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the login as given, hex."""
    failures: Mapped[int]
    last_at: Mapped[datetime]


class ApprovalRow(Table):
    """Something that two people must want: who asked for what, exactly as it stood."""

    __tablename__ = "approval"
    __table_args__ = (Index(None, "act", "object"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(40))
    """open_round, close_round, publish_run, publish_scores or change_weights."""
    object: Mapped[str] = mapped_column(String(200))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what is to be approved: nothing else can be carried out in its name."""
    detail: Mapped[dict[str, Any]]
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str]
    asked_at: Mapped[datetime]


class ApprovalAnswerRow(Table):
    """What became of it: approved by somebody else and carried out, refused or withdrawn."""

    __tablename__ = "approval_answer"
    __table_args__ = (CheckConstraint(f"answer in {ANSWERS}", name="answer"),)

    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str]
    at: Mapped[datetime]


class DraftRow(Table):
    """A definition in the making: may still be wrong in any way, and belongs to an office."""

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint(f"kind in {DRAFT_KINDS}", name="kind"),
        UniqueConstraint("kind", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(100))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    body: Mapped[dict[str, Any]]
    """The definition as the file would hold it."""
    revision: Mapped[int]
    """Rises with every change: a form made from an older one is refused."""
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Who changed it last."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ReleasedDefinitionRow(Table):
    """A version that was finished in the console, beside those on file; never changed."""

    __tablename__ = "released_definition"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(100))
    """code@version."""
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    released_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime]


class JobRow(Table):
    """Long work that somebody asked for: claimed by a worker, visible, restartable."""

    __tablename__ = "job"
    __table_args__ = (CheckConstraint(f"state in {JOB_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    object: Mapped[str] = mapped_column(String(200))
    """What it is about: a round, a run, an assessment."""
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str] = mapped_column(String(10))
    order: Mapped[dict[str, Any]]
    """What exactly was asked for."""
    state: Mapped[str] = mapped_column(String(20))
    done: Mapped[int]
    """Hundredths of the work."""
    asked_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    manifest: Mapped[dict[str, Any] | None]
    """files: name, bytes, rows and SHA-256 of each."""


class JobFileRow(Table):
    """A file that a job made, until it is forgotten."""

    __tablename__ = "job_file"
    __table_args__ = (WITHOUT_ROWID,)

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TemplateFileRow(Table):
    """A Word template of an office's own; the newest of an office and kind is used."""

    __tablename__ = "template_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    put_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    put_at: Mapped[datetime]
