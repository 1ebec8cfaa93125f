"""A result document read in one language: names for codes, figures by measure and domain.

The document (``minxin-result/1``) is what a run found; every page, sentence and table asks
it through `Result`, so that what a code is called and in which order units stand is decided
once. Nothing is computed here. Values and intervals are points 0–100, also for the rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.documents.scores.composites import Naming
from app.documents.wording import DASH, count, points, series_names, translator
from app.survey.text import Language

Document = Mapping[str, Any]
Kind = Literal["interval", "band"]
RATES = ("satisfied_broad", "satisfied_strict")


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the round before; without a verdict there is the reason why."""

    before: float | None
    value: float | None
    low: float | None
    high: float | None
    df: float | None
    verdict: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening did to a score: uncapped, capped, and where the honest mean may lie."""

    raw: float | None
    capped: float | None
    low: float
    high: float
    epsilon: float
    """The share of what counts that may be dishonest between `low` and `high`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with all that says how far it can be trusted; None where it is withheld."""

    series: str
    kind: Kind
    measure: str
    code: str
    domain: str
    domain_code: str
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    effective_n: float | None
    standard_error: float | None
    degrees: int | None
    design_effect: float | None
    withheld: str | None
    worth_of_n: float | None = None
    """Random answers that opt-in ones are worth where the band is widest; None otherwise."""
    difference: tuple[float, float] | None = None
    """Ends of the interval of this value less that of everybody; None where not computed."""
    since: Since | None = None
    """What changed; None where nothing is compared, such as opt-in answers."""
    screened: Screened | None = None
    """None where no responses were judged in company."""

    @property
    def is_shown(self) -> bool:
        """Whether there is a value and nothing forbids it."""
        return self.value is not None and self.withheld is None


@dataclass(frozen=True, slots=True)
class Spread:
    """How the answers to an item lie over its choices, in one domain of one series."""

    series: str
    item: str
    domain: str
    domain_code: str
    choices: tuple[Mapping[str, Any], ...]
    not_answered: int | None
    withheld: str | None

    @property
    def scored(self) -> tuple[Mapping[str, Any], ...]:
        """The choices that count, best first."""
        return tuple(choice for choice in self.choices if choice["scored"])


@dataclass(frozen=True, slots=True)
class Result:
    """A document and the language it is read in; made by `read_result`."""

    document: Document
    language: Language
    rows: Mapping[tuple[str, str, str], tuple[Figure, ...]]
    spreads: Mapping[tuple[str, str], tuple[Spread, ...]]

    @property
    def round(self) -> Document:
        """The plan and the survey as the document carries them."""
        return self.document["round"]

    @property
    def series(self) -> Sequence[Document]:
        """Every series with numbers, its code, kind and n: those with intervals first."""
        weighted = [one for one in self.document["series"] if not one.get("impossible")]
        return sorted(weighted, key=lambda one: one["kind"] == "band")

    @property
    def unweighted(self) -> Sequence[Document]:
        """Series that could not be weighted: code, n and the reason, and no numbers."""
        return [one for one in self.document["series"] if one.get("impossible")]

    @property
    def silent_units(self) -> Sequence[Document]:
        """Units from which no answer came at all, in the official order."""
        answered = self.document["responses"]["by_unit"]
        return [unit for unit in self.units if answered.get(unit["code"], 0) == 0]

    @property
    def indicators(self) -> Sequence[Document]:
        """Every indicator with code and name, in the survey's order."""
        return self.round["indicators"]

    @property
    def items(self) -> Sequence[Document]:
        """Every item that has a figure in any series, in the questionnaire's order."""
        measured = {code for _, measure, code in self.rows if measure == "item"}
        return [item for item in self.round["items"] if item["code"] in measured]

    @property
    def units(self) -> Sequence[Document]:
        """Every unit, in the official order of the plan."""
        return self.round["units"]

    def say(self, text: Mapping[str, str] | None) -> str:
        """Give a text of the document in the language of the reading; nothing for None."""
        return "" if text is None else text[self.language]

    def figures(self, series: str, *, measure: str, code: str) -> tuple[Figure, ...]:
        """The figures of one measure: everybody first, then regions, then units."""
        found = self.rows.get((series, measure, code), ())
        return tuple(figure for figure in found if figure.domain != "group")

    def by_group(self, series: str, *, measure: str, code: str) -> tuple[Figure, ...]:
        """The figures of the groups alone, variable by variable."""
        found = self.rows.get((series, measure, code), ())
        return tuple(figure for figure in found if figure.domain == "group")

    def overall(self, series: str, *, measure: str, code: str) -> Figure | None:
        """The figure for everybody, None where there is none."""
        found = self.figures(series, measure=measure, code=code)
        return next((figure for figure in found if figure.domain == "overall"), None)

    def by_unit(self, series: str, *, measure: str, code: str) -> tuple[Figure, ...]:
        """The figures of the units alone."""
        found = self.figures(series, measure=measure, code=code)
        return tuple(figure for figure in found if figure.domain == "unit")

    def standing(self, series: str, indicator: str) -> Document | None:
        """The places of the units in an indicator; None where nothing is compared."""
        found = self.document.get("standings", ())
        return next(
            (one for one in found if (one["series"], one["indicator"]) == (series, indicator)),
            None,
        )

    def spread(self, series: str, item: str) -> tuple[Spread, ...]:
        """The spread of an item: everybody first, then regions, then units."""
        return self.spreads.get((series, item), ())

    def place(self, domain: str, code: str) -> str:
        """What a domain is called."""
        _ = translator(self.language)
        if domain == "overall":
            return _("全体")
        if domain == "group":
            return self._group_name(code)
        known = self.round["regions"] if domain == "region" else self.units
        return next((self.say(one["name"]) for one in known if one["code"] == code), code)

    @property
    def company(self) -> Document | None:
        """What was found about responses in company; None where nobody looked."""
        return self.document["screening"].get("company")

    @property
    def variables(self) -> Sequence[Document]:
        """The background variables by which there are groups: code, name, levels."""
        return self.round.get("groups", ())

    def level_name(self, code: str) -> str:
        """What a group is called beside the name of its variable."""
        variable, _, level = code.partition("=")
        levels = [
            one["label"]
            for known in self.variables
            if known["code"] == variable
            for one in known["levels"]
            if one["code"] == level
        ]
        return self.say(levels[0]) if levels else code

    def _group_name(self, code: str) -> str:
        _ = translator(self.language)
        variable = code.partition("=")[0]
        names = [one["name"] for one in self.variables if one["code"] == variable]
        return _("{variable}：{level}").format(
            variable=self.say(names[0]) if names else variable, level=self.level_name(code)
        )

    def unit_name(self, code: str) -> str:
        """What a unit is called."""
        return self.place("unit", code)

    def series_name(self, code: str) -> str:
        """What a series is called."""
        return series_names(translator(self.language)).get(code, code)

    @property
    def naming(self) -> Naming:
        """What a composite score calls the units of the round."""
        return Naming(self.language, {one["code"]: self.say(one["name"]) for one in self.units})

    def measure_name(self, measure: str, code: str) -> str:
        """What a measure of an indicator or item is called."""
        known = self.indicators if measure == "indicator" else self.round["items"]
        field = "name" if measure == "indicator" else "text"
        return next((self.say(one[field]) for one in known if one["code"] == code), code)

    def reason(self, withheld: str | None) -> str:
        """Why a number is not shown, in words; nothing where it is."""
        _, release = translator(self.language), self.round["release"]
        too_few = _("回答不足 {n} 份，不公布").format(n=count(release["min_n"]))
        return {
            None: "",
            "too_few": too_few,
            "too_few_answers": too_few,
            "too_imprecise": _("有效样本不足 {n}，不公布").format(
                n=points(release["min_effective_n"], decimals=0)
            ),
            "complementary": _("为防止从其他公布的数倒推，不公布"),
            "small_cell": _("有答案不足 {n} 人，不公布").format(n=count(release["min_cell"])),
        }.get(withheld, DASH)


