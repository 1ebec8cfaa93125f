"""The step of the composite score: none, or which estimates of the round enter it."""

from typing import Any

from app.survey.planning.edits import composite_of, with_composite
from app.survey.text import Text
from app.web.console.planning.drafts import Making
from app.web.console.planning.reading import LONGEST_TEXT, FormReader


def filled(making: Making) -> dict[str, Any]:
    """The fields as the plan has them."""
    composite = making.body.get("composite") or {}
    accepted = composite.get("opt_in_accepted") or {}
    fields = {
        "system": composite.get("system", ""),
        "accepted": accepted.get("zh-Hans", ""),
        "accepted-en": accepted.get("en", ""),
    }
    for source in composite.get("from_survey", ()):
        fields[f"from-{source['indicator']}"] = source["estimate"]
    return fields


def shown(making: Making) -> dict[str, Any]:
    """The systems there are, the indicators of the chosen one, the survey's estimates."""
    composite = making.body.get("composite") or {}
    system = making.registry.systems.get(composite.get("system", ""))
    survey = making.survey
    return {
        "systems": {key: known.title for key, (_, known) in making.registry.systems.items()},
        "indicators": system[1].indicators if system else (),
        "estimates": survey.indicators if survey else (),
        "special": bool(composite.get("from_rounds") or composite.get("events")),
        "opt_in": making.body.get("evidence_class") == "opt_in",
    }


def read(given: FormReader, making: Making) -> dict[str, Any]:
    """The plan with its composite score, or without one."""
    key = given.one("system")
    if not key:
        return with_composite(making.body, None)
    what = Text(zh="指标体系", en="indicator system")
    given.chosen("system", what, making.registry.systems)
    known = making.registry.systems.get(key)
    before = making.body.get("composite") or {}
    if known is None:
        return dict(making.body)
    if before.get("system") == key and (before.get("from_rounds") or before.get("events")):
        return dict(making.body)
    sources = {
        indicator.code: given.one(f"from-{indicator.code}") for indicator in known[1].indicators
    }
    units = [unit["code"] for unit in making.body.get("units", ())]
    series = str(making.body.get("evidence_class", "opt_in"))
    composite = composite_of(key, sources, series=series, units=units)
    if given.one("accepted"):
        reason = Text(zh="理由", en="reason")
        composite["opt_in_accepted"] = given.both("accepted", reason, most=LONGEST_TEXT)
    return with_composite(making.body, composite)
