"""Printing the codes of a round: what was ordered, made and kept with what was read back.

A few sheets are made while one waits; the finished file and the reading of every sheet are
kept as a job that is done, where they can be fetched again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.database.console_tables import JobFileRow, JobRow
from app.database.rounds import active_codes, load_round, record
from app.database.tables import RoundRow
from app.documents.printing.code_package import placards_of
from app.documents.printing.fonts import FontSet
from app.documents.printing.print_run import PieceKind, PrintRun, count_sheets, print_run
from app.errors import InputRefused, Problem
from app.survey.text import Language

KIND = "codes"
PDF = "application/pdf"
FILE = "codes.pdf"


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """What to print: kinds of pieces, and the points; points without a code are left out."""

    kinds: tuple[PieceKind, ...]
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Press:
    """What printing needs besides: the fonts, the address in the codes, the day on paper."""

    fonts: FontSet
    public_url: str
    day: date


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asked for the sheets, in which language, when."""

    person_id: int
    language: Language
    at: datetime


def sheets_of(session: Session, row: RoundRow, order: PrintOrder) -> int:
    """How many sheets an order takes; InputRefused for an order of nothing."""
    points = _printable(session, row, order)
    if not points or not order.kinds:
        place = "pieces" if points else "points"
        chinese = (
            "请至少选一种样式。" if points else "没有可以打印的码：没有选点，或者码已停用。"
        )
        raise InputRefused(
            [Problem(place, "are none", "Choose at least one.", chinese=chinese)]
        )
    return count_sheets(len(points), order.kinds)


def print_sheets(session: Session, row: RoundRow, order: PrintOrder, press: Press) -> PrintRun:
    """Set the sheets of an order and read every one of them back."""
    frozen = load_round(session, row)
    placards = placards_of(
        frozen.plan,
        frozen.survey,
        _printable(session, row, order),
        public_url=press.public_url,
        day=press.day,
    )
    return print_run(placards, order.kinds, fonts=press.fonts)


def keep_print_run(
    session: Session, row: RoundRow, order: PrintOrder, run: PrintRun, customer: Customer
) -> JobRow:
    """Keep a finished print run as a job that is done, and say so in the audit trail."""
    job = JobRow(
        kind=KIND,
        object=row.code,
        office_id=row.office_id,
        asked_by=customer.person_id,
        language=customer.language,
        order={"kinds": list(order.kinds), "points": list(order.points)},
        state="finished",
        done=100,
        asked_at=customer.at,
        claimed_at=customer.at,
        finished_at=customer.at,
        manifest=manifest_of(run),
    )
    session.add(job)
    session.flush()
    session.add(JobFileRow(job_id=job.id, name=FILE, media_type=PDF, content=run.pdf))
    detail: dict[str, object] = {"kind": list(order.kinds), "count": len(run.sheets)}
    record(session, "print_codes", subject=row.code, now=customer.at, detail=detail)
    return job


def manifest_of(run: PrintRun) -> dict[str, Any]:
    """The file with its digest, and what was read back from every sheet."""
    digest = hashlib.sha256(run.pdf).hexdigest()
    return {
        "files": [
            {"name": FILE, "bytes": len(run.pdf), "rows": len(run.sheets), "sha256": digest}
        ],
        "sheets": [
            {
                "page": sheet.page,
                "points": list(sheet.points),
                "wanted": sheet.wanted,
                "print_read": sheet.print_read,
                "camera_read": sheet.camera_read,
            }
            for sheet in run.sheets
        ],
    }


def _printable(session: Session, row: RoundRow, order: PrintOrder) -> Mapping[str, str]:
    """Point → code in force, of the points ordered."""
    wanted: Sequence[str] = order.points
    codes = active_codes(session, row.id)
    return {point: codes[point] for point in wanted if point in codes}
