"""Edits of a survey that is held as plain values: sections, items, their order, their scales.

Every function takes a body, the mapping that the file would hold, and returns a new one; the
body given is never changed. A body here has the shape of a survey (lists of sections and
items, a mapping of scales) and may lack anything else: texts of a language, a scale that an
item names, a title. What is still wrong with it is said by the reader of the files.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import NotFound, WrongState

Body = dict[str, Any]
SCHEMA = "minxin-survey/1"
USUAL_LEAD = {
    "zh-Hans": "每题选一个最符合您感受的答案。",
    "en": "Choose one answer each, the one that fits best.",
}
USUAL_TITLE = {"zh-Hans": "题目", "en": "Questions"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an item stands: the section's number and its own within it, both from 0."""

    section: int
    item: int


def empty_survey(code: str, title: Mapping[str, str]) -> Body:
    """A survey that has nothing but its name, usual words and one section without items."""
    return {
        "schema": SCHEMA,
        "code": code,
        "version": 1,
        "title": dict(title),
        "lead": dict(USUAL_LEAD),
        "minutes": 1,
        "source": "",
        "scales": {},
        "sections": [{"code": "main", "title": dict(USUAL_TITLE), "items": []}],
        "indicators": [],
    }


def next_version(body: Mapping[str, Any], *, version: int) -> Body:
    """A copy to go on with, under a higher version number."""
    changed = _copy(body)
    changed["version"] = version
    return changed


def sections_of(body: Mapping[str, Any]) -> Sequence[Body]:
    """The sections in order."""
    return body.get("sections") or []


def items_of(body: Mapping[str, Any]) -> list[Body]:
    """Every item, in the order asked."""
    return [item for section in sections_of(body) for item in section.get("items") or []]


def find_item(body: Mapping[str, Any], code: str) -> Body:
    """The item of that code, or NotFound."""
    spot = spot_of(body, code)
    item: Body = sections_of(body)[spot.section]["items"][spot.item]
    return item


def find_section(body: Mapping[str, Any], code: str) -> Body:
    """The section of that code, or NotFound."""
    return sections_of(body)[_section_number(body, code)]


def spot_of(body: Mapping[str, Any], code: str) -> Spot:
    """Where the item of that code stands, or NotFound."""
    for s, section in enumerate(sections_of(body)):
        for i, item in enumerate(section.get("items") or []):
            if item.get("code") == code:
                return Spot(s, i)
    raise NotFound(f"There is no item {code!r}.", chinese=f"没有题目“{code}”。")


def unused_code(taken: Sequence[str], prefix: str) -> str:
    """The first code of a row that is free: q1, q2, …"""
    number = 1
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"


def with_values(body: Mapping[str, Any], values: Mapping[str, Any]) -> Body:
    """With these keys of the survey itself; None removes one."""
    changed = _copy(body)
    for key, value in values.items():
        if value is None:
            changed.pop(key, None)
        else:
            changed[key] = copy.deepcopy(value)
    return changed


def with_item(body: Mapping[str, Any], item: Mapping[str, Any], *, section: str) -> Body:
    """With a new item at the end of a section."""
    changed = _copy(body)
    wanted = sections_of(changed)[_section_number(body, section)]
    wanted.setdefault("items", []).append(copy.deepcopy(dict(item)))
    return changed


def with_item_changed(body: Mapping[str, Any], code: str, item: Mapping[str, Any]) -> Body:
    """With other values of one item; a new code is followed wherever the old one stood."""
    spot = spot_of(body, code)
    changed = _copy(body)
    sections_of(changed)[spot.section]["items"][spot.item] = copy.deepcopy(dict(item))
    if item.get("code") != code:
        _follow_code(changed, code, str(item.get("code")))
    return changed


def without_item(body: Mapping[str, Any], code: str) -> Body:
    """Without an item, and without it in the indicators; routing that names it stays to see."""
    spot = spot_of(body, code)
    changed = _copy(body)
    del sections_of(changed)[spot.section]["items"][spot.item]
    for indicator in changed.get("indicators") or []:
        indicator["items"] = [one for one in indicator.get("items", []) if one != code]
    return changed


def moved_up(body: Mapping[str, Any], code: str) -> Body:
    """With an item one place earlier; from the top of a section to the end of the one above."""
    spot = spot_of(body, code)
    if spot.item:
        return moved_to(body, code, Spot(spot.section, spot.item - 1))
    if not spot.section:
        return _copy(body)
    above = spot.section - 1
    return moved_to(body, code, Spot(above, len(sections_of(body)[above].get("items") or [])))


def moved_down(body: Mapping[str, Any], code: str) -> Body:
    """With an item one place later; from the end of a section to the top of the next."""
    spot = spot_of(body, code)
    if spot.item + 1 < len(sections_of(body)[spot.section]["items"]):
        return moved_to(body, code, Spot(spot.section, spot.item + 1))
    if spot.section + 1 == len(sections_of(body)):
        return _copy(body)
    return moved_to(body, code, Spot(spot.section + 1, 0))


