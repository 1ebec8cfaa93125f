"""What a document is made from, read at one moment: nothing of the database is held after."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.database.assessments import find_assessment, find_score_run, plan_of_run, published_at
from app.database.console_tables import JobRow
from app.database.results import find_run, latest_published
from app.database.rounds import find_round, load_round
from app.errors import WrongState
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language
from app.workflow.jobs.kinds import split_object
from app.workflow.jobs.ordering import DOCUMENT

LANGUAGES: Mapping[str, Language] = {"zh-Hans": "zh-Hans", "en": "en"}


@dataclass(frozen=True, slots=True)
class RunMaterial:
    """The whole result of a run, and what else a report says of it."""

    run: int
    document: Mapping[str, Any]
    document_digest: str
    survey_digest: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class ScoresMaterial:
    """A scoring of an assessment with the plan it was made under."""

    run: int
    document: Mapping[str, Any]
    document_digest: str
    plan: AssessmentPlan
    is_public: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A job as the maker of its document sees it."""

    number: int
    kind: str
    object: str
    office_id: int
    language: Language
    asked_at: datetime

    @property
    def stem(self) -> str:
        """What the file is called, without its ending."""
        code, number = split_object(self.object)
        return f"{code}-{self.kind.replace('_', '-')}-{number}"


def read_order(row: JobRow) -> Order:
    """What a job asks for."""
    language = LANGUAGES.get(row.language, "zh-Hans")
    return Order(row.id, row.kind, row.object, row.office_id, language, row.asked_at)


def read_run(session: Session, row: JobRow) -> RunMaterial:
    """The result that a job is about; refused if it is not the one that was meant."""
    code, number = split_object(row.object)
    round_row = find_round(session, code)
    run = find_run(session, number)
    text = run.document or ""
    digest = _require_meant(row, text)
    published = latest_published(session, round_row.id)
    return RunMaterial(
        run=number,
        document=json.loads(text),
        document_digest=digest,
        survey_digest=load_round(session, round_row).survey_digest,
        is_public=published is not None and published[1].id == number,
    )


def read_scores(session: Session, row: JobRow) -> ScoresMaterial:
    """The scoring that a job is about; refused if it is not the one that was meant."""
    code, number = split_object(row.object)
    run = find_score_run(session, find_assessment(session, code), number)
    digest = _require_meant(row, run.document)
    return ScoresMaterial(
        run=number,
        document=json.loads(run.document),
        document_digest=digest,
        plan=plan_of_run(session, run),
        is_public=published_at(session, run) is not None,
    )


def _require_meant(row: JobRow, text: str) -> str:
    """The digest of a result; it must be what it was when the document was asked for."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest != row.order.get(DOCUMENT):
        raise WrongState(
            "The stored result is not the one that this document was asked for: its digest "
            "differs. Restore a backup, or ask again.",
            chinese="保存的结果和提出时的校验值不符。请从备份恢复，或者重新提出。",
        )
    return digest
