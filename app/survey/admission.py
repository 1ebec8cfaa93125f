"""Who may answer a round and how many: the part of a plan that the door looks at.

Left out of a plan, everybody with a code may answer, without a limit. What is written here
is decided for each response in the transaction that keeps it (`workflow/admission`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field

from app.errors import Problem
from app.survey.answers import Answer
from app.survey.definition import EvidenceClass
from app.survey.reading import Definition

Right = Literal["open", "invitation", "ticket"]
MOST_RESPONSES = 2_000_000_000
ROUND_ALLOWANCE = "round"

EVIDENCE: dict[Right, EvidenceClass] = {
    "invitation": "probability",
    "ticket": "transaction",
}
"""What an answer is evidence of by its right; through an open code, what the plan says."""


class Quota(Definition):
    """The most responses with one answer to a single-choice item."""

    item: str
    code: int
    most: int = Field(ge=1, le=MOST_RESPONSES)

    @property
    def name(self) -> str:
        """The name of its allowance."""
        return f"quota:{self.item}={self.code}"


class Admission(Definition):
    """Which rights open the questionnaire, and where it is full."""

    rights: tuple[Right, ...] = Field(default=("open",), min_length=1)
    """`open`: a public code is enough; `invitation`, `ticket`: a one-time token is needed."""
    most: int | None = Field(default=None, ge=1, le=MOST_RESPONSES)
    """The most responses of the round."""
    most_per_point: int | None = Field(default=None, ge=1, le=MOST_RESPONSES)
    quotas: tuple[Quota, ...] = ()


EVERYBODY = Admission()


def allowance_limits(admission: Admission, points: Sequence[str]) -> dict[str, int]:
    """Name of every allowance of a round → the most responses it takes."""
    limits = {quota.name: quota.most for quota in admission.quotas}
    if admission.most_per_point is not None:
        limits |= {point_allowance(point): admission.most_per_point for point in points}
    if admission.most is not None:
        limits[ROUND_ALLOWANCE] = admission.most
    return limits


def allowances_of(
    admission: Admission, point: str, answers: Mapping[str, Answer]
) -> tuple[str, ...]:
    """The names of the allowances that a response with these answers would take from."""
    names = [q.name for q in admission.quotas if answers.get(q.item) == q.code]
    if admission.most_per_point is not None and point:
        names.append(point_allowance(point))
    if admission.most is not None:
        names.append(ROUND_ALLOWANCE)
    return tuple(names)


def point_allowance(point: str) -> str:
    """The name of the allowance of a point."""
    return f"point:{point}"


def admission_problems(admission: Admission | None) -> Iterator[Problem]:
    """Rights named twice, quotas written twice."""
    if admission is None:
        return
    for i, right in enumerate(admission.rights):
        if right in admission.rights[:i]:
            yield Problem(f"admission.rights[{i}]", "is named twice", "Name it once.", right)
    seen: set[str] = set()
    for i, quota in enumerate(admission.quotas):
        if quota.name in seen:
            cure = "Write one quota for an answer."
            yield Problem(f"admission.quotas[{i}]", "is limited twice", cure, quota.code)
        seen.add(quota.name)
