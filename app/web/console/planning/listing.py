"""Regions, units and points: written by hand, changed one by one, or taken from a sheet.

A sheet is shown first: what it would add, change and remove. What was read travels through
the page as text and is read again when it is applied, so nothing is kept in between.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.documents.planning_sheets import places_sheet
from app.errors import InputRefused, NotFound, Problem
from app.people.roles import Permission
from app.survey.planning.changes import Changes, Mode, changes_of, key_of
from app.survey.planning.columns import COLUMNS, KINDS, Kind
from app.survey.planning.edits import with_places
from app.survey.planning.listed import read_lines
from app.survey.planning.rows import Entry, read_entries
from app.survey.planning.steps import Step
from app.survey.text import Text
from app.web.console.pages import Acting, Desk, Looking, Uploading
from app.web.console.planning.answering import variables_of
from app.web.console.planning.drafts import Act, Making, find_making, keep_making, step_page
from app.web.console.planning.reading import FormReader
from app.web.dependencies import (
    ActingSession,
    Now,
    ReadingSession,
    SubmittedForm,
    SubmittedParts,
)
from app.web.rendering import HTMLReply
from app.workflow.planning.uploads import read_upload

router = APIRouter(prefix="/console/rounds/drafts/{code}/lists/{kind}")

MOST_SHOWN = 200
"""Entries in a table of a page; all are in the sheet."""
STEP_OF: Mapping[Kind, Step] = {
    "regions": "places",
    "units": "places",
    "points": "points",
    "margins": "weighting",
}
KIND_NAMES: Mapping[Kind, Text] = {
    "regions": Text(zh="地区", en="Regions"),
    "units": Text(zh="单位", en="Units"),
    "points": Text(zh="服务点", en="Service points"),
    "margins": Text(zh="人口总数", en="Population totals"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def shown(making: Making, step: Step) -> dict[str, Any]:
    """What the pages of lists show: names by code, how many entries a table holds."""
    plan = making.body
    return {
        "most_shown": MOST_SHOWN,
        "names": {
            one["code"]: one["name"]
            for kind in ("regions", "units")
            for one in plan.get(kind, ())
        },
        "columns": COLUMNS,
        "typed": {},
        "faulty": "",
        "kinds": [kind for kind in KINDS if STEP_OF[kind] == step],
    }


@router.post("/lines")
def add_lines(  # noqa: PLR0913 - one parameter is one part of the request
    code: str,
    kind: str,
    desk: Annotated[Desk, Depends(Acting(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Add what was written by hand, one on a line."""
    making, known = find_making(session, code, desk), _known(kind)
    given = FormReader(form)
    text, holder = given.one(f"lines-{known}"), given.one(f"holder-{known}")
    try:
        if not text:
            said = Text(zh="请写上名称，每行一个。", en="Write the names, one on a line.")
            given.complain(f"lines-{known}", said)
            given.done()
        entries = read_lines(known, text, making.body, holder=holder)
    except InputRefused as refused:
        step = STEP_OF[known]
        values = shown(making, step) | {"faulty": known}
        values["typed"] = {f"lines-{known}": text, f"holder-{known}": holder}
        return step_page(desk, making, step, refused=_at_lines(refused, known), **values)
    keep_making(Act(session, desk, now), making, _added(making, known, entries), form)
    return desk.lead_to(f"{making.address}/{STEP_OF[known]}#{known}")


