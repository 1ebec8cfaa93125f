"""One item of a draft on one form: everything that can be said about it, in sight."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.errors import InputRefused, WrongState
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.editing.outline import (
    find_item,
    find_section,
    moved_to_number,
    unused_code,
    with_item,
    with_item_changed,
    with_scale,
    without_item,
)
from app.survey.editing.scale_bank import BankedScale, bank_of
from app.survey.editing.wording import item_hints
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.editor import phone_look
from app.web.console.questionnaires.following import following_address
from app.web.console.questionnaires.item_form import (
    FROM_BANK,
    OWN_SCALE,
    ItemForm,
    blank_form,
    form_of,
    read_item,
    routing_choices,
)
from app.web.console.questionnaires.opened import OpenDraft, open_draft, whole_number
from app.web.console.questionnaires.preview import WITH_FRAME, preview_reply, refusal_reply
from app.web.console.questionnaires.sending import Sent, SentForm, faults_about, keep
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.web.resident.pages import Look
from app.workflow.definitions.versions import list_versions

router = APIRouter(prefix="/console/questionnaires/drafts/{draft}")
NEW = "new"


@router.get("/sections/{section}/items/new")
def show_new_item(
    draft: str,
    section: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """An empty form for an item at the end of a section."""
    shown = open_draft(session, desk, draft)
    find_section(shown.body, section)
    return _page(desk, shown, _bank(session, desk), blank_form(shown.body, section))


@router.post("/sections/{section}/items", response_model=None)
def add_item(
    draft: str,
    section: str,
    desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))],
    sent: Sent,
) -> Response | HTMLReply:
    """Add an item at the end of a section."""
    shown = open_draft(sent.session, desk, draft)
    find_section(shown.body, section)
    bank = _bank(sent.session, desk)
    filled = form_of(sent.form, code="", section=section)
    try:
        item, scales = read_item(shown.body, filled, bank)
        body = with_item(_with_scales(shown.body, scales), item, section=section)
        if "look" in sent.form:
            return preview_reply(body, desk.language, Look())
        keep(sent, desk, shown.row, body)
    except (InputRefused, WrongState) as refused:
        if "look" in sent.form:
            return refusal_reply(faults_about(refused, desk), desk.language)
        return _page(desk, shown, bank, filled, faults=faults_about(refused, desk))
    return _onwards(desk, shown, sent, item)


@router.get("/items/{item}")
def show_item(
    request: Request,
    draft: str,
    item: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """The form of one item, with the hints about its wording beside it."""
    shown = open_draft(session, desk, draft)
    found = find_item(shown.body, item)
    filled = ItemForm.of(shown.body, found)
    return _page(desk, shown, _bank(session, desk), filled, look=phone_look(request))


@router.post("/items/{item}", response_model=None)
def change_item(
    draft: str,
    item: str,
    desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))],
    sent: Sent,
) -> Response | HTMLReply:
    """Keep one item as its form says, or show on the phone how it would look."""
    shown = open_draft(sent.session, desk, draft)
    before = find_item(shown.body, item)
    bank = _bank(sent.session, desk)
    filled = form_of(sent.form, code=item, section=ItemForm.of(shown.body, before).section)
    try:
        values, scales = read_item(shown.body, filled, bank)
        kept = {k: v for k, v in before.items() if k == "recording"}
        body = with_item_changed(_with_scales(shown.body, scales), item, {**kept, **values})
        if "look" in sent.form:
            return preview_reply(body, desk.language, Look())
        number = whole_number(sent.form, "number")
        if number is not None and number != shown.number_of(item):
            body = moved_to_number(body, str(values["code"]), number)
        keep(sent, desk, shown.row, body)
    except (InputRefused, WrongState) as refused:
        if "look" in sent.form:
            return refusal_reply(faults_about(refused, desk), desk.language)
        return _page(desk, shown, bank, filled, faults=faults_about(refused, desk))
    return _onwards(desk, shown, sent, values)


@router.post("/items/{item}/removal")
def remove_item(
    draft: str, item: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response:
    """Remove an item from the draft."""
    shown = open_draft(sent.session, desk, draft)
    keep(sent, desk, shown.row, without_item(shown.body, item))
    return desk.lead_to(shown.address)


def _page(  # noqa: PLR0913 - what the page shows
    desk: Desk,
    draft: OpenDraft,
    bank: list[BankedScale],
    filled: ItemForm,
    *,
    faults: Faults | None = None,
    look: str = "",
) -> HTMLReply:
    code = filled.code
    hints = item_hints(draft.body, find_item(draft.body, code)) if code else []
    reply = desk.page(
        "console/questionnaires/item.html",
        status=422 if faults else 200,
        draft=draft,
        filled=filled,
        bank=bank,
        routing=routing_choices(draft.body, code, desk.language),
        hints=hints,
        number=draft.number_of(code) if code else len(draft.items) + 1,
        faults=faults,
        look=look,
        next_code=unused_code([str(item["code"]) for item in draft.items], "q"),
        following=following_address(),
        from_bank=FROM_BANK,
        own_scale=OWN_SCALE,
    )
    reply.headers["Content-Security-Policy"] = WITH_FRAME
    return reply


def _bank(session: ReadingSession, desk: Desk) -> list[BankedScale]:
    seen = list_versions(
        session, DEFINITIONS, within=desk.person.scope(Permission.SEE_DEFINITIONS)
    )
    return bank_of(version.survey for version in seen)


def _with_scales(body: Mapping[str, Any], scales: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(body)
    for name, scale in scales.items():
        changed = with_scale(changed, name, scale)
    return changed


def _onwards(desk: Desk, draft: OpenDraft, sent: SentForm, item: Mapping[str, Any]) -> Response:
    """After saving: the scale that is still to be written, the next item, or the draft."""
    if sent.form.get("scale") == [OWN_SCALE]:
        return desk.lead_to(f"{draft.address}/scales/{item['scale']}")
    if "next" in sent.form:
        section = next(iter(sent.form.get("section", ())), "")
        return desk.lead_to(f"{draft.address}/sections/{section}/items/new")
    return desk.lead_to(f"{draft.address}#item-{item['code']}")
