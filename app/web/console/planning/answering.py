"""The step of who answers: by which right, how many, with which quotas."""

from collections.abc import Iterator
from typing import Any

from app.survey.background import background_levels, background_name
from app.survey.planning.edits import WAYS, Limits, Ways, ways_of, with_answers
from app.survey.text import Text
from app.web.console.planning.drafts import Making
from app.web.console.planning.reading import FormReader


def filled(making: Making) -> dict[str, Any]:
    """The fields as the plan has them."""
    admission = making.body.get("admission") or {}
    fields = {
        "ways": ways_of(making.body),
        "most": admission.get("most") or "",
        "most_per_point": admission.get("most_per_point") or "",
    }
    for quota in admission.get("quotas", ()):
        fields[quota_field(quota["item"], str(quota["code"]))] = quota["most"]
    return fields


def shown(making: Making) -> dict[str, Any]:
    """The variables that quotas can be set for, with their levels."""
    return {"variables": list(variables_of(making))}


def read(given: FormReader, making: Making) -> dict[str, Any]:
    """The plan with who answers, as a form gives it."""
    chosen = given.chosen("ways", Text(zh="参与方式", en="way to answer"), WAYS)
    ways: Ways = next((one for one in WAYS if one == chosen), "open")
    quotas = []
    for item, _, levels in variables_of(making):
        for code, words in levels.items():
            what = Text(zh=f"“{words.zh}”的配额", en=f'quota of "{words.en}"')
            most = given.whole(quota_field(item, code), what)
            if most is not None:
                quotas.append({"item": item, "code": int(code), "most": most})
    limits = Limits(
        most=given.whole("most", Text(zh="全轮最多份数", en="most of the round")),
        most_per_point=given.whole(
            "most_per_point", Text(zh="每点最多份数", en="most of a point")
        ),
        quotas=quotas,
    )
    return with_answers(making.body, ways, limits)


def quota_field(item: str, code: str) -> str:
    """The name of the field of a quota."""
    return f"quota-{item}-{code}"


def variables_of(making: Making) -> Iterator[tuple[str, Text, dict[str, Text]]]:
    """Every question about the person: its code, its words, its choices."""
    survey = making.survey
    if survey is None:
        return
    for code in survey.items:
        levels = background_levels(survey, code)
        if levels:
            yield code, background_name(survey, code), dict(levels)
