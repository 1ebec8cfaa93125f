"""What a system says of itself: name, document, dates, missing values; and its region types."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.errors import InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.scoring.editing.outline import Body, with_keys
from app.scoring.editing.weighing import type_key, types_of, with_types
from app.survey.editing.outline import unused_code
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.opened import whole_number
from app.web.console.questionnaires.sending import Sent, faults_about, keep
from app.web.console.systems.filled import Filled, require_sound, shown_number
from app.web.console.systems.opened import ADDRESS, OpenDraft, open_draft
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix=ADDRESS + "/drafts/{draft}")

SPARE_TYPES = 2
MOST_TYPES = 30
OWN_KEYS = frozenset(
    {"title", "note", "version", "effective", "missing", "not_applicable", "opt_in_accepted"}
)
FIELDS: Mapping[str, str] = {
    "title": "title_zh",
    "note": "note_zh",
    "effective.from": "begins",
    "effective.to": "ends",
    "effective.document": "document_zh",
    "missing": "missing_value",
    "missing.value": "missing_value",
    "missing.rule": "missing_rule",
    "not_applicable": "not_applicable",
    "opt_in_accepted": "accepted_zh",
    "version": "version",
}


@router.get("/settings")
def show_cover(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """Name, document, dates, version number, and what happens where a value is missing."""
    shown = open_draft(session, desk, draft)
    return _cover(desk, shown, _fields_of_cover(shown.body))


@router.post("/settings", response_model=None)
def change_cover(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep them."""
    shown, filled = open_draft(sent.session, desk, draft), Filled(sent.form)
    try:
        changed = with_keys(shown.body, _read_cover(filled, shown.body))
        require_sound(changed, _is_own, _field_of)
        keep(sent, desk, shown.row, changed)
    except (InputRefused, WrongState) as refused:
        return _cover(desk, shown, filled.typed, faults=faults_about(refused, desk))
    return desk.lead_to(shown.address)


@router.get("/types")
def show_types(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """The region types that weights are written for."""
    return _types(desk, open_draft(session, desk, draft), {})


@router.post("/types", response_model=None)
def change_types(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep names, add types, take out those that were ticked."""
    shown, filled = open_draft(sent.session, desk, draft), Filled(sent.form)
    try:
        changed = with_types(shown.body, _read_types(filled, shown.body))
        key = type_key(changed)
        require_sound(changed, lambda one: one.startswith(key), _field_of_type)
        keep(sent, desk, shown.row, changed)
    except (InputRefused, WrongState) as refused:
        return _types(desk, shown, filled.typed, faults=faults_about(refused, desk))
    return desk.lead_to(shown.address)


def _cover(
    desk: Desk, draft: OpenDraft, values: Mapping[str, str], *, faults: Faults | None = None
) -> HTMLReply:
    return desk.page(
        "console/systems/cover.html",
        status=422 if faults else 200,
        draft=draft,
        values=values,
        faults=faults,
    )


def _fields_of_cover(body: Body) -> dict[str, str]:
    effective, missing = body.get("effective") or {}, body.get("missing") or {}
    texts = {
        "title": body.get("title"),
        "note": body.get("note"),
        "document": effective.get("document"),
        "accepted": (body.get("opt_in_accepted") or {}).get("reason"),
    }
    fields = {
        "version": str(body.get("version", "")),
        "begins": str(effective.get("from") or ""),
        "ends": str(effective.get("to") or ""),
        "missing_rule": str(missing.get("rule", "")),
        "missing_value": shown_number(missing.get("value")),
        "share": (body.get("not_applicable") or {}).get("share", "proportional"),
    }
    for name, text in texts.items():
        fields[f"{name}_zh"] = (text or {}).get("zh-Hans", "")
        fields[f"{name}_en"] = (text or {}).get("en", "")
    return fields


def _read_cover(filled: Filled, body: Body) -> dict[str, Any]:
    rule, value = filled.text("missing_rule"), filled.number("missing_value")
    filled.require_readable()
    effective = {"from": filled.text("begins"), "document": filled.words("document")}
    if filled.text("ends"):
        effective["to"] = filled.text("ends")
    accepted, version = filled.words("accepted"), whole_number(filled.form, "version")
    return {
        "title": filled.words("title"),
        "note": filled.words("note") or None,
        "version": version if version is not None else filled.text("version"),
        "effective": effective,
        "missing": {"rule": rule, "value": value} if rule == "fixed" else {"rule": rule},
        "not_applicable": {**(body.get("not_applicable") or {}), "share": filled.text("share")},
        "opt_in_accepted": {"reason": accepted} if accepted else None,
    }


def _is_own(place: str) -> bool:
    return place.partition(".")[0].partition("[")[0] in OWN_KEYS


def _field_of(place: str) -> str:
    while place not in FIELDS and "." in place:
        place = place.rpartition(".")[0]
    return FIELDS.get(place, "title_zh")


def _types(
    desk: Desk, draft: OpenDraft, typed: Mapping[str, str], *, faults: Faults | None = None
) -> HTMLReply:
    known = types_of(draft.body)
    return desk.page(
        "console/systems/types.html",
        status=422 if faults else 200,
        draft=draft,
        known=known,
        rows=len(known) + SPARE_TYPES,
        values={**_fields_of_types(known), **typed},
        are_vectors=type_key(draft.body) == "vectors",
        faults=faults,
    )


def _fields_of_types(known: Any) -> dict[str, str]:
    fields: dict[str, str] = {}
    for number, one in enumerate(known, start=1):
        text = one.get("name") or {}
        fields |= {
            f"t{number}_zh": text.get("zh-Hans", ""),
            f"t{number}_en": text.get("en", ""),
        }
    return fields


def _read_types(filled: Filled, body: Body) -> list[dict[str, Any]]:
    known = types_of(body)
    found: list[dict[str, Any]] = []
    taken = [str(one.get("code")) for one in known]
    for number in range(1, min(len(known) + SPARE_TYPES, MOST_TYPES) + 1):
        name, is_known = filled.words(f"t{number}"), number <= len(known)
        if filled.ticked(f"t{number}_gone") or (not name and not is_known):
            continue
        code = taken[number - 1] if is_known else filled.text(f"t{number}_code")
        code = code or unused_code(taken, "type")
        taken.append(code)
        found.append({"code": code, "name": name})
    if not found:
        chinese = "至少留一类地区。"
        cure = "Keep one region type."
        raise InputRefused([Problem("t1_zh", "is the last one", cure, chinese=chinese)])
    return found


def _field_of_type(place: str) -> str:
    number = place.partition("[")[2].partition("]")[0]
    row = int(number) + 1 if number.isdecimal() else 1
    return f"t{row}_code" if place.endswith(".code") else f"t{row}_zh"
