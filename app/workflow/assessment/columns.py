"""Which column of a file of values means what: by its heading, or as the importer says.

Two shapes are read. A long table has a row for each value: unit, indicator, value, and
perhaps its standard error, status, effective sample size or sensitivity band. A wide one has
a row for each unit and a column for each indicator. Every column has a meaning or is left out
by name, so that nothing is dropped unseen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import IndicatorCard
from app.workflow.assessment.sheets import Sheet

HEADER_WITHIN = 10
"""Rows; a title and a note may stand above the header."""
IGNORED = "ignored"
ROLES: Mapping[str, frozenset[str]] = {
    "unit": frozenset({"unit", "unit_id", "单位", "单位代码", "考核单位", "地区", "区县"}),
    "indicator": frozenset({"indicator", "indicator_id", "指标", "指标代码", "指标名称"}),
    "value": frozenset({"value", "值", "数值", "指标值"}),
    "se": frozenset({"se", "standard_error", "std_error", "标准误"}),
    "status": frozenset({"status", "状态"}),
    "effective_n": frozenset({"effective_n", "n_eff", "有效样本量"}),
    "low": frozenset({"low", "band_low", "下限"}),
    "high": frozenset({"high", "band_high", "上限"}),
    IGNORED: frozenset({"note", "备注", "序号", "说明", "region_type", "区域类型", "类型"}),
}
"""What a column may say → headings that mean it without being mapped."""
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    ".se": (".se", "_se", "标准误", "（标准误）"),
    ".n": (".n", "_n", "有效样本量", "（有效样本量）"),
}
"""After an indicator's code or name: its standard error, its effective sample size."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the table begins and what its columns say."""

    header_row: int
    """Counted from 1."""
    roles: Mapping[str, str]
    """Heading → its role, an indicator's code, or that with ``.se``; in the file's order."""

    @property
    def is_wide(self) -> bool:
        """Whether indicators are columns."""
        return "indicator" not in self.roles.values()


def find_columns(
    sheet: Sheet, cards: Sequence[IndicatorCard], mapping: Mapping[str, str]
) -> Columns:
    """The meaning of every column; raises InputRefused with every heading that has none.

    `mapping` is heading → meaning, where the heading itself does not say it.
    """
    known = _meanings(cards)
    row, header = _header(sheet, mapping)
    problems = [*_mapping_problems(sheet, header, mapping, cards)]
    roles: dict[str, str] = {}
    for heading in header:
        role = mapping.get(heading) or known.get(heading.lower())
        if heading and role is None:
            problems.append(_unknown(sheet, row, heading, known))
        elif heading in roles:
            problems.append(_twice(sheet, row, heading, heading))
        elif role is not None and role != IGNORED and role in roles.values():
            problems.append(_twice(sheet, row, heading, role))
        elif role is not None:
            roles[heading] = role
    problems += _lacking(sheet, row, set(roles.values())) if not problems else []
    if problems:
        raise InputRefused(problems)
    return Columns(row, roles)


def is_indicator(role: str) -> bool:
    """Whether a column holds the values of one indicator."""
    return role not in ROLES and not role.endswith(tuple(SUFFIXES))


def _meanings(cards: Sequence[IndicatorCard]) -> dict[str, str]:
    """Heading in lower case → role."""
    known = {heading: role for role, headings in ROLES.items() for heading in headings}
    for card in cards:
        for name in (card.code, card.name.zh, card.name.en):
            known.setdefault(name.lower(), card.code)
            for own, suffixes in SUFFIXES.items():
                for suffix in suffixes:
                    known.setdefault(f"{name}{suffix}".lower(), f"{card.code}{own}")
    return known


def _header(sheet: Sheet, mapping: Mapping[str, str]) -> tuple[int, tuple[str, ...]]:
    """The first row that has a column of units, its number first."""
    mapped = {heading for heading, role in mapping.items() if role == "unit"}
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN], start=1):
        names = {heading.lower() for heading in row}
        if mapped & set(row) or (not mapped and names & ROLES["unit"]):
            return number, row
    wanted = ", ".join(sorted(mapped or ROLES["unit"]))
    problem = Problem(
        "row 1",
        f"is no header: the first {HEADER_WITHIN} rows have no column of units ({wanted})",
        "Name it with --map HEADING=unit.",
        source=sheet.source,
        line=1,
        chinese=f"前 {HEADER_WITHIN} 行里没有“单位”列（{wanted}）。请用 --map 列名=unit 指明。",
    )
    raise InputRefused([problem])