def read_result(document: Document, language: Language) -> Result:
    """Index the figures and spreads of a document for reading in `language`."""
    rows: dict[tuple[str, str, str], list[Figure]] = {}
    for entry in document["estimates"]:
        key = (entry["series"], entry["measure"], entry["code"])
        rows.setdefault(key, []).append(_figure(entry))
    spreads: dict[tuple[str, str], list[Spread]] = {}
    for entry in document["distributions"]:
        spreads.setdefault((entry["series"], entry["item"]), []).append(_spread(entry))
    return Result(
        document,
        language,
        {key: tuple(value) for key, value in rows.items()},
        {key: tuple(value) for key, value in spreads.items()},
    )


def main_series(result: Result) -> Document | None:
    """The series that speaks for the round: the first with intervals, else the first."""
    return next(iter(result.series), None)


def _figure(entry: Document) -> Figure:
    return Figure(
        series=entry["series"],
        kind=entry["kind"],
        measure=entry["measure"],
        code=entry["code"],
        domain=entry["domain"],
        domain_code=entry["domain_code"],
        n=entry["n"],
        value=entry["value"],
        low=entry["low"],
        high=entry["high"],
        effective_n=entry["effective_n"],
        standard_error=entry.get("standard_error"),
        degrees=entry.get("df"),
        design_effect=entry.get("design_effect"),
        withheld=entry["withheld"],
        worth_of_n=min((n for n in entry.get("worth_of_n") or () if n), default=None),
        difference=_ends(entry.get("difference")),
        since=_since(entry.get("change")),
        screened=_screened(entry.get("screened")),
    )


def _screened(found: Document | None) -> Screened | None:
    return None if found is None else Screened(**found)


def _since(change: Document | None) -> Since | None:
    if change is None:
        return None
    names = ("before", "value", "low", "high", "df", "verdict", "reason")
    return Since(**{name: change[name] for name in names})


def _ends(difference: Document | None) -> tuple[float, float] | None:
    if difference is None or difference["low"] is None or difference["high"] is None:
        return None
    return difference["low"], difference["high"]


def _spread(entry: Document) -> Spread:
    return Spread(
        series=entry["series"],
        item=entry["item"],
        domain=entry["domain"],
        domain_code=entry["domain_code"],
        choices=tuple(entry["choices"] or ()),
        not_answered=entry["not_answered"],
        withheld=entry["withheld"],
    )
