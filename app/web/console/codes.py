"""The codes of a round: which hangs where and since when, another one, none; and on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.engine import Session
from app.database.point_codes import codes_by_point, count_points_with_code
from app.database.print_jobs import file_of, find_print_run, list_print_runs
from app.database.progress import tallies_of_points
from app.database.rounds import FrozenRound, active_codes, find_round, load_round
from app.database.tables import PointCodeRow, RoundRow
from app.documents.printing.fonts import find_fonts
from app.documents.printing.print_run import PIECE_KINDS
from app.errors import DocumentFailed, InputRefused, NotFound, Problem
from app.people.roles import Permission
from app.survey.plan import Point
from app.survey.text import Text
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking, in_steps
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.code_changes import revoke_code, rotate_code
from app.workflow.printing import (
    KIND,
    Customer,
    Press,
    PrintOrder,
    keep_print_run,
    print_sheets,
    sheets_of,
)

router = APIRouter(prefix="/console/rounds/{code}/codes")

MOST_POINTS = 100
"""Points in the tree of a page; a unit can be chosen."""
MOST_SHEETS = 40
"""Pages that are set and read back while one waits."""
MOST_RUNS = 5


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A point: its code in force and since when, those before it, answers in steps."""

    point: str
    name: Text
    code: str
    address: str
    since: datetime | None
    before: tuple[PointCodeRow, ...]
    stored: int


@router.get("")
def show_codes(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_ROUNDS))],
    session: ReadingSession,
    unit: str = "",
) -> HTMLReply:
    """The tree of places with their codes, and what can be printed."""
    row = find_round(session, code, within=desk.scope)
    return _page(session, desk, row, unit=unit)


