"""What if: other weights, a value, units left out; the scores beside the official ones."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.database.assessments import list_scenarios
from app.database.console_tables import JobRow
from app.database.engine import Session
from app.errors import InputRefused, NotFound, Problem, WrongState
from app.people.roles import Permission
from app.scoring.definition.cards import IndicatorCard, Node
from app.scoring.definition.system import IndicatorSystem
from app.web.console.assessments.opened import ROOM
from app.web.console.assessments.scorings import Scored, open_scoring
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.reviewing import first
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.assessment.changes import read_changes_of
from app.workflow.assessment.queue import ask_scenario, asked_of
from app.workflow.assessment.scenarios import kept_comparison

router = APIRouter(prefix=f"{ROOM}/{{code}}/runs/{{number}}/scenarios")

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class WeightLine:
    """One part of the level that a form changes."""

    code: str
    name: str
    weights: Mapping[str, float]
    """Region type → its weight in the run."""


@router.get("")
def show_scenarios(
    code: str,
    number: int,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_SCORES))],
    session: ReadingSession,
    level: str = "",
) -> HTMLReply:
    """The saved ones, and the form: the weights of one level, a value, units left out."""
    return _page(desk, session, open_scoring(session, desk, code, number), level)


@router.post("", response_model=None)
def try_scenario(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    number: int,
    desk: Annotated[Desk, Depends(Acting(Permission.SCORE))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Ask for a scenario; what cannot be computed is said at once."""
    scored, level = open_scoring(session, desk, code, number), first(form, "level")
    try:
        lines = _lines(_system(scored), level, desk)
        if not lines:
            raise NotFound(f"The system has no level {level[:40]!r}.", chinese="没有这一级。")
        changes = read_changes_of(_changes(form, lines))
        row = scored.opened.row
        ask_scenario(session, desk.person, row, scored.run, changes, now=now)
    except InputRefused as refused:
        return _page(desk, session, scored, level, form=form, refused=refused)
    except WrongState as error:
        problem = Problem("name", str(error), chinese=error.in_chinese)
        taken = InputRefused([problem])
        return _page(desk, session, scored, level, form=form, refused=taken)
    return desk.lead_to(f"{scored.address}/scenarios")


@router.get("/{scenario_id}")
def show_scenario(
    code: str,
    number: int,
    scenario_id: int,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_SCORES))],
    session: ReadingSession,
) -> HTMLReply:
    """A saved scenario: every unit before and after."""
    scored = open_scoring(session, desk, code, number)
    found = next(
        (one for one in list_scenarios(session, scored.run) if one.id == scenario_id), None
    )
    if found is None:
        raise NotFound(f"There is no scenario {scenario_id}.", chinese="没有这个方案。")
    comparison = kept_comparison(found.document)
    return desk.page(
        "console/assessments/scenario.html",
        opened=scored.opened,
        run=scored.run,
        address=scored.address,
        scenario=found,
        movements=comparison.units,
        names={**_names(_system(scored), desk)},
        units=scored.opened.units,
        types=scored.opened.types,
    )


def _system(scored: Scored) -> IndicatorSystem:
    return scored.opened.loaded.system


def _parts(system: IndicatorSystem) -> Sequence[Node | IndicatorCard]:
    return [*system.nodes, *system.indicators]


def _names(system: IndicatorSystem, desk: Desk) -> Mapping[str, str]:
    return {part.code: part.name[desk.language] for part in _parts(system)}


def _lines(system: IndicatorSystem, level: str, desk: Desk) -> Sequence[WeightLine]:
    types = [kind.code for kind in system.types]
    parts = [one for one in _parts(system) if one.parent == level]
    return [
        WeightLine(
            one.code,
            one.name[desk.language],
            {kind: system.weight(one.code, kind) for kind in types},
        )
        for one in parts
    ]


def _changes(form: Form, lines: Sequence[WeightLine]) -> Mapping[str, Any]:
    """What the form changes, as a scenario's file would say it."""
    problems: list[Problem] = []
    body: dict[str, Any] = {"schema": "minxin-scenario/1", "name": first(form, "name").strip()}
    if not body["name"]:
        chinese = "请给这个方案起个名字。"
        problems.append(Problem("name", "is empty", "Name it.", chinese=chinese))
    body["weights"] = dict(_weights(form, lines, problems))
    named, given = (
        [first(form, name) for name in ("unit", "indicator")],
        first(form, "value").strip(),
    )
    if not all(named) and (any(named) or given):
        chinese = "要换一个数，请把单位和指标都选上。"
        message = "belongs to no unit and indicator"
        problems.append(Problem("value", message, "Choose both.", given, chinese=chinese))
    if all(named):
        value = _number(given, "value", problems) if given else None
        cell = dict(zip(("unit", "indicator"), named, strict=True))
        body["values"] = [cell | ({"status": "missing"} if value is None else {"value": value})]
    body["without_units"] = list(form.get("without", ()))
    if problems:
        raise InputRefused(problems)
    return body


def _weights(
    form: Form, lines: Sequence[WeightLine], problems: list[Problem]
) -> Iterator[tuple[str, Mapping[str, float]]]:
    for line in lines:
        given = {}
        for kind, before in line.weights.items():
            place = f"w-{line.code}-{kind}"
            typed = first(form, place).strip()
            given[kind] = _number(typed, place, problems) if typed else before
        if given != dict(line.weights):
            yield line.code, given


def _number(text: str, place: str, problems: list[Problem]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        chinese = f"“{text[:20]}”不是数。"
        problems.append(
            Problem(place, "is no number", "Write 12.5.", text[:20], chinese=chinese)
        )
    return number


def _page(  # noqa: PLR0913 - what the page is made of
    desk: Desk,
    session: Session,
    scored: Scored,
    level: str,
    *,
    form: Form | None = None,
    refused: InputRefused | None = None,
) -> HTMLReply:
    system = _system(scored)
    parents = {part.parent for part in _parts(system)}
    levels = [node for node in system.nodes if node.code in parents]
    chosen = next((node for node in levels if node.code == level), levels[0])
    lines = _lines(system, chosen.code, desk)
    fields = {f"w-{line.code}-{kind}" for line in lines for kind in line.weights}
    return desk.page(
        "console/assessments/scenarios.html",
        status=422 if refused else 200,
        opened=scored.opened,
        run=scored.run,
        address=scored.address,
        scenarios=list_scenarios(session, scored.run),
        asked=_asked(session, scored),
        levels=[(node.code, node.name[desk.language]) for node in levels],
        level=chosen,
        lines=lines,
        types={kind.code: kind.name[desk.language] for kind in system.types},
        typed={
            name: first(form or {}, name)
            for name in (*fields, "name", "unit", "indicator", "value")
        },
        left_out=(form or {}).get("without", ()),
        units=scored.opened.units,
        indicators=scored.opened.indicators,
        longest=LONGEST_NAME,
        faults=faults_of(refused, desk.language, lambda place: _field(place, fields))
        if refused
        else None,
    )


def _asked(session: Session, scored: Scored) -> Sequence[JobRow]:
    """What was asked for about this scoring and waits or failed."""
    row = scored.opened.row
    about = f"{row.code}/{scored.run.number}"
    return [one for one in asked_of(session, row) if one.object == about]


def _field(place: str, fields: set[str]) -> str:
    return place if place in fields or place in {"name", "value"} else ""
