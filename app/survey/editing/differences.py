"""What changed between two versions of a survey, item by item, as a person would list it.

Items, scales and sections are known by their codes. Places of a file would be exact and
unreadable: here each difference says what kind it is, of which thing, and both wordings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.survey.editing.outline import items_of, sections_of

Kind = Literal[
    "added", "removed", "moved", "text", "kind", "scale", "options", "routing", "rule", "whole"
]
LANGUAGES = ("zh-Hans", "en")
RULES = ("optional", "reversed", "sensitive", "max_length", "label_set", "recording")
WHOLE = ("title", "lead", "minutes", "source")
BREAKS: frozenset[Kind] = frozenset({"kind", "scale", "options", "routing"})
"""After these, numbers of an item cannot simply be set beside those of the version before."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: its kind, the thing (item, section, scale, indicator, survey), both sides."""

    kind: Kind
    thing: Literal["item", "section", "scale", "indicator", "survey"]
    code: str
    field: str = ""
    """What of the thing: ``text``, ``hint``, a rule, or the language of a text."""
    before: str = ""
    after: str = ""

    @property
    def breaks_series(self) -> bool:
        """Whether answers before and after mean different things."""
        return self.kind in BREAKS or (self.kind == "text" and self.thing == "item")


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Every difference from `old` to `new`: the whole, sections, items, scales, indicators."""
    return [
        *_whole(old, new),
        *_sections(old, new),
        *_items(old, new),
        *_scales(old, new),
        *_indicators(old, new),
    ]


def _whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for field in WHOLE:
        before, after = old.get(field), new.get(field)
        if isinstance(before, dict) or isinstance(after, dict):
            yield from _texts("survey", str(new.get("code", "")), field, (before, after))
        elif before != after:
            yield Difference("whole", "survey", "", field, _shown(before), _shown(after))


def _sections(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    before = {str(one.get("code")): one for one in sections_of(old)}
    after = {str(one.get("code")): one for one in sections_of(new)}
    yield from _come_and_gone("section", _titles(before), _titles(after))
    for code in (code for code in after if code in before):
        for field in ("title", "note"):
            pair = (before[code].get(field), after[code].get(field))
            yield from _texts("section", code, field, pair)


def _items(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    before = {str(one.get("code")): one for one in items_of(old)}
    after = {str(one.get("code")): one for one in items_of(new)}
    yield from _come_and_gone("item", _words(before), _words(after))
    yield from _moves([c for c in before if c in after], [c for c in after if c in before])
    for code in (code for code in after if code in before):
        yield from _item(code, before[code], after[code])


def _item(code: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for field in ("text", "hint"):
        yield from _texts("item", code, field, (old.get(field), new.get(field)))
    kinds = (old.get("kind", "single"), new.get("kind", "single"))
    if kinds[0] != kinds[1]:
        yield Difference("kind", "item", code, "kind", *kinds)
    if old.get("scale") != new.get("scale"):
        scales = (_shown(old.get("scale")), _shown(new.get("scale")))
        yield Difference("scale", "item", code, "scale", *scales)
    if old.get("ask_if") != new.get("ask_if"):
        conditions = (_condition(old.get("ask_if")), _condition(new.get("ask_if")))
        yield Difference("routing", "item", code, "ask_if", *conditions)
    for field in RULES:
        if (old.get(field) or None) != (new.get(field) or None):
            sides = (_shown(old.get(field)), _shown(new.get(field)))
            yield Difference("rule", "item", code, field, *sides)


def _scales(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    before, after = old.get("scales") or {}, new.get("scales") or {}
    yield from _come_and_gone("scale", dict.fromkeys(before, ""), dict.fromkeys(after, ""))
    for name in (name for name in after if name in before and before[name] != after[name]):
        was, is_ = before[name], after[name]
        choices = (scale_words(was), scale_words(is_))
        if choices[0] != choices[1]:
            yield Difference("options", "scale", name, "options", *choices)
        for field in ("score_map", "satisfied_strict", "satisfied_broad"):
            if (was.get(field) or None) != (is_.get(field) or None):
                sides = (_shown(was.get(field)), _shown(is_.get(field)))
                yield Difference("scale", "scale", name, field, *sides)


def _indicators(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    before = {str(one.get("code")): one for one in old.get("indicators") or []}
    after = {str(one.get("code")): one for one in new.get("indicators") or []}
    yield from _come_and_gone("indicator", _titles(before), _titles(after))
    for code in (code for code in after if code in before):
        yield from _texts(
            "indicator", code, "name", (before[code].get("name"), after[code].get("name"))
        )
        for field in ("items", "indicators", "min_share"):
            if (before[code].get(field) or None) != (after[code].get(field) or None):
                sides = (_shown(before[code].get(field)), _shown(after[code].get(field)))
                yield Difference("scale", "indicator", code, field, *sides)


def scale_words(scale: Mapping[str, Any]) -> str:
    """A scale on one line: ``5 很满意 · 4 比较满意 · …``, in Chinese, else in English."""
    if scale.get("lowest") is not None:
        return f"{scale['lowest']}–{scale.get('highest')}"
    options = [*(scale.get("options") or ())]
    options += [scale[key] for key in ("dont_know", "not_applicable") if scale.get(key)]
    return " · ".join(f"{one.get('code')} {_first(one.get('label'))}" for one in options)


def _come_and_gone(
    thing: Literal["item", "section", "scale", "indicator"],
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> Iterator[Difference]:
    for code in (code for code in before if code not in after):
        yield Difference("removed", thing, code, before=before[code])
    for code in (code for code in after if code not in before):
        yield Difference("added", thing, code, after=after[code])


def _moves(before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """Items out of the longest run that kept its order, so that one move is one line."""
    kept = _longest_common(before, after)
    for code in (code for code in after if code not in kept):
        places = (str(before.index(code) + 1), str(after.index(code) + 1))
        yield Difference("moved", "item", code, "", *places)


def _longest_common(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The codes of a longest common subsequence; codes are unique, so by rising places."""
    places = {code: number for number, code in enumerate(before)}
    best: dict[str, tuple[int, str]] = {}
    for i, code in enumerate(after):
        longest = (0, "")
        for other in after[:i]:
            if places[other] < places[code] and best[other][0] > longest[0]:
                longest = (best[other][0], other)
        best[code] = (longest[0] + 1, longest[1])
    code = max(best, key=lambda one: best[one][0], default="")
    kept: set[str] = set()
    while code:
        kept.add(code)
        code = best[code][1]
    return kept


def _texts(
    thing: Literal["item", "section", "indicator", "survey"],
    code: str,
    field: str,
    sides: tuple[Any, Any],
) -> Iterator[Difference]:
    old, new = (side or {} for side in sides)
    for language in LANGUAGES:
        if old.get(language, "") != new.get(language, ""):
            before, after = old.get(language, ""), new.get(language, "")
            yield Difference("text", thing, code, f"{field} {language}", before, after)


def _condition(condition: Mapping[str, Any] | None) -> str:
    if not condition:
        return ""
    return f"{condition.get('item')} = {', '.join(str(c) for c in condition.get('in', ()))}"


def _words(things: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {code: _first(one.get("text")) for code, one in things.items()}


def _titles(things: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {code: _first(one.get("title") or one.get("name")) for code, one in things.items()}


def _first(text: Mapping[str, str] | None) -> str:
    return (text or {}).get("zh-Hans") or (text or {}).get("en") or ""


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)
