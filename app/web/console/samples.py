"""One-time rights of a round: draw a sample, issue tickets, take a batch back.

The list with the tokens is the reply itself. The platform keeps hashes only, so a list that
is lost cannot be made again: its batch is taken back and another one is issued.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from app.database.engine import Session
from app.database.rights import count_token_states, count_tokens, find_draw, list_draws
from app.database.rounds import find_round, load_round
from app.database.tables import RoundRow
from app.documents.file_package import packed
from app.documents.printing.fonts import find_fonts
from app.documents.printing.slips import Occasion, list_of_slips, sheets_of_slips
from app.errors import DocumentFailed, InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.survey.admission import Right
from app.survey.plan import Plan
from app.survey.text import Text
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking, Uploading, in_steps
from app.web.console.planning.precision import precision_of
from app.web.console.planning.reading import FormReader
from app.web.dependencies import (
    ActingSession,
    Now,
    ReadingSession,
    SubmittedForm,
    SubmittedParts,
)
from app.web.rendering import HTMLReply
from app.workflow.rights import (
    Ground,
    Issue,
    TicketOrder,
    keep_issue,
    prepare_tickets,
    revoke,
    stand_on,
)
from app.workflow.sampling import DrawOrder, prepare_sample, replay_draw
from app.workflow.slips import slips_of

router = APIRouter(prefix="/console/rounds/{code}/sample")

MOST_ON_PAPER = 100
"""Slips that are set and read back while one waits; more come as a list for a printer."""
MOST_TICKETS = 10_000
LONGEST_HOURS = 24 * 90


@dataclass(frozen=True, slots=True)
class Handing:
    """Rights about to be handed out: on what, by whom, and whether on paper too."""

    session: Session
    desk: Desk
    row: RoundRow
    ground: Ground
    on_paper: bool


@router.get("")
def show_sample(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ReadingSession,
) -> HTMLReply:
    """Sizes and margins of error, draws and batches, and the forms that make more."""
    row = find_round(session, code, within=desk.scope)
    return _page(session, desk, row, now)


@router.post("/draw")
def draw_sample(
    code: str,
    desk: Annotated[Desk, Depends(Uploading(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
    parts: SubmittedParts,
) -> Response:
    """Draw from a frame; the reply is the list of the people drawn with their invitations."""
    row = find_round(session, code, within=desk.scope)
    given = FormReader(parts.form)
    frame = parts.files.get("frame")
    size = given.whole("size", Text(zh="人数", en="number of people"))
    batch = given.line("batch", Text(zh="批次名", en="name of the draw"), most=60)
    seed = given.line("seed", Text(zh="随机种子", en="seed"))
    if frame is None:
        given.complain("frame", Text(zh="请先选择名单文件。", en="Choose the file."))
    if size is None and not given.problems:
        given.complain("size", Text(zh="请填人数。", en="Fill in how many."))
    try:
        given.done()
        content = frame.content if frame else b""
        order = DrawOrder(batch, size or 0, seed, frame.name if frame else "")
        ground = stand_on(session, row, "invitation", now)
        handing = Handing(session, desk, row, ground, bool(given.one("paper")))
        return _hand_out(handing, lambda: prepare_sample(ground, content, order))
    except (InputRefused, WrongState, DocumentFailed) as refused:
        return _page(session, desk, row, now, form=given, refused=_as_refused(refused))


@router.post("/tickets")
def issue_tickets(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Issue tickets at a point; the reply is their list."""
    row = find_round(session, code, within=desk.scope)
    given = FormReader(form)
    count = given.whole("count", Text(zh="张数", en="number of tickets")) or 0
    hours = given.number("hours", Text(zh="有效小时数", en="hours"), 1, LONGEST_HOURS) or 72
    if not 1 <= count <= MOST_TICKETS:
        said = Text(zh=f"一次 1 到 {MOST_TICKETS} 张。", en=f"1 to {MOST_TICKETS} at once.")
        given.complain("count", said)
    try:
        given.done()
        ground = stand_on(session, row, "ticket", now)
        day = now.astimezone(ZoneInfo(ground.plan.window.time_zone))
        batch = given.one("ticket-batch") or f"tickets-{day:%Y-%m-%d-%H%M}"
        order = TicketOrder(given.one("point"), count, batch, timedelta(hours=hours))
        handing = Handing(session, desk, row, ground, bool(given.one("paper")))
        return _hand_out(handing, lambda: prepare_tickets(ground, order))
    except (InputRefused, WrongState, DocumentFailed) as refused:
        return _page(session, desk, row, now, form=given, refused=_as_refused(refused))


