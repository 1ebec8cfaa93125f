"""How a score was computed, written out from the system's file, Chinese first, then English.

Markdown for people who hold a package and nothing else. Nothing stands here that the system
or the document does not say.
"""

from collections.abc import Iterator

from app.scoring.definition.cards import Aggregate, Node
from app.scoring.definition.methods import Method
from app.scoring.definition.system import IndicatorSystem
from app.survey.text import LANGUAGES, Language

MEANS: dict[str, tuple[str, str]] = {
    "arithmetic": ("算术平均", "arithmetic mean"),
    "geometric": ("几何平均", "geometric mean"),
    "harmonic": ("调和平均", "harmonic mean"),
    "copeland": ("科普兰两两比较", "Copeland's pairwise comparisons"),
    "mpi_minus": ("马齐奥塔–帕雷托（减罚）", "Mazziotta-Pareto, penalty subtracted"),
    "mpi_plus": ("马齐奥塔–帕雷托（加罚）", "Mazziotta-Pareto, penalty added"),
}
WORDS: dict[Language, dict[str, str]] = {
    "zh-Hans": {
        "how": "如何计算",
        "tree": "指标体系",
        "indicators": "指标",
        "direction": "越大越好",
        "reverse": "越小越好",
        "weight": "权数",
        "missing": "缺值",
        "not_applicable": "不适用",
        "ledger": "扣分与加分",
        "cap": "封顶",
        "grade": "等次",
        "doubt": "不确定性",
    },
    "en": {
        "how": "How it was computed",
        "tree": "The tree",
        "indicators": "Indicators",
        "direction": "more is better",
        "reverse": "less is better",
        "weight": "weight",
        "missing": "Missing",
        "not_applicable": "Not applicable",
        "ledger": "Deductions and bonuses",
        "cap": "cap",
        "grade": "Grades",
        "doubt": "Uncertainty",
    },
}


def method_text(system: IndicatorSystem, *, seed: int) -> str:
    """The method of a system as Markdown in both languages."""
    parts = ["\n".join(_in_language(system, language, seed)) for language in LANGUAGES]
    return "\n\n---\n\n".join(parts) + "\n"


def mean_name(aggregate: Aggregate, language: Language) -> str:
    """What a mean is called."""
    if isinstance(aggregate, str):
        return MEANS[aggregate][0 if language == "zh-Hans" else 1]
    power = f"{aggregate.power:g}"
    return f"幂平均（p = {power}）" if language == "zh-Hans" else f"power mean (p = {power})"


def _in_language(system: IndicatorSystem, language: Language, seed: int) -> Iterator[str]:
    words = WORDS[language]
    yield f"# {words['how']}: {system.title[language]}"
    yield ""
    yield f"{system.key} · {system.effective.document[language]}"
    if system.note is not None:
        yield f"\n> {system.note[language]}"
    yield f"\n## {words['tree']}\n"
    yield from _tree(system, system.root, language, 0)
    yield f"\n## {words['indicators']}\n"
    for card in system.indicators:
        way = words["direction"] if card.direction > 0 else words["reverse"]
        unit, source = card.unit[language], card.source[language]
        about = f"`{card.code}`, {unit}; {source}; {card.evidence}"
        yield f"- {card.name[language]} ({about}): {way};"
        yield f"  {_method(card.normalise)}; {_block(card.treat.model_dump())}"
    yield f"\n{words['missing']}: {_block(system.missing.model_dump())}. "
    yield f"{words['not_applicable']}: {_block(system.not_applicable.model_dump())}."
    yield from _ledger(system, language)
    if system.grade is not None:
        rule = system.grade
        scale = ", ".join(
            f"{grade.name[language]} {_limit(grade.min, grade.share)}".strip()
            for grade in rule.scale
        )
        yield f"\n## {words['grade']}\n\n{rule.rule}, {rule.within}, {rule.tie}: {scale}"
    doubt = system.uncertainty
    yield f"\n## {words['doubt']}\n"
    yield f"{doubt.draws} draws, seed {seed}, level {doubt.level:g}, "
    yield f"confidence {doubt.confidence:g}"


def _tree(system: IndicatorSystem, node: Node, language: Language, depth: int) -> Iterator[str]:
    indent = "  " * depth
    mean, weights = mean_name(node.aggregate, language), _weights(system, node.code)
    yield f"{indent}- {node.name[language]} (`{node.code}`): {mean}{weights}"
    for child in system.children[node.code]:
        if isinstance(child, Node):
            yield from _tree(system, child, language, depth + 1)
        else:
            weights = _weights(system, child.code)
            yield f"{indent}  - {child.name[language]} (`{child.code}`){weights}"


def _weights(system: IndicatorSystem, code: str) -> str:
    if code == system.root.code:
        return ""
    stated = [f"{t} {system.weight(code, t):g}" for t in system.type_codes]
    return f" · {', '.join(stated)}"


def _method(method: Method) -> str:
    return _block(method.model_dump())


def _block(stated: dict[str, object]) -> str:
    """A block of the file as it stands, on one line."""
    return ", ".join(
        f"{key} {_block(value) if isinstance(value, dict) else value}"
        for key, value in stated.items()
        if value is not None
    )


def _ledger(system: IndicatorSystem, language: Language) -> Iterator[str]:
    rules, words = system.adjustments, WORDS[language]
    if rules is None:
        return
    yield f"\n## {words['ledger']}\n"
    for item in rules.items:
        price = item.points if item.steps is None else list(item.steps)
        cap = "" if item.cap is None else f", {words['cap']} {item.cap:g}"
        veto = "" if item.veto_max_grade is None else f", ≤ {item.veto_max_grade}"
        name = item.name[language]
        yield f"- {name} (`{item.code}`, {item.kind}, {item.family}): {price}{cap}{veto}"
    for family in rules.families:
        if family.cap is not None:
            yield f"- {family.name[language]} (`{family.code}`): {words['cap']} {family.cap:g}"
    total = _block(rules.total_cap.model_dump())
    if total:
        yield f"- {words['cap']}: {total}"


def _limit(least: float | None, share: float | None) -> str:
    if least is not None:
        return f"≥ {least:g}"
    return "" if share is None else f"{share:.0%}"
