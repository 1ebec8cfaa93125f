"""The step of weighting: population totals, groups, and the limit of a weight."""

from collections.abc import Mapping
from typing import Any, Literal

from app.survey.planning.edits import Weights, with_weights
from app.survey.text import Text
from app.web.console.planning.answering import variables_of
from app.web.console.planning.drafts import Making
from app.web.console.planning.reading import FormReader

USUAL_LIMIT = 5.0


def filled(making: Making) -> dict[str, Any]:
    """The fields as the plan has them."""
    plan = making.body
    steps = plan.get("weighting") or [{}]
    fields: dict[str, Any] = {
        "start": steps[0].get("kind", "base"),
        "source": steps[0].get("source", ""),
        "groups": list(plan.get("groups", ())),
        "limit": next((s["highest"] for s in steps if s.get("kind") == "trim"), ""),
    }
    for margin in plan.get("margins", ()):
        for level, people in margin["totals"].items():
            fields[margin_field(margin["variable"], level)] = f"{people:.0f}"
    return fields


def shown(making: Making) -> dict[str, Any]:
    """The variables with their levels; whether the steps are more than this form can say."""
    return {
        "variables": list(variables_of(making)),
        "special": is_special(making),
        "people": sum(unit.get("population") or 0 for unit in making.body.get("units", ())),
        "usual_limit": USUAL_LIMIT,
    }


def read(given: FormReader, making: Making) -> dict[str, Any]:
    """The plan with its weighting, as a form gives it."""
    if is_special(making):
        return dict(making.body)
    start: Literal["base", "given"] = "given" if given.one("start") == "given" else "base"
    source = ""
    if start == "given":
        source = given.line("source", Text(zh="权数的出处", en="source of the weights"))
    known = {item: (name, levels) for item, name, levels in variables_of(making)}
    margins = []
    for item, (name, levels) in known.items():
        totals = _totals(given, item, name, levels)
        if totals:
            margins.append({"variable": item, "totals": totals})
    groups = [item for item in given.many("groups") if item in known]
    what = Text(zh="权数上限", en="limit of a weight")
    limit = given.number("limit", what, 1.01, 1000)
    return with_weights(making.body, Weights(start, source, margins, limit), groups)


def is_special(making: Making) -> bool:
    """Whether the plan's steps are more than this form can say; then it leaves them alone."""
    kinds = {step.get("kind") for step in making.body.get("weighting") or []}
    known = {item for item, _, _ in variables_of(making)}
    others = {margin["variable"] for margin in making.body.get("margins", ())} - known
    return bool(others) or bool(kinds - {"base", "given", "post_stratify", "rake", "trim"})


def margin_field(variable: str, level: str) -> str:
    """The name of the field of a population total."""
    return f"people-{variable}-{level}"


def _totals(
    given: FormReader, item: str, name: Text, levels: Mapping[str, Text]
) -> dict[str, int]:
    """The totals of one variable; all of its levels, or none."""
    totals = {
        level: given.whole(
            margin_field(item, level),
            Text(zh=f"“{words.zh}”的人数", en=f'total of "{words.en}"'),
        )
        for level, words in levels.items()
    }
    told = {level: people for level, people in totals.items() if people is not None}
    if told and len(told) < len(totals):
        for level, words in levels.items():
            if level not in told and not given.one(margin_field(item, level)):
                said = Text(
                    zh=f"“{name.zh}”的每个选项都要有人数，“{words.zh}”还没有；不用这个变量就全部空着。",
                    en=(
                        f'"{name.en}" needs a total for every choice; "{words.en}" has none. '
                        "Leave all of them empty not to use it."
                    ),
                )
                given.complain(margin_field(item, level), said)
    return told
