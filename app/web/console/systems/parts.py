"""One indicator, or one class of indicators, on one form: everything that can be said of it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.errors import InputRefused, WrongState
from app.people.roles import Permission
from app.scoring.editing.outline import (
    Body,
    cards_of,
    codes_of,
    find_card,
    find_node,
    nodes_of,
    possible_parents,
    root_of,
    with_part,
    with_part_changed,
)
from app.survey.editing.outline import unused_code
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.sending import Sent, faults_about, keep
from app.web.console.systems.card_form import (
    NEW_FIELDS,
    field_of_card,
    fields_of_card,
    read_card,
)
from app.web.console.systems.filled import Filled, require_sound
from app.web.console.systems.node_form import (
    NEW_NODE,
    field_of_node,
    fields_of_node,
    read_node,
)
from app.web.console.systems.opened import ADDRESS, OpenDraft, open_draft
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix=ADDRESS + "/drafts/{draft}")


@router.get("/new-indicator")
def show_new_indicator(
    request: Request,
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """An empty form for an indicator below a node."""
    shown = open_draft(session, desk, draft)
    values = {**NEW_FIELDS, "parent": _under(request, shown.body)}
    return _page(desk, shown, "indicators", values)


@router.get("/indicators/{code}")
def show_indicator(
    draft: str,
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """An indicator with everything that is said of it but its weights."""
    shown = open_draft(session, desk, draft)
    card = find_card(shown.body, code)
    return _page(desk, shown, "indicators", fields_of_card(card), code=code)


@router.post("/new-indicator", response_model=None)
def add_indicator(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Put a new indicator into the tree; it weighs nothing until weights are written."""
    shown = open_draft(sent.session, desk, draft)
    return _keep_card(sent, desk, shown, "")


@router.post("/indicators/{code}", response_model=None)
def change_indicator(
    draft: str, code: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep what is said of an indicator."""
    shown = open_draft(sent.session, desk, draft)
    find_card(shown.body, code)
    return _keep_card(sent, desk, shown, code)


@router.get("/new-node")
def show_new_node(
    request: Request,
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """An empty form for a class below a node."""
    shown = open_draft(session, desk, draft)
    values = {**NEW_NODE, "parent": _under(request, shown.body)}
    return _page(desk, shown, "nodes", values)


@router.get("/nodes/{code}")
def show_node(
    draft: str,
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """A class: its name, where it stands, how what is below becomes its score."""
    shown = open_draft(session, desk, draft)
    node = find_node(shown.body, code)
    return _page(desk, shown, "nodes", fields_of_node(node), code=code)


@router.post("/new-node", response_model=None)
def add_node(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Put a new class into the tree."""
    return _keep_node(sent, desk, open_draft(sent.session, desk, draft), "")


@router.post("/nodes/{code}", response_model=None)
def change_node(
    draft: str, code: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep what is said of a class."""
    shown = open_draft(sent.session, desk, draft)
    find_node(shown.body, code)
    return _keep_node(sent, desk, shown, code)


def _keep_card(sent: Sent, desk: Desk, draft: OpenDraft, code: str) -> Response | HTMLReply:
    filled, body = Filled(sent.form), draft.body
    before = find_card(body, code) if code else {"code": _new_code(filled, body, "i")}
    try:
        card = read_card(filled, before, body)
        changed = _with(body, card, code, "indicators")
        place = _place(changed, "indicators", card["code"])
        field_of = field_of_card(filled.text("method"))
        require_sound(changed, lambda one: _is_in(one, place), field_of)
        keep(sent, desk, draft.row, changed)
    except (InputRefused, WrongState) as refused:
        faults = faults_about(refused, desk)
        return _page(desk, draft, "indicators", filled.typed, code=code, faults=faults)
    if "next" in sent.form:
        return desk.lead_to(f"{draft.address}/new-indicator")
    return desk.lead_to(f"{draft.address}#part-{card['code']}")


def _keep_node(sent: Sent, desk: Desk, draft: OpenDraft, code: str) -> Response | HTMLReply:
    filled, body = Filled(sent.form), draft.body
    before = find_node(body, code) if code else {"code": _new_code(filled, body, "g")}
    try:
        node = read_node(filled, before, body)
        changed = _with(body, node, code, "nodes")
        place = _place(changed, "nodes", node["code"])
        require_sound(changed, lambda one: _is_in(one, place), field_of_node)
        keep(sent, desk, draft.row, changed)
    except (InputRefused, WrongState) as refused:
        faults = faults_about(refused, desk)
        return _page(desk, draft, "nodes", filled.typed, code=code, faults=faults)
    return desk.lead_to(f"{draft.address}#part-{node['code']}")


def _page(  # noqa: PLR0913 - what the page shows
    desk: Desk,
    draft: OpenDraft,
    among: str,
    values: Mapping[str, str],
    *,
    code: str = "",
    faults: Faults | None = None,
) -> HTMLReply:
    is_root = bool(code) and root_of(draft.body).get("code") == code
    return desk.page(
        "console/systems/indicator.html"
        if among == "indicators"
        else "console/systems/node.html",
        status=422 if faults else 200,
        draft=draft,
        code=code,
        values=values,
        is_root=is_root,
        parents=possible_parents(draft.body, code if among == "nodes" else ""),
        below=[part for part in _parts(draft.body) if code and part.get("parent") == code],
        faults=faults,
    )


def _parts(body: Body) -> list[Body]:
    return [*nodes_of(body), *cards_of(body)]


def _under(request: Request, body: Body) -> str:
    wanted = request.query_params.get("under", "")
    known = [str(node.get("code")) for node in nodes_of(body)]
    return wanted if wanted in known else str(root_of(body).get("code"))


def _new_code(filled: Filled, body: Body, prefix: str) -> str:
    return filled.text("code") or unused_code(codes_of(body), prefix)


def _with(body: Body, part: Mapping[str, Any], code: str, among: str) -> Body:
    return with_part_changed(body, code, part) if code else with_part(body, part, among=among)


def _place(body: Body, among: str, code: str) -> str:
    codes = [part.get("code") for part in body[among]]
    return f"{among}[{len(codes) - 1 - codes[::-1].index(code)}]"


def _is_in(place: str, part: str) -> bool:
    """Whether a mistake is one of this form: weights and sums have a table of their own."""
    inside = place.removeprefix(f"{part}.")
    return inside != place and inside.partition(".")[0] not in {"weight", "weights_sum_to"}
