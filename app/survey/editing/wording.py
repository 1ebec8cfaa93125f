"""Wording checks: what a careful colleague would say about a question before it is printed.

Each is a hint, never a refusal: a rule of thumb can be wrong about a sentence. The rules are
the usual ones of questionnaire design (one thing at a time, neutral words, no negation, a way
out for whoever cannot say) and the limits of a phone page (a legend of 22 characters).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.survey.editing.burden import estimated_minutes
from app.survey.editing.outline import items_of

Kind = Literal[
    "long",
    "long_english",
    "double",
    "leading",
    "negated",
    "vague_time",
    "jargon",
    "no_way_out",
    "many_options",
    "same_option",
    "untranslated",
    "same_text",
    "text_not_optional",
    "personal",
    "overall_late",
    "too_long_survey",
    "minutes_differ",
]

LONGEST_LEGEND = 22
LONGEST_ENGLISH = 90
MOST_OPTIONS = 8
MOST_MINUTES = 6
"""Beyond it many stop half-way on a phone."""

DOUBLE = re.compile(r"、|以及|并且|而且|(?<=[\u4e00-\u9fff])[和与及](?=[\u4e00-\u9fff])")
NOT_DOUBLE = re.compile(r"参与|与否|以及时|及时|及格|涉及|普及|和谐|和平|暖和|温和|附和|总和")
LEADING = re.compile(
    r"优质|便捷|便利|方便快捷|高效|热情|周到|贴心|优秀|良好|出色|先进|舒适|难道|是不是|"
    r"您是否(?:同意|认为|觉得)|应该|显著|大力|切实"
)
NEGATED = re.compile(r"不(?!同|断|动产|良|法|明|久|少|了解|满意)|没有|从未|并非|无法|未能|毫无")
VAGUE_TIME = re.compile(r"最近|近期|平时|经常|有时|偶尔|近来")
JARGON = re.compile(
    r"放管服|最多跑一次|一网通办|高效办成一件事|一件事一次办|一窗受理|跨省通办|容缺|告知承诺|政务服务事项|"
    r"营商环境|网格化|获得感|共建共治"
)
PERSONAL = re.compile(r"姓名|身份证|手机号|电话|住址|门牌|微信号|银行卡")
OVERALL = re.compile(r"总体|整体|总的来说|综合来看")
CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to look at again: where (an item's code, or empty), what, and the words."""

    item: str
    kind: Kind
    found: str = ""


def hints_of(body: Mapping[str, Any]) -> list[Hint]:
    """Every hint about a survey in the making: first the whole, then item by item."""
    found = [*_whole(body)]
    for item in items_of(body):
        found += item_hints(body, item)
    return found


def item_hints(body: Mapping[str, Any], item: Mapping[str, Any]) -> list[Hint]:
    """The hints about one item."""
    code = str(item.get("code", ""))
    found = [*_text_hints(item, is_judged=_is_judged(body, item))]
    found += [*_answer_hints(body, item), *_language_hints(body, item)]
    return [Hint(code, kind, words) for kind, words in found]


def _is_judged(body: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether people judge something here; a fact about oneself everybody knows."""
    scale = (body.get("scales") or {}).get(item.get("scale")) or {}
    return bool(scale.get("score_map")) and item.get("kind") in {None, "single", "number"}


def _text_hints(item: Mapping[str, Any], *, is_judged: bool) -> Iterator[tuple[Kind, str]]:
    chinese = (item.get("text") or {}).get("zh-Hans", "")
    english = (item.get("text") or {}).get("en", "")
    if len(chinese) > LONGEST_LEGEND:
        yield "long", str(len(chinese))
    if len(english) > LONGEST_ENGLISH:
        yield "long_english", str(len(english))
    patterns: Sequence[tuple[Kind, re.Pattern[str], str]] = (
        ("double", DOUBLE, NOT_DOUBLE.sub("", chinese) if is_judged else ""),
        ("leading", LEADING, chinese),
        ("negated", NEGATED, chinese if is_judged else ""),
        ("vague_time", VAGUE_TIME, chinese),
        ("jargon", JARGON, chinese),
    )
    for kind, pattern, text in patterns:
        if hit := pattern.search(text):
            yield kind, hit[0]
    if hit := PERSONAL.search(chinese):
        yield "personal", hit[0]


def _answer_hints(
    body: Mapping[str, Any], item: Mapping[str, Any]
) -> Iterator[tuple[Kind, str]]:
    if item.get("kind") == "text":
        if not item.get("optional"):
            yield "text_not_optional", ""
        return
    scale = (body.get("scales") or {}).get(item.get("scale"))
    if scale is None:
        return
    if (
        _is_judged(body, item)
        and not scale.get("dont_know")
        and not scale.get("not_applicable")
    ):
        yield "no_way_out", ""
    options = scale.get("options") or []
    shown = [one for one in options if one.get("primary", True)]
    if item.get("kind", "single") == "single" and len(shown) > MOST_OPTIONS:
        yield "many_options", str(len(shown))
    labels = [(one.get("label") or {}).get("zh-Hans", "") for one in options]
    for label in sorted({label for label in labels if label and labels.count(label) > 1}):
        yield "same_option", label


def _language_hints(
    body: Mapping[str, Any], item: Mapping[str, Any]
) -> Iterator[tuple[Kind, str]]:
    texts = [item.get("text"), item.get("hint")]
    scale = (body.get("scales") or {}).get(item.get("scale")) or {}
    texts += [one.get("label") for one in scale.get("options") or []]
    if any(text and _is_untranslated(text) for text in texts):
        yield "untranslated", ""


def _is_untranslated(text: Mapping[str, str]) -> bool:
    english = text.get("en", "")
    return not english or bool(CHINESE.search(english))


def _whole(body: Mapping[str, Any]) -> Iterator[Hint]:
    items = items_of(body)
    minutes = estimated_minutes(body)
    if minutes > MOST_MINUTES:
        yield Hint("", "too_long_survey", str(minutes))
    promised = body.get("minutes")
    if isinstance(promised, int) and items and abs(promised - minutes) > 1:
        yield Hint("", "minutes_differ", str(minutes))
    yield from _late_overall(body, items)
    earlier: dict[str, str] = {}
    for item in items:
        code = str(item.get("code", ""))
        chinese = (item.get("text") or {}).get("zh-Hans", "")
        # Branches of one question may ask the same; of one person nothing is asked twice.
        if chinese and chinese in earlier and not item.get("ask_if"):
            yield Hint(code, "same_text", earlier[chinese])
        earlier.setdefault(chinese, code)


def _late_overall(
    body: Mapping[str, Any], items: Sequence[Mapping[str, Any]]
) -> Iterator[Hint]:
    """An overall judgement after its parts is coloured by them; said of the first such item."""
    judged = [item for item in items if _is_judged(body, item)]
    for number, item in enumerate(judged):
        if OVERALL.search((item.get("text") or {}).get("zh-Hans", "")):
            if number > 1:
                yield Hint(str(item.get("code", "")), "overall_late")
            return
