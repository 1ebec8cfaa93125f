"""Deductions and bonuses: families with their caps, the caps of all, and item by item."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.errors import InputRefused, NotFound, Problem, WrongState
from app.people.roles import Permission
from app.scoring.editing.outline import Body, with_keys
from app.survey.editing.outline import unused_code
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.sending import Sent, faults_about, keep
from app.web.console.systems.filled import Filled, require_sound, shown_number
from app.web.console.systems.opened import ADDRESS, OpenDraft, open_draft
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix=ADDRESS + "/drafts/{draft}/deductions")

SPARE_FAMILIES = 2


@router.get("")
def show_deductions(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """Families, caps, and the items with what each costs or earns."""
    return _page(desk, open_draft(session, desk, draft), {})


@router.post("", response_model=None)
def change_caps(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep families and caps."""
    shown, filled = open_draft(sent.session, desk, draft), Filled(sent.form)
    try:
        rules = _read_caps(filled, rules_of(shown.body))
        changed = with_keys(shown.body, {"adjustments": rules})
        require_sound(changed, _is_cap, _field_of_cap)
        keep(sent, desk, shown.row, changed)
    except (InputRefused, WrongState) as refused:
        return _page(desk, shown, filled.typed, faults=faults_about(refused, desk))
    return desk.lead_to(f"{shown.address}/deductions")


