"""The form of one item: what stands in its fields, and the item that they mean."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from app.errors import InputRefused, Problem
from app.survey.editing.outline import items_of, sections_of, spot_of, unused_code
from app.survey.editing.scale_bank import BankedScale
from app.survey.text import Language
from app.web.console.questionnaires.opened import one, whole_number, words
from app.web.dependencies import Form

FROM_BANK = "bank:"
OWN_SCALE = "own"
"""The choice of a scale that is written after the item is saved."""
KINDS = ("single", "multiple", "number", "text")
RULES = ("optional", "reversed", "sensitive")


@dataclass(frozen=True, slots=True)
class ItemForm:
    """What stands in the fields of an item's form."""

    code: str
    """The code it has; empty for a new item."""
    section: str
    text: Mapping[str, str] = field(default_factory=dict)
    hint: Mapping[str, str] = field(default_factory=dict)
    kind: str = "single"
    scale: str = ""
    rules: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """``item:code`` of every choice after which it is asked; none means everybody."""
    max_length: int | None = None
    label_set: str = ""
    new_code: str = ""

    @classmethod
    def of(cls, body: Mapping[str, Any], item: Mapping[str, Any]) -> Self:
        """The form of an item as it stands."""
        condition = item.get("ask_if") or {}
        section = sections_of(body)[spot_of(body, str(item["code"])).section]
        return cls(
            code=str(item["code"]),
            section=str(section["code"]),
            text=item.get("text") or {},
            hint=item.get("hint") or {},
            kind=item.get("kind", "single"),
            scale=item.get("scale") or "",
            rules=frozenset(rule for rule in RULES if item.get(rule)),
            asked=frozenset(f"{condition['item']}:{c}" for c in condition.get("in", ())),
            max_length=item.get("max_length"),
            label_set=item.get("label_set") or "",
            new_code=str(item["code"]),
        )


@dataclass(frozen=True, slots=True)
class RoutingItem:
    """An earlier item on whose answer another may depend, with its choices."""

    code: str
    number: int
    text: str
    choices: Sequence[tuple[str, str]]
    """Value of the field and the words."""

    def is_among(self, asked: Collection[str]) -> bool:
        """Whether one of its choices is ticked."""
        return any(value in asked for value, _ in self.choices)


def blank_form(body: Mapping[str, Any], section: str) -> ItemForm:
    """An empty form; the scale of the item before is proposed, as rows of items share one."""
    before = [item for item in items_of(body) if item.get("scale")]
    proposed = str(before[-1]["scale"]) if before else ""
    kind = str(before[-1].get("kind", "single")) if before else "single"
    return ItemForm(code="", section=section, scale=proposed, kind=kind)


def form_of(form: Form, *, code: str, section: str) -> ItemForm:
    """What was sent."""
    return ItemForm(
        code=code,
        section=section,
        text=words(form, "text"),
        hint=words(form, "hint"),
        kind=one(form, "kind"),
        scale=one(form, "scale"),
        rules=frozenset(rule for rule in RULES if rule in form),
        asked=frozenset(form.get("asked", ())),
        max_length=whole_number(form, "max_length"),
        label_set=one(form, "label_set"),
        new_code=one(form, "new_code"),
    )