@router.get("/print/{number}")
def show_print_run(
    code: str,
    number: int,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """A finished print run: what was read back from every sheet, and the file."""
    row = find_round(session, code, within=desk.scope)
    return desk.page(
        "console/print_run.html",
        row=row,
        plan=load_round(session, row).plan,
        job=find_print_run(session, row.code, number, kind=KIND),
    )


@router.get("/print/{number}/file")
def send_print_run(
    code: str,
    number: int,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> Response:
    """The PDF of a print run."""
    row = find_round(session, code, within=desk.scope)
    file = file_of(session, find_print_run(session, row.code, number, kind=KIND))
    headers = {"Content-Disposition": f'attachment; filename="{row.code}-codes-{number}.pdf"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


@router.get("/{point}/{change}")
def confirm_change(
    code: str,
    point: str,
    change: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    session: ReadingSession,
) -> HTMLReply:
    """What another code, or none, means for a point; asks."""
    row = find_round(session, code, within=desk.scope)
    frozen = load_round(session, row)
    return desk.page(
        "console/code_change.html",
        row=row,
        plan=frozen.plan,
        point=_find_point(frozen, point),
        change=_known_change(change),
        code=active_codes(session, row.id).get(point, ""),
    )


@router.post("/{point}/{change}")
def change_code(  # noqa: PLR0913 - one parameter is one part of the request
    code: str,
    point: str,
    change: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Give a point another code, or take its code out of use."""
    row = find_round(session, code, within=desk.scope)
    if _known_change(change) == "rotation":
        rotate_code(session, row, point, now=now)
    else:
        revoke_code(session, row, point, now=now)
    return desk.lead_to(f"/console/rounds/{code}/codes#{point}")


@router.post("/print")
def print_codes(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Make one PDF of the chosen pieces and points, each symbol read back."""
    row = find_round(session, code, within=desk.scope)
    try:
        order = _order(form, load_round(session, row))
        _require_few(sheets_of(session, row, order))
        fonts = find_fonts(desk.settings.font_directory)
        press = Press(fonts, desk.settings.public_url, now.date())
        run = print_sheets(session, row, order, press)
    except (InputRefused, DocumentFailed) as refused:
        unit = next(iter(form.get("unit", ())), "")
        return _page(session, desk, row, unit=unit, refused=_as_refused(refused))
    customer = Customer(desk.person.id, desk.language, now)
    job = keep_print_run(session, row, order, run, customer)
    return desk.lead_to(f"/console/rounds/{code}/codes/print/{job.id}")


def _page(
    session: Session,
    desk: Desk,
    row: RoundRow,
    *,
    unit: str,
    refused: InputRefused | None = None,
) -> HTMLReply:
    frozen = load_round(session, row)
    units = {one.code: one.name for one in frozen.plan.units}
    wanted = [point for point in frozen.plan.points if not unit or point.unit == unit]
    lines = _lines(session, desk, frozen, wanted[:MOST_POINTS])
    tree: dict[str, list[CodeLine]] = {}
    for point in wanted[:MOST_POINTS]:
        tree.setdefault(point.unit, []).append(lines[point.code])
    return desk.page(
        "console/codes.html",
        status=422 if refused else 200,
        row=row,
        plan=frozen.plan,
        units=units,
        unit=unit,
        tree=tree,
        wanted=len(wanted),
        most_points=MOST_POINTS,
        most_sheets=MOST_SHEETS,
        without=len(frozen.plan.points) - count_points_with_code(session, row.id),
        runs=list_print_runs(session, row.code, kind=KIND, most=MOST_RUNS),
        faults=faults_of(refused, desk.language) if refused else None,
    )


def _lines(
    session: Session, desk: Desk, frozen: FrozenRound, points: Sequence[Point]
) -> Mapping[str, CodeLine]:
    shown = [point.code for point in points]
    codes = codes_by_point(session, frozen.id, shown)
    tallies = tallies_of_points(session, frozen.id, shown)
    return {
        point.code: _line(
            point,
            codes.get(point.code, ()),
            stored=in_steps(tallies.get(point.code, {}).get("stored", 0)),
            public_url=desk.settings.public_url,
        )
        for point in points
    }


def _line(
    point: Point, codes: Sequence[PointCodeRow], *, stored: int, public_url: str
) -> CodeLine:
    current = next((code for code in codes if code.revoked_at is None), None)
    return CodeLine(
        point=point.code,
        name=point.name,
        code=current.code if current else "",
        address=f"{public_url}/s/{current.code}" if current else "",
        since=current.issued_at if current else None,
        before=tuple(code for code in codes if code.revoked_at is not None),
        stored=stored,
    )


def _find_point(frozen: FrozenRound, code: str) -> Point:
    for point in frozen.plan.points:
        if point.code == code:
            return point
    raise NotFound(f"Round {frozen.code} has no point {code!r}.", chinese="没有这个服务点。")


def _known_change(change: str) -> str:
    if change not in {"rotation", "revocation"}:
        raise NotFound(f"A code has no {change!r}.", chinese="没有这一页。")
    return change


def _order(form: Form, frozen: FrozenRound) -> PrintOrder:
    """The pieces and points asked for; no point ticked is all of them, or of the unit."""
    kinds = tuple(kind for kind in PIECE_KINDS if kind in form.get("pieces", ()))
    chosen, unit = set(form.get("points", ())), next(iter(form.get("unit", ())), "")
    points = tuple(
        point.code
        for point in frozen.plan.points
        if (point.code in chosen if chosen else not unit or point.unit == unit)
    )
    return PrintOrder(kinds, points)


def _require_few(sheets: int) -> None:
    if sheets > MOST_SHEETS:
        message = f"make {sheets} sheets, {MOST_SHEETS} at most at once"
        chinese = f"共 {sheets} 页，一次最多 {MOST_SHEETS} 页。请按单位打印，或少选几种样式。"
        raise InputRefused([Problem("pieces", message, "Choose fewer.", chinese=chinese)])


def _as_refused(error: InputRefused | DocumentFailed) -> InputRefused:
    if isinstance(error, InputRefused):
        return error
    return InputRefused([Problem("pieces", str(error), chinese=error.in_chinese)])