@router.get("/new-item")
def show_new_item(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """An empty form for an item."""
    return _item_page(desk, open_draft(session, desk, draft), {"kind": "deduct"})


@router.get("/items/{code}")
def show_item(
    draft: str,
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """One item: what it rests on, what it costs or earns, its cap, the grade it bars."""
    shown = open_draft(session, desk, draft)
    return _item_page(desk, shown, _fields_of(_find(shown.body, code)), code=code)


@router.post("/new-item", response_model=None)
def add_item(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Add an item."""
    return _keep_item(sent, desk, open_draft(sent.session, desk, draft), "")


@router.post("/items/{code}", response_model=None)
def change_item(
    draft: str, code: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep an item, or take it out."""
    shown = open_draft(sent.session, desk, draft)
    _find(shown.body, code)
    return _keep_item(sent, desk, shown, code)


def rules_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The rules of deductions as they stand; nothing but empty lists where there are none."""
    return {"items": [], "families": [], **(body.get("adjustments") or {})}


def _keep_item(sent: Sent, desk: Desk, draft: OpenDraft, code: str) -> Response | HTMLReply:
    filled, rules = Filled(sent.form), rules_of(draft.body)
    items: Sequence[Body] = rules["items"]
    others = [one for one in items if one.get("code") != code]
    try:
        if "remove" in sent.form:
            rules["items"] = others
        else:
            rules["items"] = _with_item(filled, items, code)
        changed = with_keys(draft.body, {"adjustments": rules})
        place = f"adjustments.items[{_number(rules['items'], code)}]"
        if "remove" not in sent.form:
            require_sound(changed, lambda one: one.startswith(place), _field_of_item)
        keep(sent, desk, draft.row, changed)
    except (InputRefused, WrongState) as refused:
        faults = faults_about(refused, desk)
        return _item_page(desk, draft, filled.typed, code=code, faults=faults)
    return desk.lead_to(f"{draft.address}/deductions")


def _with_item(filled: Filled, items: Sequence[Body], code: str) -> list[Body]:
    taken = [str(one.get("code")) for one in items]
    own = code or filled.text("code") or unused_code(taken, "item")
    item = _read_item(filled, own)
    return [item if one.get("code") == code else one for one in items] + (
        [] if code else [item]
    )


def _number(items: Sequence[Body], code: str) -> int:
    codes = [one.get("code") for one in items]
    return codes.index(code) if code in codes else len(codes) - 1


def _read_item(filled: Filled, code: str) -> Body:
    points, cap, steps = filled.number("points"), filled.number("cap"), filled.numbers("steps")
    filled.require_readable()
    item = {
        "code": code,
        "name": filled.words("name"),
        "evidence": filled.words("evidence") or None,
        "kind": filled.text("kind"),
        "family": filled.text("family"),
        "points": points,
        "steps": steps or None,
        "cap": cap,
        "veto_max_grade": filled.text("veto") or None,
    }
    return {key: value for key, value in item.items() if value is not None}


def _fields_of(item: Mapping[str, Any]) -> dict[str, str]:
    name, evidence = item.get("name") or {}, item.get("evidence") or {}
    return {
        "name_zh": name.get("zh-Hans", ""),
        "name_en": name.get("en", ""),
        "evidence_zh": evidence.get("zh-Hans", ""),
        "evidence_en": evidence.get("en", ""),
        "kind": str(item.get("kind", "")),
        "family": str(item.get("family", "")),
        "points": shown_number(item.get("points")),
        "steps": "、".join(str(one) for one in item.get("steps") or ()),
        "cap": shown_number(item.get("cap")),
        "veto": str(item.get("veto_max_grade") or ""),
    }


def _field_of_item(place: str) -> str:
    inside = place.partition("].")[2]
    named = {"": "points", "name": "name_zh", "evidence": "evidence_zh"}
    first = inside.partition(".")[0].partition("[")[0]
    return "veto" if first == "veto_max_grade" else named.get(first, first)


def _item_page(
    desk: Desk,
    draft: OpenDraft,
    values: Mapping[str, str],
    *,
    code: str = "",
    faults: Faults | None = None,
) -> HTMLReply:
    return desk.page(
        "console/systems/item.html",
        status=422 if faults else 200,
        draft=draft,
        code=code,
        values=values,
        families=rules_of(draft.body)["families"],
        grades=(draft.body.get("grade") or {}).get("scale") or [],
        faults=faults,
    )


def _find(body: Mapping[str, Any], code: str) -> Body:
    for item in rules_of(body)["items"]:
        if item.get("code") == code:
            found: Body = item
            return found
    raise NotFound(f"There is no item {code!r}.", chinese=f"没有加减分事项“{code}”。")


def _page(
    desk: Desk, draft: OpenDraft, typed: Mapping[str, str], *, faults: Faults | None = None
) -> HTMLReply:
    rules = rules_of(draft.body)
    return desk.page(
        "console/systems/deductions.html",
        status=422 if faults else 200,
        draft=draft,
        body=draft.body,
        rules=rules,
        rows=len(rules["families"]) + SPARE_FAMILIES,
        values={**_fields_of_caps(rules), **typed} if not faults else typed,
        faults=faults,
    )


def _fields_of_caps(rules: Mapping[str, Any]) -> dict[str, str]:
    total = rules.get("total_cap") or {}
    fields = {
        "total_deduct": shown_number(total.get("deduct")),
        "total_bonus": shown_number(total.get("bonus")),
        "floor": shown_number(rules.get("floor")),
        "ceiling": shown_number(rules.get("ceiling")),
        "no_bonus": "yes" if rules.get("no_bonus_when_veto") else "",
    }
    for number, family in enumerate(rules["families"], start=1):
        name = family.get("name") or {}
        fields[f"f{number}_zh"] = name.get("zh-Hans", "")
        fields[f"f{number}_en"] = name.get("en", "")
        fields[f"f{number}_cap"] = shown_number(family.get("cap"))
    return fields


def _read_caps(filled: Filled, rules: dict[str, Any]) -> dict[str, Any] | None:
    total = {"deduct": filled.number("total_deduct"), "bonus": filled.number("total_bonus")}
    changed = {
        "items": rules["items"],
        "families": _read_families(filled, rules),
        "total_cap": {key: value for key, value in total.items() if value is not None} or None,
        "floor": filled.number("floor"),
        "ceiling": filled.number("ceiling"),
        "no_bonus_when_veto": filled.ticked("no_bonus") or None,
    }
    filled.require_readable()
    kept = {key: value for key, value in changed.items() if value is not None}
    return kept if kept["items"] or kept["families"] else None


def _read_families(filled: Filled, rules: Mapping[str, Any]) -> list[Body]:
    known: Sequence[Body] = rules["families"]
    taken = [str(one.get("code")) for one in known]
    found: list[Body] = []
    for number in range(1, len(known) + SPARE_FAMILIES + 1):
        name, cap = filled.words(f"f{number}"), filled.number(f"f{number}_cap")
        code = taken[number - 1] if number <= len(known) else unused_code(taken, "family")
        if name:
            taken.append(code)
            family: Body = {"code": code, "name": name}
            found.append(family if cap is None else {**family, "cap": cap})
        elif any(item.get("family") == code for item in rules["items"]):
            chinese = "这一类下面还有事项，不能删。请先移走或删掉事项。"
            cure = "Move or remove its items first."
            problem = Problem(f"f{number}_zh", "still holds items", cure, chinese=chinese)
            filled.problems.append(problem)
    return found


def _is_cap(place: str) -> bool:
    return place.startswith("adjustments.") and not place.startswith("adjustments.items")


def _field_of_cap(place: str) -> str:
    inside = place.removeprefix("adjustments.")
    if inside.startswith("families["):
        number = int(inside.removeprefix("families[").partition("]")[0]) + 1
        return f"f{number}_cap" if inside.endswith(".cap") else f"f{number}_zh"
    named = {
        "total_cap.deduct": "total_deduct",
        "total_cap.bonus": "total_bonus",
        "no_bonus_when_veto": "no_bonus",
    }
    return named.get(inside, inside)
