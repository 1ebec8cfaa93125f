"""The check of a plan in the making: every mistake by step, and what opening would freeze."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import InputRefused, Problem
from app.survey.plan import Plan
from app.survey.planning.speech import told
from app.survey.planning.steps import Step, by_step
from app.workflow.agreement import disagreements
from app.workflow.definitions.soundness import read_values
from app.workflow.freezing import digest_of
from app.workflow.preparation import drafted_meaning
from app.workflow.registry import Registry


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """What is wrong with a plan; `plan` and `digest` are there when nothing is."""

    problems: Mapping[Step, Sequence[Problem]]
    plan: Plan | None
    digest: str
    """SHA-256 of everything that can move a number, as it would be frozen."""

    @property
    def count(self) -> int:
        """How many mistakes there are."""
        return sum(len(found) for found in self.problems.values())


def check_plan(body: Mapping[str, Any], registry: Registry) -> PlanCheck:
    """Read a plan with the definitions it names, as drafting a round would."""
    try:
        plan = read_values(Plan, body, further=lambda one: disagreements(one, registry))
    except InputRefused as refused:
        return PlanCheck(by_step(told(refused.problems, body)), None, "")
    return PlanCheck(by_step(()), plan, digest_of(drafted_meaning(plan, registry)))
