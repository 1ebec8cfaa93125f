"""The audit log: who saw, exported, changed, decided; looked through, and taken away.

Newest first and page by page by the number of a line, so that lines which come meanwhile
move nothing. Taking it away is itself a line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.database.audit import (
    AT_ONCE,
    Search,
    link_near,
    list_lines,
    names_of,
    newest_number,
)
from app.database.engine import Session
from app.documents.act_words import act_names, act_parts, address_of, detail_lines
from app.documents.wording import BEIJING, count, translator
from app.documents.workbooks import Cell, Column, csv_lines
from app.errors import InputRefused, Problem
from app.people.offices import Scope
from app.people.roles import Permission
from app.people.trail import Line
from app.survey.text import Language
from app.web.console.faults import faults_of
from app.web.console.pages import Desk, Looking
from app.web.console.witness import Witnessed
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix="/console/audit")

LINES = 50
"""On one page."""
LONGEST = 100
HIGHEST = 2**31 - 1
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_Looking = Annotated[Desk, Depends(Looking(Permission.SEE_AUDIT))]
_Before = Annotated[int | None, Query(ge=1, le=HIGHEST)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form of the page asks for, as it was typed."""

    author: str = ""
    act: str = ""
    object: str = ""
    text: str = ""
    since: str = ""
    until: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The same as part of an address."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Told:
    """A line in words."""

    line: Line
    name: str
    """Of its author; empty where nobody works here under that login."""
    before: str
    after: str
    address: str
    detail: tuple[tuple[str, str], ...]


@router.get("")
def show_audit(
    request: Request, desk: _Looking, session: ReadingSession, before: _Before = None
) -> HTMLReply:
    """The lines that are looked for, and the digest over the trail up to the newest of them."""
    wanted = _wanted(request.query_params)
    try:
        search = _read(wanted)
    except InputRefused as refused:
        return _page(desk, wanted, lines=[], refused=refused)
    lines = list_lines(session, search, within=desk.scope, before=before, most=LINES + 1)
    shown = lines[:LINES]
    newest = shown[0].number if shown else newest_number(session)
    return _page(
        desk,
        wanted,
        lines=_told(session, shown, desk.language),
        older=_address(wanted, desk.language, before=shown[-1].number) if lines[LINES:] else "",
        newest=_address(wanted, desk.language) if before else "",
        link=link_near(session, newest),
    )


@router.get("/lines.csv")
def take_away(
    request: Request, desk: _Looking, session: ReadingSession, witness: Witnessed
) -> Response:
    """The lines that are looked for as a file; recorded."""
    wanted = _wanted(request.query_params)
    search = _read(wanted)
    through = newest_number(session)
    witness.saw(desk, "export_audit", subject="audit", through=through, search=wanted.query)
    lines = _walk(request, search, desk.scope, through=through)
    text = csv_lines(_columns(desk.language), _rows(lines, desk.language))
    return StreamingResponse(
        chain([BYTE_ORDER_MARK], (part.encode() for part in text)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="audit.csv"',
            "Cache-Control": "no-store",
        },
    )


def _page(
    desk: Desk,
    wanted: Wanted,
    lines: Iterable[Told],
    *,
    refused: InputRefused | None = None,
    **values: object,
) -> HTMLReply:
    names = act_names(translator(desk.language))
    return desk.page(
        "console/audit.html",
        status=422 if refused else 200,
        wanted=wanted,
        lines=lines,
        acts=sorted(names.items(), key=lambda pair: pair[1]),
        faults=faults_of(refused, desk.language) if refused else None,
        file=_address(wanted, desk.language, "/console/audit/lines.csv"),
        longest=LONGEST,
        **values,
    )


def _wanted(given: Mapping[str, str]) -> Wanted:
    # PostgreSQL refuses to compare with a text that holds a NUL.
    typed = {field.name: given.get(field.name, "") for field in fields(Wanted)}
    return Wanted(**{k: v.replace("\0", "").strip()[:LONGEST] for k, v in typed.items()})


def _read(wanted: Wanted) -> Search:
    """What is looked for; InputRefused with every day that is none."""
    problems: list[Problem] = []
    since, until = (
        _read_day(name, getattr(wanted, name), problems) for name in ("since", "until")
    )
    if problems:
        raise InputRefused(problems)
    return Search(
        author=wanted.author.lower(),
        act=wanted.act,
        object=wanted.object,
        text=wanted.text,
        since=since,
        until=until + timedelta(days=1) if until else None,
    )


def _read_day(name: str, text: str, problems: list[Problem]) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if not EARLIEST <= day <= LATEST:
        cure = "Write it as 2026-11-22."
        problem = Problem(
            name, "is no day", cure, text, chinese=f"“{text}”不是日期。请写成 2026-11-22。"
        )
        problems.append(problem)
        return None
    return datetime.combine(day, time.min, tzinfo=BEIJING)


def _told(session: Session, lines: Sequence[Line], language: Language) -> list[Told]:
    names, _ = names_of(session, [line.author for line in lines]), translator(language)
    return [
        Told(
            line,
            names.get(line.author, ""),
            *act_parts(line.act, _),
            address=address_of(line.act, line.object),
            detail=tuple(detail_lines(line.detail, _)),
        )
        for line in lines
    ]


def _address(
    wanted: Wanted, language: Language, path: str = "/console/audit", **more: int
) -> str:
    query = {**wanted.query, **more, **({"l": "en"} if language == "en" else {})}
    return f"{path}?{urlencode(query)}" if query else path


def _walk(request: Request, search: Search, within: Scope, *, through: int) -> Iterator[Line]:
    """Every line that is looked for, up to one; a reading of its own for each thousand."""
    before = through + 1
    while before:
        with request.app.state.reading() as session:
            lines = list_lines(session, search, within=within, before=before, most=AT_ONCE)
        yield from lines
        before = lines[-1].number if lines else 0


def _columns(language: Language) -> tuple[Column, ...]:
    _ = translator(language)
    return (
        Column("number", _("行号"), "count"),
        Column("at", _("时间（UTC）")),
        Column("author", _("谁")),
        Column("office", _("单位代码")),
        Column("act", _("动作代码")),
        Column("told", _("做了什么")),
        Column("object", _("对象")),
        Column("detail", _("细节（JSON）")),
    )


def _rows(lines: Iterable[Line], language: Language) -> Iterator[tuple[Cell, ...]]:
    """A row a line; the last one says how many there were, so that nobody takes a part."""
    _ = translator(language)
    names, n = act_names(_), 0
    for n, line in enumerate(lines, start=1):  # noqa: B007 - the last number is needed
        moment = line.at.astimezone(UTC).isoformat(timespec="microseconds")
        detail = json.dumps(dict(line.detail), ensure_ascii=False, sort_keys=True)
        told = names.get(line.act, line.act)
        row = (line.number, moment, line.author, line.office, line.act, told)
        yield (*row, line.object, detail)
    yield (None, "", "", "", "", _("共 {n} 行，到此为止").format(n=count(n)), "", "")
