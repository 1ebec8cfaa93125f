"""What a draft says of itself: title, lead, minutes, source; and its indicators."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.errors import InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.survey.editing.burden import estimated_minutes
from app.survey.editing.outline import filled_from_chinese, unused_code, with_values
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.opened import (
    OpenDraft,
    one,
    open_draft,
    whole_number,
    words,
)
from app.web.console.questionnaires.sending import Sent, faults_about, keep
from app.web.dependencies import Form, ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix="/console/questionnaires/drafts/{draft}")

MOST_MINUTES = 60
MOST_VERSIONS = 9999


@router.get("/settings")
def show_cover(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """Title, lead, minutes, source and version of a draft."""
    shown = open_draft(session, desk, draft)
    return _cover(desk, shown, shown.body)


@router.post("/settings", response_model=None)
def change_cover(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response | HTMLReply:
    """Keep them."""
    shown = open_draft(sent.session, desk, draft)
    values = {
        "title": words(sent.form, "title"),
        "lead": words(sent.form, "lead"),
        "minutes": whole_number(sent.form, "minutes"),
        "source": one(sent.form, "source"),
        "version": whole_number(sent.form, "version"),
    }
    try:
        problems = list(_cover_problems(values))
        if problems:
            raise InputRefused(problems)
        keep(sent, desk, shown.row, with_values(shown.body, values))
    except (InputRefused, WrongState) as refused:
        return _cover(desk, shown, values, faults=faults_about(refused, desk))
    return desk.lead_to(shown.address)


@router.post("/translation")
def fill_english(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response:
    """Put the Chinese words where English ones are missing."""
    shown = open_draft(sent.session, desk, draft)
    keep(sent, desk, shown.row, filled_from_chinese(shown.body))
    return desk.lead_to(shown.address)


@router.get("/indicators")
def show_indicators(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """The scores that the answers become: each a mean of scored items."""
    shown = open_draft(session, desk, draft)
    return _indicators(desk, shown)


@router.post("/indicators", response_model=None)
def change_indicators(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response | HTMLReply:
    """Keep the names and the items of every indicator; one without a name goes."""
    shown = open_draft(sent.session, desk, draft)
    known = [str(item["code"]) for item in shown.items]
    try:
        indicators = _read_indicators(shown, sent.form, known)
        keep(sent, desk, shown.row, with_values(shown.body, {"indicators": indicators}))
    except WrongState as refused:
        return _indicators(desk, shown, faults=faults_about(refused, desk))
    if "more" in sent.form:
        return desk.lead_to(f"{shown.address}/indicators")
    return desk.lead_to(shown.address)


def scored_items(draft: OpenDraft) -> list[dict[str, Any]]:
    """The items that can have points: judged on a scale with a score map."""
    scales = draft.body.get("scales") or {}
    return [
        item
        for item in draft.items
        if item.get("kind", "single") in {"single", "number"}
        and (scales.get(item.get("scale")) or {}).get("score_map")
    ]


def _cover(
    desk: Desk, draft: OpenDraft, values: Mapping[str, Any], *, faults: Faults | None = None
) -> HTMLReply:
    return desk.page(
        "console/questionnaires/cover.html",
        status=422 if faults else 200,
        draft=draft,
        values=values,
        minutes=estimated_minutes(draft.body),
        faults=faults,
    )


def _cover_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not values["title"]:
        yield Problem("title_zh", "is empty", "Write a title.", chinese="请写标题。")
    if not 1 <= (values["minutes"] or 0) <= MOST_MINUTES:
        chinese = f"分钟数应当是 1 到 {MOST_MINUTES} 的整数。"
        cure = f"Give 1 to {MOST_MINUTES}."
        yield Problem("minutes", "is out of range", cure, chinese=chinese)
    if not 1 <= (values["version"] or 0) <= MOST_VERSIONS:
        chinese = f"版本号应当是 1 到 {MOST_VERSIONS} 的整数。"
        cure = f"Give 1 to {MOST_VERSIONS}."
        yield Problem("version", "is out of range", cure, chinese=chinese)


def _indicators(desk: Desk, draft: OpenDraft, *, faults: Faults | None = None) -> HTMLReply:
    return desk.page(
        "console/questionnaires/indicators.html",
        status=422 if faults else 200,
        draft=draft,
        indicators=draft.body.get("indicators") or [],
        scored=scored_items(draft),
        faults=faults,
    )


def _read_indicators(
    draft: OpenDraft, form: Form, known: Sequence[str]
) -> list[dict[str, Any]]:
    before = draft.body.get("indicators") or []
    taken = [str(indicator["code"]) for indicator in before]
    found = []
    for number in range(1, min(whole_number(form, "rows") or 0, 200) + 1):
        name = words(form, f"i{number}")
        if not name:
            continue
        old = before[number - 1] if number <= len(before) else {}
        code = str(old.get("code") or unused_code(taken, "score"))
        taken.append(code)
        # Indicators made of indicators come from files: they are kept, not edited here.
        chosen = [one for one in known if one in form.get(f"i{number}_items", ())]
        found.append({**old, "code": code, "name": name})
        if not old.get("indicators"):
            found[-1]["items"] = chosen
    return found