def _mapping_problems(
    sheet: Sheet,
    header: Sequence[str],
    mapping: Mapping[str, str],
    cards: Sequence[IndicatorCard],
) -> Iterator[Problem]:
    codes = [card.code for card in cards]
    meanings = [*ROLES, *codes, *(f"{code}{own}" for code in codes for own in SUFFIXES)]
    for heading, role in mapping.items():
        if heading not in header:
            yield Problem(
                f"--map {heading}={role}",
                "names a column that the file does not have",
                f"It has: {', '.join(filter(None, header))}.",
                source=sheet.source,
                chinese=f"--map {heading}={role}：文件里没有这一列。"
                f"现有：{'、'.join(filter(None, header))}。",
            )
        if role not in meanings:
            near = get_close_matches(role, meanings, n=1)
            cure = f"Did you mean {near[0]!r}?" if near else f"Write one of: {', '.join(ROLES)}"
            zh = f"是否应为“{near[0]}”？" if near else f"可写：{'、'.join(ROLES)}"
            yield Problem(
                f"--map {heading}={role}",
                "gives a meaning that no column can have",
                cure if near else f"{cure}, or an imported indicator.",
                source=sheet.source,
                chinese=f"--map {heading}={role}：没有这种含义。"
                f"{zh if near else zh + '，或由文件导入的指标。'}",
            )


def _unknown(sheet: Sheet, row: int, heading: str, known: Mapping[str, str]) -> Problem:
    near = get_close_matches(heading.lower(), list(known), n=1, cutoff=0.75)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    zh = f"是否应为“{near[0]}”？" if near else ""
    return Problem(
        f"column {heading}",
        "has no known meaning",
        f"{guess}Say it with --map '{heading}=…', or leave it out with "
        f"--map '{heading}={IGNORED}'.",
        source=sheet.source,
        line=row,
        chinese=f"“{heading}”列：不知道是什么。{zh}请用 --map '{heading}=…' 指明，"
        f"或用 --map '{heading}={IGNORED}' 略去。",
    )


def _twice(sheet: Sheet, row: int, heading: str, role: str) -> Problem:
    cure = f"Leave one out with --map 'HEADING={IGNORED}'."
    zh = f"请用 --map '列名={IGNORED}' 略去一列。"
    if heading == role:
        # A mapping names columns by their headings and could not tell these two apart.
        cure, zh = "Rename or delete one of the two in the file.", "请在文件里改名或删去一列。"
    return Problem(
        f"column {heading}",
        f"is a second column of {role}",
        cure,
        source=sheet.source,
        line=row,
        chinese=f"“{heading}”列：{role} 已有一列。{zh}",
    )


def _lacking(sheet: Sheet, row: int, roles: set[str]) -> Iterator[Problem]:
    """Columns that the shape of the table needs."""
    own = roles - set(ROLES)
    message, zh = "", ""
    if "indicator" in roles and own:
        message = (
            f"has a column of indicators and columns of their own: {', '.join(sorted(own))}"
        )
        zh = f"既有“指标”列，又有单独的指标列（{'、'.join(sorted(own))}）"
    elif "indicator" in roles and "value" not in roles:
        message, zh = "has no column of values", "没有“数值”列"
    elif "indicator" not in roles and not any(map(is_indicator, own)):
        message, zh = "has no column of an indicator", "没有任何指标列"
    elif "indicator" not in roles and roles - own - {"unit", IGNORED}:
        message, zh = "has values without a column of indicators", "有“数值”列而没有“指标”列"
    if message:
        cure = "Long: unit, indicator, value. Wide: unit, and a column for each indicator."
        yield Problem(
            f"row {row}",
            message,
            cure,
            source=sheet.source,
            line=row,
            chinese=f"第 {row} 行表头{zh}。长表：单位、指标、数值；宽表：单位，每项指标一列。",
        )
