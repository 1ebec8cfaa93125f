"""Whether a draft could be released: its mistakes, found by the readers of the files.

A draft of any kind is a mapping of plain values; the same models that read the files of
`survey_defs/` judge it. Places are those of the file, without lines.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from app.database.drafts import Kind
from app.errors import InputRefused, Problem
from app.scoring.definition.system import IndicatorSystem
from app.survey.assessment import AssessmentPlan
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.reading import CheckedDefinition, check_tree
from app.survey.yaml_tree import Tree

MODELS: Mapping[Kind, type[CheckedDefinition]] = {
    "survey": Survey,
    "system": IndicatorSystem,
    "plan": Plan,
    "assessment": AssessmentPlan,
}

Model = TypeVar("Model", bound=CheckedDefinition)


def read_values(
    model: type[Model],
    body: Mapping[str, Any],
    *,
    further: Callable[[Model], Iterable[Problem]] = lambda _: (),
) -> Model:
    """The definition that a draft's values mean; InputRefused with every mistake at its place.

    `further` finds mistakes that need more than the draft: for a plan,
    ``lambda plan: disagreements(plan, registry)``.
    """
    try:
        return check_tree(model, Tree(dict(body)), source="", further=further)
    except InputRefused as refused:
        places = (replace(problem, line=None) for problem in refused.problems)
        raise InputRefused(places) from None


def mistakes(
    model: type[Model],
    body: Mapping[str, Any],
    *,
    further: Callable[[Model], Iterable[Problem]] = lambda _: (),
) -> tuple[Problem, ...]:
    """Every mistake of a draft, for a page that lists them; none means it can be released."""
    try:
        read_values(model, body, further=further)
    except InputRefused as refused:
        return refused.problems
    return ()
