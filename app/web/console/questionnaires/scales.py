"""The scales of a draft, and the bank they come from."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.errors import InputRefused, NotFound, WrongState
from app.people.roles import Permission
from app.settings import DEFINITIONS
from app.survey.editing.outline import unused_code, with_scale, without_scale
from app.survey.editing.scale_bank import BankedScale, bank_of
from app.survey.score_maps import ScoreMap
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.opened import OpenDraft, one, open_draft
from app.web.console.questionnaires.scale_form import ScaleForm, form_of_scale, read_scale
from app.web.console.questionnaires.sending import Sent, faults_about, keep
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.definitions.versions import list_versions
from app.workflow.registry import full_registry

router = APIRouter(prefix="/console/questionnaires/drafts/{draft}/scales")


@router.get("")
def show_scales(
    draft: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """The scales of a draft, and the bank to take others from."""
    shown = open_draft(session, desk, draft)
    return desk.page(
        "console/questionnaires/scales.html",
        draft=shown,
        scales={
            name: shown.scale_line(name, desk.language)
            for name in shown.body.get("scales") or {}
        },
        bank=[(banked, banked.line(desk.language)) for banked in _bank(session, desk)],
    )


@router.post("")
def add_scale(
    draft: str, desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))], sent: Sent
) -> Response:
    """Take a scale from the bank, or begin an empty one."""
    shown = open_draft(sent.session, desk, draft)
    scales = shown.body.get("scales") or {}
    key = one(sent.form, "bank")
    if not key:
        name = unused_code([*scales], "scale")
        keep(sent, desk, shown.row, with_scale(shown.body, name, {"options": []}))
        return desk.lead_to(f"{shown.address}/scales/{name}")
    banked = next((b for b in _bank(sent.session, desk) if b.key == key), None)
    if banked is None:
        raise NotFound("There is no such scale in the bank.", chinese="量表库里没有这个量表。")
    name = banked.name if banked.name not in scales else unused_code([*scales], banked.name)
    keep(sent, desk, shown.row, with_scale(shown.body, name, banked.values))
    return desk.lead_to(f"{shown.address}/scales#scale-{name}")


@router.get("/{scale}")
def show_scale(
    draft: str,
    scale: str,
    desk: Annotated[Desk, Depends(Looking(Permission.DESIGN))],
    session: ReadingSession,
) -> HTMLReply:
    """The form of one scale."""
    shown = open_draft(session, desk, draft)
    filled = ScaleForm.of(_require(shown, scale))
    return _page(desk, shown, scale, filled, maps=_score_maps(session))


@router.post("/{scale}", response_model=None)
def change_scale(
    draft: str,
    scale: str,
    desk: Annotated[Desk, Depends(Acting(Permission.DESIGN))],
    sent: Sent,
) -> Response | HTMLReply:
    """Keep a scale as its form says, or remove it while no item uses it."""
    shown = open_draft(sent.session, desk, draft)
    _require(shown, scale)
    if "remove" in sent.form:
        keep(sent, desk, shown.row, without_scale(shown.body, scale))
        return desk.lead_to(f"{shown.address}/scales")
    filled = form_of_scale(sent.form)
    try:
        body = with_scale(shown.body, scale, read_scale(filled))
        keep(sent, desk, shown.row, body)
    except (InputRefused, WrongState) as refused:
        maps = _score_maps(sent.session)
        return _page(desk, shown, scale, filled, maps=maps, faults=faults_about(refused, desk))
    if "more" in sent.form:
        return desk.lead_to(f"{shown.address}/scales/{scale}")
    return desk.lead_to(shown.address)


def _page(  # noqa: PLR0913 - what the page shows
    desk: Desk,
    draft: OpenDraft,
    scale: str,
    filled: ScaleForm,
    *,
    maps: list[ScoreMap],
    faults: Faults | None = None,
) -> HTMLReply:
    return desk.page(
        "console/questionnaires/scale.html",
        status=422 if faults else 200,
        draft=draft,
        scale=scale,
        filled=filled,
        maps=maps,
        users=[item for item in draft.items if item.get("scale") == scale],
        faults=faults,
    )


def _require(draft: OpenDraft, name: str) -> dict[str, object]:
    scales: dict[str, dict[str, object]] = draft.body.get("scales") or {}
    if name not in scales:
        raise NotFound(f"There is no scale {name!r}.", chinese=f"没有量表“{name}”。")
    return scales[name]


def _score_maps(session: ReadingSession) -> list[ScoreMap]:
    return list(full_registry(session, DEFINITIONS).score_maps[1].maps)


def _bank(session: ReadingSession, desk: Desk) -> list[BankedScale]:
    seen = list_versions(
        session, DEFINITIONS, within=desk.person.scope(Permission.SEE_DEFINITIONS)
    )
    return bank_of(version.survey for version in seen)