def read_item(
    body: Mapping[str, Any], filled: ItemForm, bank: Sequence[BankedScale]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The item that a form means, and the scales that come with it; InputRefused.

    What the reader of the files would say later (a missing translation, say) is not said
    here: a draft may be incomplete.
    """
    problems = list(_problems(body, filled))
    if problems:
        raise InputRefused(problems)
    taken = [str(item["code"]) for item in items_of(body)]
    code = filled.new_code or filled.code or unused_code(taken, "q")
    item: dict[str, Any] = {"code": code, "text": dict(filled.text)}
    scales: dict[str, Any] = {}
    if filled.kind != "single":
        item["kind"] = filled.kind
    if filled.kind == "text":
        if filled.max_length is not None:
            item["max_length"] = filled.max_length
    elif filled.scale:
        item["scale"], scales = _scale(body, filled, bank, code)
    if filled.hint:
        item["hint"] = dict(filled.hint)
    item.update({rule: True for rule in RULES if rule in filled.rules})
    if filled.asked:
        item["ask_if"] = _condition(filled.asked)
    if filled.label_set:
        item["label_set"] = filled.label_set
    return item, scales


def routing_choices(
    body: Mapping[str, Any], code: str, language: Language
) -> list[RoutingItem]:
    """The single choices before an item, each with what can be answered there."""
    found = []
    for number, item in enumerate(items_of(body), start=1):
        if item.get("code") == code:
            break
        scale = (body.get("scales") or {}).get(item.get("scale")) or {}
        if item.get("kind", "single") != "single" or not scale.get("options"):
            continue
        choices = [
            (f"{item['code']}:{option['code']}", _label(option, language))
            for option in (
                *scale["options"],
                scale.get("dont_know"),
                scale.get("not_applicable"),
            )
            if option
        ]
        text = item.get("text") or {}
        shown = text.get(language) or text.get("zh-Hans") or str(item["code"])
        found.append(RoutingItem(str(item["code"]), number, shown, choices))
    return found


def _problems(body: Mapping[str, Any], filled: ItemForm) -> Iterator[Problem]:
    if not filled.text:
        yield Problem("text_zh", "is empty", "Write the item.", chinese="请写题目。")
    if filled.kind not in KINDS:
        yield Problem("kind", "is unknown", "Choose one.", chinese="请选一种答题方式。")
    known = (body.get("scales") or {}).keys()
    is_known = filled.scale in known or filled.scale.startswith(FROM_BANK)
    if filled.scale and filled.scale != OWN_SCALE and not is_known:
        yield Problem("scale", "is unknown", "Choose one.", chinese="请从列表里选一个量表。")
    if any(not _is_code(one.partition(":")[2]) for one in filled.asked):
        chinese = "请从列表里勾选项。"
        yield Problem("asked", "is unknown", "Tick answers of the list.", chinese=chinese)
    if len({one.partition(":")[0] for one in filled.asked}) > 1:
        cure = "Tick answers of one item only."
        chinese = "跳转只能依据一道题：请只勾同一道题的选项。"
        yield Problem("asked", "names two items", cure, chinese=chinese)
    yield from _code_problems(body, filled)
    if filled.max_length is not None and not 1 <= filled.max_length <= 2000:
        chinese = "最多字数在 1 到 2000 之间。"
        yield Problem("max_length", "is out of range", "Give 1 to 2000.", chinese=chinese)


def _code_problems(body: Mapping[str, Any], filled: ItemForm) -> Iterator[Problem]:
    code = filled.new_code
    if not code:
        return
    if not (code.isascii() and code.isidentifier() and code[0].isalpha() and len(code) <= 40):
        cure = "Begin with a letter; use letters, digits and underscores only."
        chinese = "代码用英文字母开头，只含字母、数字和下划线。"
        yield Problem("new_code", "has another form than allowed", cure, chinese=chinese)
    elif code != filled.code and any(item["code"] == code for item in items_of(body)):
        chinese = f"代码“{code}”已经用过了，请换一个。"
        yield Problem("new_code", "is already used", "Choose another.", code, chinese=chinese)


def _scale(
    body: Mapping[str, Any], filled: ItemForm, bank: Sequence[BankedScale], code: str
) -> tuple[str, dict[str, Any]]:
    scales = body.get("scales") or {}
    if filled.scale == OWN_SCALE:
        name = unused_code([*scales], f"{code}_") if code in scales else code
        return name, {name: _empty_scale(filled.kind)}
    if not filled.scale.startswith(FROM_BANK):
        return filled.scale, {}
    key = filled.scale.removeprefix(FROM_BANK)
    banked = next((one for one in bank if one.key == key), None)
    if banked is None:
        chinese = "量表库里没有这个量表，请重新选。"
        raise InputRefused([Problem("scale", "is unknown", "Choose again.", chinese=chinese)])
    same = next((name for name, scale in scales.items() if scale == banked.values), None)
    if same is not None:
        return same, {}
    name = banked.name if banked.name not in scales else unused_code([*scales], banked.name)
    return name, {name: banked.values}


def _empty_scale(kind: str) -> dict[str, Any]:
    if kind == "number":
        return {"lowest": 0, "highest": 10}
    return {"options": []}


def _condition(asked: frozenset[str]) -> dict[str, Any]:
    item = next(iter(asked)).partition(":")[0]
    codes = [int(one.partition(":")[2]) for one in asked]
    return {"item": item, "in": sorted(codes, reverse=True)}


def _is_code(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= 9


def _label(option: Mapping[str, Any], language: Language) -> str:
    label = option.get("label") or {}
    return label.get(language) or label.get("zh-Hans") or str(option.get("code"))