def moved_to_number(body: Mapping[str, Any], code: str, number: int) -> Body:
    """With an item where now the item of that number (from 1) stands."""
    order = [item.get("code") for item in items_of(body)]
    place = min(max(number, 1), len(order)) - 1
    from_, to = spot_of(body, code), spot_of(body, str(order[place]))
    if place > order.index(code) and to.section != from_.section:
        to = Spot(to.section, to.item + 1)  # those between move up by one
    return moved_to(body, code, to)


def moved_to(body: Mapping[str, Any], code: str, spot: Spot) -> Body:
    """With an item at a spot; those from there on make room."""
    from_ = spot_of(body, code)
    changed = _copy(body)
    item = sections_of(changed)[from_.section]["items"].pop(from_.item)
    sections_of(changed)[spot.section].setdefault("items", []).insert(spot.item, item)
    return changed


def with_section(body: Mapping[str, Any], section: Mapping[str, Any]) -> Body:
    """With a new section at the end."""
    changed = _copy(body)
    changed.setdefault("sections", []).append({"items": [], **copy.deepcopy(dict(section))})
    return changed


def with_section_changed(body: Mapping[str, Any], code: str, values: Mapping[str, Any]) -> Body:
    """With another title or note of a section; None removes a key."""
    number = _section_number(body, code)
    changed = _copy(body)
    section = sections_of(changed)[number]
    section.update({key: value for key, value in values.items() if value is not None})
    for key in (key for key, value in values.items() if value is None):
        section.pop(key, None)
    return changed


def moved_section(body: Mapping[str, Any], code: str, *, by: int) -> Body:
    """With a section so many places later (or earlier); it stops at the ends."""
    number = _section_number(body, code)
    changed = _copy(body)
    sections = changed["sections"]
    section = sections.pop(number)
    sections.insert(min(max(number + by, 0), len(sections)), section)
    return changed


def without_section(body: Mapping[str, Any], code: str) -> Body:
    """Without an empty section; WrongState while it holds items, or is the only one."""
    number = _section_number(body, code)
    if sections_of(body)[number].get("items"):
        raise WrongState(
            "This section holds items: move or remove them first.",
            chinese="这一部分还有题目，请先移走或删除。",
        )
    if len(sections_of(body)) == 1:
        raise WrongState("A survey needs a section.", chinese="问卷至少要有一个部分。")
    changed = _copy(body)
    del changed["sections"][number]
    return changed


def with_scale(body: Mapping[str, Any], name: str, scale: Mapping[str, Any]) -> Body:
    """With a scale under a name, new or instead of the one there."""
    changed = _copy(body)
    changed.setdefault("scales", {})[name] = copy.deepcopy(dict(scale))
    return changed


def without_scale(body: Mapping[str, Any], name: str) -> Body:
    """Without a scale that no item uses; WrongState while one does."""
    users = users_of(body, name)
    if users:
        raise WrongState(
            f"Items use this scale: {', '.join(users)}.",
            chinese=f"还有题目在用这个量表：{'、'.join(users)}。",
        )
    changed = _copy(body)
    changed.get("scales", {}).pop(name, None)
    return changed


def users_of(body: Mapping[str, Any], scale: str) -> list[str]:
    """The codes of the items that use a scale."""
    return [str(item.get("code")) for item in items_of(body) if item.get("scale") == scale]


def filled_from_chinese(body: Mapping[str, Any]) -> Body:
    """With the Chinese words wherever English ones are missing, until somebody translates."""
    changed = _copy(body)
    for text in texts_of(changed):
        if text.get("zh-Hans") and not text.get("en"):
            text["en"] = text["zh-Hans"]
    return changed


def texts_of(node: Any) -> Iterator[dict[str, str]]:
    """Every text in languages, wherever it stands; an option or a section is none."""
    if isinstance(node, dict):
        if set(node) & {"zh-Hans", "en"} and set(node) <= {"zh-Hans", "en"}:
            yield node
            return
        for value in node.values():
            yield from texts_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts_of(value)


def _follow_code(body: Body, old: str, new: str) -> None:
    for item in items_of(body):
        condition = item.get("ask_if")
        if condition and condition.get("item") == old:
            condition["item"] = new
    for indicator in body.get("indicators") or []:
        indicator["items"] = [new if one == old else one for one in indicator.get("items", [])]


def _section_number(body: Mapping[str, Any], code: str) -> int:
    for number, section in enumerate(sections_of(body)):
        if section.get("code") == code:
            return number
    raise NotFound(f"There is no section {code!r}.", chinese=f"没有“{code}”这一部分。")


def _copy(body: Mapping[str, Any]) -> Body:
    return copy.deepcopy(dict(body))
