"""The step of the basics: what is asked, by whom, of whom, when."""

from collections.abc import Mapping
from typing import Any

from app.survey.text import Text
from app.web.console.planning.drafts import Making
from app.web.console.planning.reading import LONGEST_TEXT, FormReader

_TITLE = Text(zh="标题", en="title")


def filled(making: Making) -> dict[str, Any]:
    """The fields as the plan has them."""
    plan = making.body
    organiser, window = plan.get("organiser", {}), plan.get("window", {})
    note = plan.get("note") or {}
    approval = organiser.get("approval") or {}
    return {
        **_both("title", plan.get("title")),
        **_both("organiser", organiser.get("name")),
        **_both("population", plan.get("population")),
        **_both("note", note),
        **_both("approval", approval),
        "survey": plan.get("survey", ""),
        "hotline": organiser.get("hotline", "12345"),
        "opens": str(window.get("opens", ""))[:16],
        "closes": str(window.get("closes", ""))[:16],
        "repeats": plan.get("repeats", ""),
    }


def read(given: FormReader, making: Making) -> dict[str, Any]:
    """The plan with the basics that a form gives."""
    plan = making.body
    organiser: dict[str, Any] = {
        "name": given.both("organiser", Text(zh="主办单位", en="organiser")),
        "hotline": given.line("hotline", Text(zh="电话", en="telephone number"), most=30),
    }
    made = {
        **plan,
        "title": given.both("title", _TITLE),
        "survey": given.chosen(
            "survey", Text(zh="问卷", en="questionnaire"), making.registry.surveys
        ),
        "organiser": organiser,
        "population": given.both("population", Text(zh="总体", en="population")),
        "window": {
            **plan.get("window", {}),
            "opens": given.moment("opens", Text(zh="开始时间", en="opening time")),
            "closes": given.moment("closes", Text(zh="截止时间", en="closing time")),
        },
    }
    if given.one("approval"):
        organiser["approval"] = given.both("approval", Text(zh="审批信息", en="approval"))
    if made["window"]["opens"] >= made["window"]["closes"]:
        said = Text(zh="截止时间要晚于开始时间。", en="The end comes after the beginning.")
        given.complain("closes", said)
    return _with_optional(made, given)


def _with_optional(made: dict[str, Any], given: FormReader) -> dict[str, Any]:
    for name in ("repeats", "note"):
        made.pop(name, None)
    if given.one("repeats"):
        made["repeats"] = given.one("repeats")
    if given.one("note"):
        made["note"] = given.both("note", Text(zh="备注", en="note"), most=LONGEST_TEXT)
    return made


def _both(name: str, text: Mapping[str, Any] | None) -> dict[str, str]:
    """The two fields of a text; an English that only repeats the Chinese is left empty."""
    chinese = str((text or {}).get("zh-Hans", ""))
    english = str((text or {}).get("en", ""))
    return {name: chinese, f"{name}-en": "" if english == chinese else english}
