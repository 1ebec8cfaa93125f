"""Result documents written by hand, for tests of what is said and shown about them.

A county with as many units as a test needs, one indicator and one item; every number a
test cares about is an argument, and the rest is filled in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

RELEASE = {"min_n": 30, "min_effective_n": 30, "min_effective_n_rank": 100, "min_cell": 5}


def text(zh: str, en: str | None = None) -> dict[str, str]:
    """The same words in both languages."""
    return {"zh-Hans": zh, "en": en or zh}


def figure(value: float | None, *, half: float = 2.0, size: float = 200.0, **other: Any) -> Any:
    """One interval estimate of the indicator in the main series."""
    ends = (None, None) if value is None else (value - half, value + half)
    entry: dict[str, Any] = {
        "series": "probability", "kind": "interval", "measure": "indicator",
        "code": "senses", "domain": "unit", "domain_code": "", "n": 250, "value": value,
        "low": ends[0], "high": ends[1], "effective_n": size, "standard_error": half / 2,
        "df": 249, "design_effect": 1.25, "gap": None, "withheld": None,
    }  # fmt: skip
    return entry | other


def compared(entry: dict[str, Any], overall: float) -> dict[str, Any]:
    """The figure with its difference from everybody, as wide as its own interval."""
    if entry["value"] is None or "difference" in entry:
        return {"difference": None} | entry
    entry["difference"] = {
        "value": entry["value"] - overall, "standard_error": entry["standard_error"],
        "low": entry["low"] - overall, "high": entry["high"] - overall,
    }  # fmt: skip
    return entry


def county(
    units: Mapping[str, Mapping[str, Any]], *, overall: float = 80.0, **changed: Any
) -> dict[str, Any]:
    """A document of one probability series: unit name → what differs in its figure."""
    codes = {name: f"u{number}" for number, name in enumerate(units)}
    estimates = [figure(overall, half=1.0, size=2000.0, domain="overall", n=2500)]
    estimates += [
        compared(figure(**{"domain_code": codes[name]} | dict(u)), overall)
        for name, u in units.items()
    ]
    document: dict[str, Any] = {
        "schema": "minxin-result/1",
        "round": _round(codes),
        "run": {
            "seed": 1, "plan_digest": "a" * 64, "data_digest": "b" * 64,
            "code_version": "0.1.0", "sources": {},
        },
        "responses": {
            "total": 2500, "by_evidence": {"probability": 2500},
            "by_channel": {"import": 2500}, "by_unit": dict.fromkeys(codes.values(), 250),
        },
        "screening": {"responses": 2500, "reduced": 0, "signals": []},
        "series": [{"code": "probability", "kind": "interval", "n": 2500}],
        "weights": [],
        "estimates": estimates,
        "distributions": [],
        "system": None,
        "composite": None,
    }  # fmt: skip
    return document | changed


def opt_in(value: float | None = 71.4) -> dict[str, Any]:
    """A document whose only series is opt-in answers, with two units far apart."""
    document = county({"一区": {"value": 90.0}, "二区": {"value": 50.0}}, overall=value or 0)
    document["series"] = [{"code": "opt_in", "kind": "band", "n": 320}]
    document["responses"]["by_evidence"] = {"opt_in": 320}
    for entry in document["estimates"]:
        entry |= {"series": "opt_in", "kind": "band", "correlations": [-0.05, 0.0, 0.05]}
        for name in ("standard_error", "df", "design_effect", "gap", "difference"):
            entry.pop(name, None)
    if value is None:
        document["estimates"][0] |= {"value": None, "withheld": "too_few"}
    return document


def spread(
    counts: Mapping[int, int | None], *, withheld: str | None = None, **other: Any
) -> Any:
    """The answers to one item for everybody; a count of None is a withheld choice."""
    known = sum(count for count in counts.values() if count is not None) or 1
    labels = {5: "很满意", 4: "满意", 3: "一般", 2: "不满意", 1: "很不满意"}
    entry = {
        "series": "probability", "item": "q1", "domain": "overall", "domain_code": "",
        "not_answered": 0, "withheld": withheld,
        "choices": [
            {
                "code": code, "label": text(labels[code]), "count": count, "scored": True,
                "share": None if count is None else count / (known + 10),
                "withheld": "small_cell" if count is None else None,
            }
            for code, count in counts.items()
        ],
    }  # fmt: skip
    return entry | other


def _round(codes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": "county-2026", "title": text("测试县调查", "County survey"),
        "survey": "three_senses@1", "survey_title": text("三感"), "plan_digest": "a" * 64,
        "evidence_class": "probability",
        "window": {
            "opens": "2026-01-01T00:00:00", "closes": "2026-02-01T00:00:00",
            "time_zone": "Asia/Shanghai",
        },
        "organiser": {"name": text("测试办"), "hotline": "12345", "approval": None},
        "population": text("测试县成年居民"), "note": None, "confidence": 0.95,
        "units": [
            {
                "code": code, "name": text(name), "region": "r", "region_type": "t",
                "population": 1000,
            }
            for name, code in codes.items()
        ],
        "regions": [{"code": "r", "name": text("测试县"), "parent": None}],
        "indicators": [{"code": "senses", "name": text("三感总分", "Three senses")}],
        "items": [{"code": "q1", "text": text("排队的时间"), "section": text("办事")}],
        "release": RELEASE, "score_maps": [], "weighting": [{"kind": "base"}],
        "pooled": None, "screening_note": text("不设信号"), "opt_in_accepted": None,
        "values_source": None,
    }  # fmt: skip


def company_part(*, campaigns: Sequence[int] = (41,)) -> Any:
    """What a document says of an examination: one point, and campaigns of some sizes."""
    reason = {
        "signal": "COPY_POINT", "version": 1, "observed": 41.0, "expected": 3.2,
        "rarity": 0.001, "name": text("雷同的答案", "Copies"),
        "words": text("41 份几乎相同；通常 3.2 份。", "41 all but equal; 3.2 are usual."),
    }  # fmt: skip
    return {
        "version": 1, "evidence": ["opt_in"], "influence": 0.0, "caps": "applied",
        "rule": [text("封顶的规则", "The caps"), text("标出的规则", "The flags")],
        "responses": 320, "capped": 25, "flagged": 41, "kept": 254, "reduced": 25,
        "excluded": 41,
        "directions": {
            "above": {"n": 150, "reduced": 20, "excluded": 41},
            "below": {"n": 160, "reduced": 15, "excluded": 0},
        },
        "campaigns": [
            {
                "code": f"c{i}", "kind": "point", "n": n, "points": ["p1"],
                "verdict": "exclude",
                "first": "2026-11-22T16:35", "last": "2026-11-22T18:05",
                "score_with": 80.06, "score_without": 71.2, "effect": 8.86,
                "reasons": [reason],
            }
            for i, n in enumerate(campaigns)
        ],
        "points": [
            {
                "point": "p1", "unit": "u0", "name": text("一号窗口", "Window 1"), "n": 320,
                "kept": 254, "reduced": 25, "excluded": 41, "raw": 81.23, "capped": 78.64,
                "decided": 72.31, "low": 70.06, "high": 75.04, "epsilon": 0.0512,
                "answers_up": 17.9, "answers_down": 4.0, "sample_n": 0, "sample_mean": None,
                "shrinkage": 0.0, "drawn": None, "withheld": None,
            }
        ],
    }  # fmt: skip


def screened(raw: float | None = 76.2, **changed: Any) -> Any:
    """What screening did to one score."""
    found = {"raw": raw, "capped": 74.0, "low": 69.1, "high": 73.5, "epsilon": 0.05}
    return found | changed
