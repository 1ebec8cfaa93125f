"""A plan in the making as the wizard's pages need it: draft, definitions, check, frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.database.console_tables import DraftRow
from app.database.drafts import find_draft
from app.database.engine import Session
from app.errors import InputRefused
from app.settings import DEFINITIONS
from app.survey.definition import Survey
from app.survey.planning.speech import said_in_english
from app.survey.planning.steps import STEPS, Step
from app.survey.text import Language, Text
from app.web.console.faults import faults_of
from app.web.console.pages import Desk
from app.web.console.planning.reading import FormReader
from app.web.dependencies import Form
from app.web.rendering import HTMLReply
from app.workflow.definitions.drafting import save_draft, signature_of
from app.workflow.planning.checking import PlanCheck, check_plan
from app.workflow.registry import Registry, full_registry

STEP_NAMES: Mapping[Step, Text] = {
    "basics": Text(zh="基本情况", en="Basics"),
    "places": Text(zh="地区和单位", en="Regions and units"),
    "points": Text(zh="服务点", en="Service points"),
    "answering": Text(zh="参与方式和样本", en="Who answers"),
    "weighting": Text(zh="加权", en="Weighting"),
    "screening": Text(zh="甄别和门槛", en="Screening"),
    "composite": Text(zh="综合得分", en="Composite score"),
}


@dataclass(frozen=True, slots=True)
class Making:
    """A plan in the making with the definitions it may name."""

    row: DraftRow
    registry: Registry

    @property
    def body(self) -> Mapping[str, Any]:
        """The plan's values."""
        return self.row.body

    @property
    def survey(self) -> Survey | None:
        """The questionnaire it names, where there is one of that key."""
        known = self.registry.surveys.get(str(self.body.get("survey")))
        return known[1] if known else None

    @property
    def address(self) -> str:
        """Where its pages begin."""
        return f"/console/rounds/drafts/{self.row.code}"


def find_making(session: Session, code: str, desk: Desk) -> Making:
    """The plan of that code, if it lies in the desk's scope."""
    row = find_draft(session, "plan", code, within=desk.scope)
    return Making(row, full_registry(session, DEFINITIONS, within=desk.scope))


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody at a desk who changes something now."""

    session: Session
    desk: Desk
    now: datetime


def keep_making(act: Act, making: Making, body: Mapping[str, Any], form: Form) -> None:
    """Save the plan as it is after a step, if nobody changed it since the page was opened."""
    by = signature_of(act.session, act.desk.person, act.desk.scope, now=act.now)
    save_draft(act.session, making.row, body, seen=revision_in(form), by=by)


def revision_in(form: Form) -> int:
    """The revision that a form was made from."""
    text = FormReader(form).one("revision")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def step_page(
    desk: Desk,
    making: Making,
    step: Step | None,
    *,
    template: str = "",
    refused: InputRefused | None = None,
    **values: Any,
) -> HTMLReply:
    """A page of the wizard: the steps with how many mistakes each has, and the form."""
    check = check_plan(making.body, making.registry)
    return desk.page(
        f"console/planning/{template or step or 'check'}.html",
        status=422 if refused else 200,
        making=making,
        plan=making.body,
        revision=making.row.revision,
        address=making.address,
        step_now=step,
        steps=[(name, STEP_NAMES[name], len(check.problems[name])) for name in STEPS],
        following=following(step),
        check=check,
        sentences=sentences(check, making.body, desk.language),
        faults=faults_of(refused, desk.language) if refused else None,
        **values,
    )


def following(step: Step | None) -> str:
    """The step after this one; empty for the check."""
    place = STEPS.index(step) + 1 if step else len(STEPS)
    return STEPS[place] if place < len(STEPS) else ""


def sentences(
    check: PlanCheck, body: Mapping[str, Any], language: Language
) -> dict[Step, list[str]]:
    """Step → what is wrong there, in the reader's language."""
    return {
        step: [
            problem.in_chinese if language == "zh-Hans" else said_in_english(problem, body)
            for problem in found
        ]
        for step, found in check.problems.items()
    }
