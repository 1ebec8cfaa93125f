"""The steps of the wizard that are one form each, and the check at its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.database.round_list import Wanted, list_wanted
from app.errors import InputRefused, NotFound
from app.people.roles import Permission
from app.survey.planning.heading import heading_of
from app.survey.planning.steps import STEPS, Step
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.planning import (
    answering,
    basics,
    composite,
    listing,
    screening,
    weighting,
)
from app.web.console.planning.drafts import (
    Act,
    Making,
    find_making,
    following,
    keep_making,
    step_page,
)
from app.web.console.planning.precision import precision_of
from app.web.console.planning.reading import FormReader
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply

router = APIRouter(prefix="/console/rounds/drafts/{code}")

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _StepForm:
    """A step that is one form: its fields, what else its page shows, what it makes."""

    filled: Callable[[Making], Values]
    read: Callable[[FormReader, Making], Values]
    shown: Callable[[Making], Values] = lambda _: {}


_FORMS: Mapping[Step, _StepForm] = {
    "basics": _StepForm(basics.filled, basics.read),
    "answering": _StepForm(answering.filled, answering.read, answering.shown),
    "weighting": _StepForm(weighting.filled, weighting.read, weighting.shown),
    "screening": _StepForm(screening.filled, screening.read, screening.shown),
    "composite": _StepForm(composite.filled, composite.read, composite.shown),
}


@router.get("/{step}")
def show_step(
    code: str,
    step: str,
    desk: Annotated[Desk, Depends(Looking(Permission.PLAN_ROUNDS))],
    session: ReadingSession,
    margin: float = 5.0,
) -> HTMLReply:
    """One step of a plan in the making."""
    making = find_making(session, code, desk)
    known = _known(step)
    if known not in _FORMS:
        return step_page(desk, making, known, **listing.shown(making, known))
    values: Values = {"typed": _FORMS[known].filled(making), **_FORMS[known].shown(making)}
    if known == "basics":
        rounds = list_wanted(session, Wanted(), start=0, most=100, within=desk.scope)
        values["rounds"] = [(r.code, heading_of(r.plan).title[desk.language]) for r in rounds]
    if known == "answering":
        values["precision"] = precision_of(making.body.get("units", ()), margin=margin)
    return step_page(desk, making, known, **values)


@router.post("/{step}")
def save_step(  # noqa: PLR0913 - one parameter is one part of the request
    code: str,
    step: str,
    desk: Annotated[Desk, Depends(Acting(Permission.PLAN_ROUNDS))],
    now: Now,
    session: ActingSession,
    form: SubmittedForm,
) -> Response:
    """Keep what a step's form says, and go on to the next step."""
    making, known = find_making(session, code, desk), _known(step)
    if known not in _FORMS:
        raise NotFound(f"The step {step} has no form.")
    given = FormReader(form)
    try:
        body = _FORMS[known].read(given, making)
        given.done()
    except InputRefused as refused:
        values = {**_FORMS[known].filled(making), **_typed(form)}
        shown = _FORMS[known].shown(making)
        if known == "basics":
            shown["rounds"] = [(values["repeats"], values["repeats"])]
        if known == "answering":
            shown["precision"] = precision_of(making.body.get("units", ()), margin=5.0)
        return step_page(desk, making, known, refused=refused, typed=values, **shown)
    keep_making(Act(session, desk, now), making, body, form)
    if given.one("stay"):
        return desk.lead_to(f"{making.address}/{known}")
    after = following(known)
    return desk.lead_to(f"{making.address}/{after}" if after else making.address)


def _known(step: str) -> Step:
    for known in STEPS:
        if known == step:
            return known
    raise NotFound(f"A plan has no step {step!r}.", chinese=f"方案没有“{step}”这一步。")


def _typed(form: Form) -> Values:
    """What was typed: one value a field, but for the fields that hold a list."""
    return {
        name: list(values) if name == "groups" else values[-1]
        for name, values in form.items()
        if values
    }
