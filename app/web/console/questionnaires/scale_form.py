"""The form of one scale: its options row by row, what is not scored, how it is scored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from app.errors import InputRefused, Problem
from app.web.console.questionnaires.opened import one, whole_number, words
from app.web.dependencies import Form

SPARE_ROWS = 3
MOST_ROWS = 60
DONT_KNOW_CODE = 98
NOT_APPLICABLE_CODE = 99


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One line of the form."""

    code: int | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    counts: str = ""
    """``strict`` or ``broad`` where choosing it counts as satisfied."""
    is_more: bool = False
    """Stands behind "more"."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written in it."""
        return not self.label


@dataclass(frozen=True, slots=True)
class ScaleForm:
    """What stands in the fields of a scale's form."""

    rows: Sequence[OptionRow] = ()
    lowest: int | None = None
    highest: int | None = None
    low_end: Mapping[str, str] = field(default_factory=dict)
    high_end: Mapping[str, str] = field(default_factory=dict)
    dont_know: OptionRow = OptionRow()
    not_applicable: OptionRow = OptionRow()
    score_map: str = ""

    @classmethod
    def of(cls, scale: Mapping[str, Any]) -> Self:
        """The form of a scale as it stands, with some empty rows."""
        options = scale.get("options") or []
        strict, broad = scale.get("satisfied_strict") or (), scale.get("satisfied_broad") or ()
        rows = [_row(option, strict, broad) for option in options]
        ends: Sequence[Mapping[str, str]] = scale.get("ends") or ({}, {})
        return cls(
            rows=[*rows, *[OptionRow()] * SPARE_ROWS],
            lowest=scale.get("lowest"),
            highest=scale.get("highest"),
            low_end=ends[0],
            high_end=ends[1],
            dont_know=_row(scale.get("dont_know") or {}),
            not_applicable=_row(scale.get("not_applicable") or {}),
            score_map=scale.get("score_map") or "",
        )

    @property
    def is_number(self) -> bool:
        """Whether it is a range of numbers."""
        return self.lowest is not None or self.highest is not None


def form_of_scale(form: Form) -> ScaleForm:
    """What was sent."""
    count = min(whole_number(form, "rows") or 0, MOST_ROWS)
    return ScaleForm(
        rows=[_sent_row(form, f"o{number}") for number in range(1, count + 1)],
        lowest=whole_number(form, "lowest"),
        highest=whole_number(form, "highest"),
        low_end=words(form, "low_end"),
        high_end=words(form, "high_end"),
        dont_know=_sent_row(form, "dont_know"),
        not_applicable=_sent_row(form, "not_applicable"),
        score_map=one(form, "score_map"),
    )


def read_scale(filled: ScaleForm) -> dict[str, Any]:
    """The scale that a form means; InputRefused for what cannot be kept at all."""
    problems = list(_problems(filled))
    if problems:
        raise InputRefused(problems)
    scale: dict[str, Any] = {}
    written = _numbered([row for row in filled.rows if not row.is_empty])
    if filled.is_number:
        ends = (filled.lowest, filled.highest)
        scale |= {
            k: v for k, v in zip(("lowest", "highest"), ends, strict=True) if v is not None
        }
        if filled.low_end or filled.high_end:
            scale["ends"] = [dict(filled.low_end), dict(filled.high_end)]
    else:
        scale["options"] = [_option(row) for row in written]
    _add_unscored(scale, filled, {row.code for row in written})
    if filled.score_map:
        scale["score_map"] = filled.score_map
    strict = [row.code for row in written if row.counts == "strict"]
    broad = [row.code for row in written if row.counts]
    if broad and not filled.is_number:
        scale |= {"satisfied_strict": strict, "satisfied_broad": broad}
    return scale


def _row(
    option: Mapping[str, Any], strict: Sequence[int] = (), broad: Sequence[int] = ()
) -> OptionRow:
    code = option.get("code")
    counts = "strict" if code in strict else "broad" if code in broad else ""
    return OptionRow(code, option.get("label") or {}, counts, not option.get("primary", True))


def _sent_row(form: Form, name: str) -> OptionRow:
    counts = one(form, f"{name}_counts")
    return OptionRow(
        code=whole_number(form, f"{name}_code"),
        label=words(form, name),
        counts=counts if counts in {"strict", "broad"} else "",
        is_more=f"{name}_more" in form,
    )


def _numbered(rows: Sequence[OptionRow]) -> list[OptionRow]:
    """Rows without a code get one: from the number of options down to 1, as best first."""
    if all(row.code is None for row in rows):
        codes = list(range(len(rows), 0, -1))
    else:
        free = iter(n for n in range(1, 1000) if n not in {row.code for row in rows})
        codes = [row.code if row.code is not None else next(free) for row in rows]
    return [
        OptionRow(code, row.label, row.counts, row.is_more)
        for code, row in zip(codes, rows, strict=True)
    ]


def _option(row: OptionRow) -> dict[str, Any]:
    option: dict[str, Any] = {"code": row.code, "label": dict(row.label)}
    if row.is_more:
        option["primary"] = False
    return option


def _add_unscored(scale: dict[str, Any], filled: ScaleForm, taken: set[int | None]) -> None:
    fields = (
        ("dont_know", filled.dont_know, DONT_KNOW_CODE),
        ("not_applicable", filled.not_applicable, NOT_APPLICABLE_CODE),
    )
    for name, row, usual in fields:
        if row.is_empty:
            continue
        code = row.code if row.code is not None else usual
        scale[name] = {"code": code, "label": dict(row.label)}
        taken.add(code)


def _problems(filled: ScaleForm) -> Iterator[Problem]:
    codes: set[int] = set()
    rows = [(f"o{n}", row) for n, row in enumerate(filled.rows, start=1)]
    rows += [("dont_know", filled.dont_know), ("not_applicable", filled.not_applicable)]
    for name, row in rows:
        if row.is_empty and row.code is not None and name.startswith("o"):
            chinese = f"编号 {row.code} 没有写选项文字。"
            yield Problem(f"{name}_zh", "has a code and no words", "Write it.", chinese=chinese)
        if row.is_empty or row.code is None:
            continue
        if row.code in codes:
            chinese = f"编号 {row.code} 用了两次，请改一个。"
            yield Problem(
                f"{name}_code",
                "stands for two choices",
                "Change one.",
                row.code,
                chinese=chinese,
            )
        codes.add(row.code)
    if filled.is_number and any(not row.is_empty for row in filled.rows):
        cure = "Empty the options or the range."
        chinese = "选项和数字范围只能填一种。"
        yield Problem("lowest", "stands beside options", cure, chinese=chinese)
