"""An assessment's plan as the fields of a form, and back; units are lines of text."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from app.errors import InputRefused, Problem

FIELDS = (
    "code", "title-zh-Hans", "title-en", "system", "from", "to",
    "organiser-zh-Hans", "organiser-en", "hotline", "follows", "units",
)  # fmt: skip
LANGUAGES = ("zh-Hans", "en")
CELLS = 4
RELEASE = {"min_n": 30, "min_effective_n": 30, "min_effective_n_rank": 100, "min_cell": 5}
"""What the platform recommends."""
PLACES = {
    "title": "title-zh-Hans",
    "organiser": "organiser-zh-Hans",
    "period": "from",
    "units": "units",
}
"""Beginning of a problem's place → the field it belongs to."""


def fields_of(body: Mapping[str, Any]) -> dict[str, str]:
    """The fields that a plan fills."""
    period, organiser = body["period"], body["organiser"]
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for unit in body["units"]:
        names = [unit["name"][language] for language in LANGUAGES]
        writer.writerow([unit["code"], *names, unit["region_type"]])
    return {
        "code": body["code"],
        "system": body["system"],
        "from": period["from"],
        "to": period["to"],
        "hotline": organiser["hotline"],
        "follows": body.get("follows") or "",
        "units": lines.getvalue(),
        **{f"title-{language}": body["title"][language] for language in LANGUAGES},
        **{f"organiser-{language}": organiser["name"][language] for language in LANGUAGES},
    }


def body_of(typed: Mapping[str, str], like: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that a form says; what it does not ask for is as in another plan.

    Raises InputRefused with every line of units that has not four cells.
    """
    kept = {
        key: like[key]
        for key in ("from_rounds", "opt_in_accepted", "release", "note")
        if like.get(key)
    }
    said = {name: typed[name].strip() for name in FIELDS}
    body: dict[str, Any] = {
        "schema": "minxin-assessment/1",
        "code": said["code"],
        "title": {language: said[f"title-{language}"] for language in LANGUAGES},
        "system": said["system"],
        "period": {"from": said["from"], "to": said["to"]},
        "organiser": {
            "name": {language: said[f"organiser-{language}"] for language in LANGUAGES},
            "hotline": said["hotline"] or "12345",
        },
        "units": _units(said["units"]),
        "release": RELEASE,
    }
    return body | kept | ({"follows": said["follows"]} if said["follows"] else {})


def field_of(*, is_file: bool) -> Callable[[str], str]:
    """The field of a problem's place: in a file there is only one."""
    if is_file:
        return lambda _: "plan"

    def field(place: str) -> str:
        head = place.partition(".")[0].partition("[")[0]
        if place in {"title.en", "organiser.name.en"}:
            return f"{head}-en"
        return "to" if place == "period.to" else PLACES.get(head, head)

    return field


def _units(text: str) -> list[dict[str, Any]]:
    units, problems = [], []
    for number, cells in enumerate(csv.reader(io.StringIO(text)), start=1):
        given = [cell.strip() for cell in cells]
        if not any(given):
            continue
        if len(given) != CELLS:
            chinese = f"第 {number} 行有 {len(given)} 栏，应为 4 栏：代码,名称,英文名称,类型。"
            cure = "Write code,Chinese name,English name,region type."
            message = f"has {len(given)} cells, not {CELLS}"
            problems.append(Problem("units", message, cure, f"line {number}", chinese=chinese))
            continue
        code, zh, en, region_type = given
        name = {"zh-Hans": zh, "en": en}
        units.append({"code": code, "name": name, "region_type": region_type})
    if problems:
        raise InputRefused(problems)
    return units
