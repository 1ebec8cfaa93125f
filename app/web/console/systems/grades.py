"""Grades, by thresholds or by quotas of places, and how ranks are counted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.errors import InputRefused, WrongState
from app.people.roles import Permission
from app.scoring.editing.outline import Body, with_keys
from app.survey.editing.outline import unused_code
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.opened import whole_number
from app.web.console.questionnaires.sending import Sent, faults_about, keep
from app.web.console.systems.filled import Filled, Number, require_sound, shown_number
from app.web.console.systems.opened import ADDRESS, OpenDraft, open_draft
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix=ADDRESS + "/drafts/{draft}/grades")

FEWEST_ROWS = 4
SPARE_ROWS = 1


@router.get("")
def show_grades(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """The scale of grades, and the rule of ranks."""
    shown = open_draft(session, desk, draft)
    return _page(desk, shown, _fields_of(shown.body))


@router.post("", response_model=None)
def change_grades(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep them."""
    shown, filled = open_draft(sent.session, desk, draft), Filled(sent.form)
    try:
        values = {"grade": _read(filled, _scale(shown.body)), "rank": _read_rank(filled)}
        filled.require_readable()
        changed = with_keys(shown.body, values)
        require_sound(changed, _is_own, _field_of)
        keep(sent, desk, shown.row, changed)
    except (InputRefused, WrongState) as refused:
        return _page(desk, shown, filled.typed, faults=faults_about(refused, desk))
    return desk.lead_to(shown.address)


def _page(
    desk: Desk, draft: OpenDraft, values: Mapping[str, str], *, faults: Faults | None = None
) -> HTMLReply:
    return desk.page(
        "console/systems/grades.html",
        status=422 if faults else 200,
        draft=draft,
        values=values,
        rows=_rows(_scale(draft.body)),
        faults=faults,
    )


def _scale(body: Mapping[str, Any]) -> Sequence[Body]:
    return (body.get("grade") or {}).get("scale") or []


def _rows(scale: Sequence[Body]) -> int:
    return max(len(scale) + SPARE_ROWS, FEWEST_ROWS)


def _fields_of(body: Mapping[str, Any]) -> dict[str, str]:
    rule, rank = body.get("grade") or {}, body.get("rank") or {}
    fields = {
        "rule": rule.get("rule", "none"),
        "within": rule.get("within", "type"),
        "tie": rule.get("tie", "include"),
        "scope": rank.get("scope", "type"),
        "decimals": shown_number(rank.get("decimals")),
        "ties": rank.get("ties", "min"),
    }
    for number, grade in enumerate(_scale(body), start=1):
        name, share = grade.get("name") or {}, grade.get("share")
        fields[f"g{number}_zh"] = name.get("zh-Hans", "")
        fields[f"g{number}_en"] = name.get("en", "")
        limit = grade.get("min") if share is None else _percent(share)
        fields[f"g{number}_limit"] = shown_number(limit)
    return fields


def _percent(share: Number) -> str:
    return format((Decimal(str(share)) * 100).normalize() + 0, "f")


def _read(filled: Filled, known: Sequence[Body]) -> dict[str, Any] | None:
    rule = filled.text("rule")
    if rule == "none":
        return None
    taken = [str(one.get("grade")) for one in known]
    scale: list[Body] = []
    for number in range(1, _rows(known) + 1):
        name, limit = filled.words(f"g{number}"), filled.number(f"g{number}_limit")
        if not name:
            continue
        code = taken[number - 1] if number <= len(known) else unused_code(taken, "grade")
        taken.append(code)
        grade: Body = {"grade": code, "name": name}
        if limit is not None:
            grade |= {"share": limit / 100} if rule == "quota" else {"min": limit}
        scale.append(grade)
    changed: dict[str, Any] = {"rule": rule, "scale": scale}
    if rule == "quota":
        changed |= {"within": filled.text("within"), "tie": filled.text("tie")}
    return changed


def _read_rank(filled: Filled) -> dict[str, Any]:
    rank = {"scope": filled.text("scope"), "ties": filled.text("ties")}
    decimals = whole_number(filled.form, "decimals")
    filled.number("decimals")
    return rank if decimals is None else {**rank, "decimals": decimals}


def _is_own(place: str) -> bool:
    return place.startswith(("grade", "rank"))


def _field_of(place: str) -> str:
    if place.startswith("grade.scale["):
        number = int(place.removeprefix("grade.scale[").partition("]")[0]) + 1
        return f"g{number}_zh" if ".name" in place else f"g{number}_limit"
    last = place.rpartition(".")[2]
    return "g1_zh" if last == "scale" else last
