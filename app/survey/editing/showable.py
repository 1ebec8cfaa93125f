"""A survey in the making, made whole enough to be shown: for the preview beside the editor.

Where words are missing, others stand in; what cannot be shown yet (an item without answers,
routing that leads nowhere) is shown without it. Nothing of this is ever stored.
"""

import copy
from collections.abc import Mapping
from typing import Any

from app.errors import InputRefused
from app.survey.definition import Survey
from app.survey.editing.outline import Body, sections_of
from app.survey.reading import check_tree
from app.survey.yaml_tree import Tree

NOT_WRITTEN = {"zh-Hans": "（还没有写）", "en": "(not written yet)"}
NO_ANSWERS = {"zh-Hans": "（还没有选答案的量表）", "en": "(no scale of answers chosen yet)"}
MEANING_ONLY = ("indicators", "import")
"""Keys of a survey that no resident sees."""


def showable(body: Mapping[str, Any]) -> Survey | None:
    """The survey that a preview shows; None while it has not a single item."""
    shown: Body = copy.deepcopy({k: v for k, v in body.items() if k not in MEANING_ONLY})
    shown.update(code="preview", version=1, source="")
    shown["minutes"] = shown.get("minutes") or 1
    for key in ("title", "lead"):
        shown[key] = _words(shown.get(key))
    shown["scales"] = _scales(shown.get("scales") or {})
    sections = [section for section in sections_of(shown) if section.get("items")]
    shown["sections"] = sections
    singles: dict[str, set[int]] = {}
    for section in sections:
        section["title"] = _words(section.get("title"))
        _keep_words(section, "note")
        section["items"] = [_item(item, shown["scales"], singles) for item in section["items"]]
    try:
        return check_tree(Survey, Tree(shown), source="") if sections else None
    except InputRefused:
        return None


def _words(text: Mapping[str, str] | None) -> dict[str, str]:
    text = text or {}
    return {
        language: text.get(language) or text.get("zh-Hans") or text.get("en") or missing
        for language, missing in NOT_WRITTEN.items()
    }


def _keep_words(holder: Body, key: str) -> None:
    if any((holder.get(key) or {}).values()):
        holder[key] = _words(holder[key])
    else:
        holder.pop(key, None)


def _scales(scales: Mapping[str, Body]) -> dict[str, Body]:
    return {name: _scale(scale) for name, scale in scales.items()}


def _scale(scale: Body) -> Body:
    kept = {k: v for k, v in scale.items() if not k.startswith(("satisfied", "score_map"))}
    for option in (*kept.get("options", ()), kept.get("dont_know"), kept.get("not_applicable")):
        if option:
            option["label"] = _words(option.get("label"))
    if kept.get("ends"):
        kept["ends"] = [_words(end) for end in kept["ends"]]
    return kept


def _item(item: Body, scales: Mapping[str, Body], singles: dict[str, set[int]]) -> Body:
    shown = {**item, "text": _words(item.get("text"))}
    _keep_words(shown, "hint")
    condition = shown.get("ask_if") or {}
    wanted = set(condition.get("in", ()))
    if not wanted or not wanted <= singles.get(str(condition.get("item")), set()):
        shown.pop("ask_if", None)
    kind, scale = shown.get("kind", "single"), scales.get(str(shown.get("scale")))
    if kind == "text":
        shown.pop("scale", None)
    elif scale is None or (kind == "number") == bool(scale.get("options")):
        shown.update(kind="text", hint=NO_ANSWERS)
        shown.pop("scale", None)
    elif kind == "single":
        singles[str(shown.get("code"))] = _codes(scale)
    return shown


def _codes(scale: Body) -> set[int]:
    unscored = [scale[key] for key in ("dont_know", "not_applicable") if scale.get(key)]
    return {option["code"] for option in (*scale.get("options", ()), *unscored)}
