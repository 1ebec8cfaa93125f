"""The step of screening and thresholds: three ready choices, and the numbers of release."""

from typing import Any

from app.survey.planning.beginning import (
    SCREENING_NOTE,
    USUAL_RELEASE,
    reported_screening,
    usual_screening,
)
from app.survey.text import Text
from app.web.console.planning.drafts import Making
from app.web.console.planning.reading import LONGEST_TEXT, FormReader

PROFILES = ("usual", "reported", "none", "own")
REPORTED_NOTE = {
    "zh-Hans": "信号只写在结果里供人查看，不改变任何一份回答的分量。",
    "en": "Signals are shown beside the results and change the weight of no answer.",
}
NO_NOTE = {"zh-Hans": "这一轮不设信号。", "en": "This round has no signals."}
_RELEASE = {
    "min_n": Text(zh="公布的最少份数", en="fewest responses"),
    "min_effective_n": Text(zh="公布的最小有效样本", en="least effective sample"),
    "min_effective_n_rank": Text(
        zh="排名的最小有效样本", en="least effective sample for a rank"
    ),
    "min_cell": Text(zh="表格一格的最少人数", en="fewest people in a cell"),
}


def filled(making: Making) -> dict[str, Any]:
    """The fields as the plan has them."""
    plan = making.body
    note = plan.get("screening_note") or {}
    return {
        "profile": profile_of(making),
        "note": note.get("zh-Hans", ""),
        "note-en": note.get("en", ""),
        "confidence": f"{100 * plan.get('confidence', 0.95):g}",
        **{name: plan.get("release", {}).get(name, "") for name in _RELEASE},
    }


def shown(making: Making) -> dict[str, Any]:
    """The signals of the plan, line by line, and the usual thresholds."""
    return {"signals": making.body.get("screening") or {}, "usual": dict(USUAL_RELEASE)}


def profile_of(making: Making) -> str:
    """Which of the ready choices a plan's screening is; `own` if it is none of them."""
    written = making.body.get("screening") or {}
    ready = {
        "usual": usual_screening(making.survey),
        "reported": reported_screening(making.survey),
        "none": {},
    }
    return next((name for name, signals in ready.items() if signals == written), "own")


def read(given: FormReader, making: Making) -> dict[str, Any]:
    """The plan with its screening and thresholds, as a form gives them."""
    profile = given.chosen("profile", Text(zh="甄别办法", en="way of screening"), PROFILES)
    made = dict(making.body)
    made["screening"], note = {
        "usual": (usual_screening(making.survey), SCREENING_NOTE),
        "reported": (reported_screening(making.survey), REPORTED_NOTE),
        "none": ({}, NO_NOTE),
    }.get(profile, (making.body.get("screening") or {}, {}))
    made["screening_note"] = dict(note)
    own = {"zh-Hans": given.one("note")[:LONGEST_TEXT], "en": given.one("note-en")}
    if profile == profile_of(making) and own["zh-Hans"]:
        made["screening_note"] = {**own, "en": own["en"] or own["zh-Hans"]}
    made["release"] = {
        name: given.whole(name, what) or making.body["release"].get(name, 1)
        for name, what in _RELEASE.items()
    }
    level = given.number("confidence", Text(zh="置信水平", en="confidence"), 51, 99.9)
    made["confidence"] = round((level or 95) / 100, 6)
    return made