@router.post("/sheet")
def show_changes(
    code: str,
    kind: str,
    desk: Annotated[Desk, Depends(Uploading(Permission.PLAN_ROUNDS))],
    session: ReadingSession,
    parts: SubmittedParts,
) -> Response:
    """Read a sheet and show what it would change; nothing is kept yet."""
    making, known = find_making(session, code, desk), _known(kind)
    mode: Mode = "add" if FormReader(parts.form).one(f"mode-{known}") == "add" else "replace"
    try:
        upload = parts.files.get(f"file-{known}")
        if upload is None:
            chinese = "请先选择一个文件。"
            raise InputRefused([Problem("file", "is not there", "Choose it.", chinese=chinese)])
        entries = read_upload(
            known, upload.content, source=upload.name, plan=making.body, survey=making.survey
        )
    except InputRefused as refused:
        return _changes_page(desk, making, known, mode, refused=refused)
    changes = changes_of(known, making.body, entries, mode=mode)
    return _changes_page(desk, making, known, mode, changes=changes)


@router.post("/entries")
def apply_changes(  # noqa: PLR0913 - one parameter is one part of the request
    code: str,
    kind: str,
    desk: Annotated[Desk, Depends(Acting(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Put the entries that were shown into the plan."""
    making, known = find_making(session, code, desk), _known(kind)
    entries = _entries_in(FormReader(form).one("entries"), known, making)
    keep_making(
        Act(session, desk, now), making, with_places(making.body, **{known: entries}), form
    )
    return desk.lead_to(f"{making.address}/{STEP_OF[known]}#{known}")


@router.get("/template")
def send_template(
    code: str,
    kind: str,
    desk: Annotated[Desk, Depends(Looking(Permission.PLAN_ROUNDS))],
    session: ReadingSession,
) -> Response:
    """The sheet to fill in, with what the plan has already."""
    making, known = find_making(session, code, desk), _known(kind)
    variables = [(item, levels) for item, _, levels in variables_of(making)]
    content = places_sheet(known, making.body, variables, desk.language)
    name = f"{making.row.code}-{known}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=XLSX, headers=headers)


@router.get("/{entry}")
def show_entry(
    code: str,
    kind: str,
    entry: str,
    desk: Annotated[Desk, Depends(Looking(Permission.PLAN_ROUNDS))],
    session: ReadingSession,
) -> HTMLReply:
    """One region, unit or point, to be changed or removed."""
    making, known = find_making(session, code, desk), _known(kind)
    found = _find(making, known, entry)
    return _entry_page(desk, making, known, entry, typed=_fields(known, found))


@router.post("/{entry}")
def change_entry(  # noqa: PLR0913 - one parameter is one part of the request
    code: str,
    kind: str,
    entry: str,
    desk: Annotated[Desk, Depends(Acting(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Change or remove one region, unit or point; its place in the order stays."""
    making, known = find_making(session, code, desk), _known(kind)
    _find(making, known, entry)
    given = FormReader(form)
    others = [one for one in making.body.get(known, ()) if one["code"] != entry]
    if given.one("remove"):
        after = others
    else:
        try:
            changed = _read_entry(given, known, making, entry)
        except InputRefused as refused:
            typed = {name: values[-1] for name, values in form.items() if values}
            return _entry_page(desk, making, known, entry, typed=typed, refused=refused)
        after = [changed if one["code"] == entry else one for one in making.body.get(known, ())]
    keep_making(
        Act(session, desk, now), making, with_places(making.body, **{known: after}), form
    )
    return desk.lead_to(f"{making.address}/{STEP_OF[known]}#{known}")


def _known(kind: str) -> Kind:
    for known in KINDS:
        if known == kind:
            return known
    raise NotFound(f"A plan has no list of {kind!r}.", chinese=f"方案没有“{kind}”名单。")


def _added(making: Making, kind: Kind, entries: list[Entry]) -> dict[str, Any]:
    changes = changes_of(kind, making.body, entries, mode="add")
    return with_places(making.body, **{kind: changes.entries})


def _at_lines(refused: InputRefused, kind: Kind) -> InputRefused:
    """Mistakes of lines, at the field that holds them all; the header is not counted."""
    return InputRefused(
        Problem(
            f"lines-{kind}",
            problem.message,
            problem.cure,
            problem.value,
            chinese=_line(problem),
        )
        for problem in refused.problems
    )


def _line(problem: Problem) -> str:
    row = problem.place.removeprefix("row ").partition(",")[0]
    if not row.isdigit():
        return problem.chinese
    return re.sub(rf"\b{row}\b", str(int(row) - 1), problem.chinese, count=1)


def _entries_in(text: str, kind: Kind, making: Making) -> list[Entry]:
    """The entries that a page of changes carried; what is no longer sound is refused."""
    try:
        values = json.loads(text)
        rows = [[str(cell) for cell in row] for row in values]
    except (ValueError, TypeError):
        raise InputRefused([Problem("file", "was lost on the way", "Send it again.")]) from None
    return read_entries(kind, [[c.key for c in COLUMNS[kind]], *rows], making.body)


def _rows_of(kind: Kind, changes: Changes) -> str:
    """Entries as the rows of a sheet, in one text."""
    rows = []
    for entry in changes.entries:
        if kind == "margins":
            rows += [[entry["variable"], level, n] for level, n in entry["totals"].items()]
        else:
            fields = _fields(kind, entry)
            rows.append([fields[column.key] for column in COLUMNS[kind]])
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _changes_page(  # noqa: PLR0913 - one parameter is one part of the page
    desk: Desk,
    making: Making,
    kind: Kind,
    mode: Mode,
    *,
    changes: Changes | None = None,
    refused: InputRefused | None = None,
) -> HTMLReply:
    return step_page(
        desk,
        making,
        STEP_OF[kind],
        refused=refused,
        template="changes",
        kind=kind,
        kind_name=KIND_NAMES[kind][desk.language],
        mode=mode,
        changes=changes,
        variables=list(variables_of(making)),
        key=key_of(kind),
        entries=_rows_of(kind, changes) if changes else "",
        most_shown=MOST_SHOWN,
    )


def _find(making: Making, kind: Kind, entry: str) -> Entry:
    for one in making.body.get(kind, ()):
        if one.get("code") == entry:
            return dict(one)
    raise NotFound(f"There is no {entry!r} here.", chinese=f"这里没有“{entry}”。")


def _fields(kind: Kind, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of an entry, by column."""
    name = entry["name"]
    english = name.get("en", "")
    cells = {"name": name["zh-Hans"], "name_en": "" if english == name["zh-Hans"] else english}
    return {
        column.key: cells.get(column.key, entry.get(column.key, "")) or ""
        for column in COLUMNS[kind]
    }


def _read_entry(given: FormReader, kind: Kind, making: Making, entry: str) -> Entry:
    """The entry that a form means; its code stays, for rounds are compared by it."""
    header = [column.key for column in COLUMNS[kind]]
    row = [entry if key == "code" else given.one(key) for key in header]
    try:
        return read_entries(kind, [header, row], making.body)[0]
    except InputRefused as refused:
        english = {column.heading.en: column.key for column in COLUMNS[kind]}
        raise InputRefused(
            Problem(
                english.get(problem.place.partition(", ")[2], ""),
                problem.message,
                problem.cure,
                problem.value,
                chinese=problem.chinese.replace("第 2 行", "", 1),
            )
            for problem in refused.problems
        ) from None


def _entry_page(  # noqa: PLR0913 - one parameter is one part of the page
    desk: Desk,
    making: Making,
    kind: Kind,
    entry: str,
    *,
    typed: dict[str, Any],
    refused: InputRefused | None = None,
) -> HTMLReply:
    holders = {"regions": "regions", "units": "regions", "points": "units"}.get(kind, "")
    return step_page(
        desk,
        making,
        STEP_OF[kind],
        refused=refused,
        template="entry",
        kind=kind,
        entry=entry,
        typed=typed,
        columns=[column for column in COLUMNS[kind] if column.key != "code"],
        holders=[
            (one["code"], one["name"][desk.language])
            for one in making.body.get(holders, ())
            if one["code"] != entry or holders != kind
        ],
    )
