"""The head of an assessment's plan without reading the whole of it, as of a round's."""

from dataclasses import dataclass
from functools import lru_cache

from app.survey.planning.heading import read_keys
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class AssessmentHeading:
    """What a list of assessments says of one."""

    title: Text
    system: str
    first_day: str
    last_day: str


@lru_cache(maxsize=1024)
def assessment_heading_of(plan: str) -> AssessmentHeading:
    """The heading of a plan's text; it was checked when it was drafted."""
    found = read_keys(plan, ("title", "system", "period"))
    title, period = found["title"], found["period"]
    return AssessmentHeading(
        title=Text(zh=title["zh-Hans"], en=title["en"]),
        system=found["system"],
        first_day=period["from"],
        last_day=period["to"],
    )