@router.post("/revocation")
def revoke_batch(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Make the unspent tokens of a batch, or one token, worthless."""
    row = find_round(session, code, within=desk.scope)
    given = FormReader(form)
    revoke(
        session,
        row,
        batch=given.one("revoked-batch") or None,
        token=given.one("revoked-token") or None,
        now=now,
    )
    return desk.lead_to(f"/console/rounds/{code}/sample#batches")


@router.post("/replay")
def replay(
    code: str,
    desk: Annotated[Desk, Depends(Uploading(Permission.RUN_FIELDWORK))],
    now: Now,
    session: ActingSession,
    parts: SubmittedParts,
) -> Response:
    """Draw again from a frame, and say whether file and people are the same."""
    row = find_round(session, code, within=desk.scope)
    given = FormReader(parts.form)
    frame = parts.files.get("replay-frame")
    try:
        if frame is None:
            given.complain("replay-frame", Text(zh="请先选择名单文件。", en="Choose the file."))
        given.done()
        content, name = (frame.content, frame.name) if frame else (b"", "")
        batch = given.one("replay-batch")
        found = replay_draw(session, row, content, batch=batch, source=name)
    except InputRefused as refused:
        return _page(session, desk, row, now, form=given, refused=refused)
    return _page(session, desk, row, now, replayed=found)


def _hand_out(handing: Handing, prepare: Callable[[], Issue]) -> Response:
    """Make rights, set their list and slips, keep them: all of it, or nothing."""
    issue = prepare()
    desk, row = handing.desk, handing.row
    slips = slips_of(handing.ground, issue, public_url=desk.settings.public_url)
    files = {f"{row.code}-{issue.batch}.csv": list_of_slips(issue.columns, slips)}
    if handing.on_paper:
        if len(slips) > MOST_ON_PAPER:
            message = f"are {len(slips)}, and at most {MOST_ON_PAPER} are printed at once"
            chinese = (
                f"共 {len(slips)} 张，一次最多印 {MOST_ON_PAPER} 张纸条。请只要名单，或分批。"
            )
            raise InputRefused([Problem("paper", message, "Take the list.", chinese=chinese)])
        frozen = load_round(handing.session, row)
        occasion = Occasion(
            frozen.plan.title,
            frozen.plan.organiser.name,
            frozen.plan.organiser.hotline,
            frozen.survey.minutes,
        )
        fonts = find_fonts(desk.settings.font_directory)
        dated = handing.ground.now.date()
        files[f"{row.code}-{issue.batch}.pdf"] = sheets_of_slips(
            occasion, slips, fonts=fonts, dated=dated
        )
    keep_issue(handing.session, row, issue, now=handing.ground.now)
    return _as_reply(files)


def _as_reply(files: Mapping[str, bytes]) -> Response:
    (name, content), *more = files.items()
    kind = "text/csv; charset=utf-8"
    if more:
        name, content, kind = f"{name[:-4]}.zip", packed(files), "application/zip"
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name[:-4])
    headers = {
        "Content-Disposition": f'attachment; filename="{plain}{name[-4:]}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=kind, headers=headers)


def _page(  # noqa: PLR0913 - one parameter is one part of the page
    session: Session,
    desk: Desk,
    row: RoundRow,
    now: datetime,
    *,
    form: FormReader | None = None,
    refused: InputRefused | None = None,
    replayed: object = None,
) -> HTMLReply:
    frozen = load_round(session, row)
    rights: tuple[Right, ...] = frozen.plan.admits.rights
    draws = [find_draw(session, row.id, batch) for batch in list_draws(session, row.id)]
    return desk.page(
        "console/sample.html",
        status=422 if refused else 200,
        row=row,
        plan=frozen.plan,
        rights=rights,
        draws=[draw for draw in draws if draw is not None],
        batches=count_tokens(session, row.id),
        tokens=[
            (purpose, {**numbers, "spent": in_steps(numbers["spent"])})
            for purpose, numbers in count_token_states(session, row.id, now).items()
        ],
        precision=precision_of(_units(frozen.plan), margin=5.0),
        typed={name: form.one(name) for name in form.form} if form else {},
        most_on_paper=MOST_ON_PAPER,
        faults=faults_of(refused, desk.language) if refused else None,
        replayed=replayed,
    )


def _units(plan: Plan) -> Iterator[Mapping[str, Any]]:
    """The units as the sizes are worked out from them."""
    for unit in plan.units:
        name = {"zh-Hans": unit.name.zh, "en": unit.name.en}
        yield {"code": unit.code, "name": name, "population": unit.population}


def _as_refused(error: InputRefused | WrongState | DocumentFailed) -> InputRefused:
    if isinstance(error, InputRefused):
        return error
    return InputRefused([Problem("", str(error), chinese=error.in_chinese)])
