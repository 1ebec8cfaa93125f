"""A survey number as an indicator value: with its uncertainty, or missing with its reason.

A number of any round, the one being processed or one that is published, enters a composite
score by the same rule: with a standard error for a sample, a sensitivity band for opt-in
answers. One that may not be shown may not score either, and neither may one that cannot say
how far it may lie off: it would enter as if it were certain.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.database.results import ResultDocument, latest_published
from app.database.rounds import find_round
from app.database.tables import RunRow
from app.errors import WrongState
from app.scoring.inputs import Covariance, IndicatorValue, ScoredUnit
from app.stats.comparison import covariance
from app.stats.opt_in.bands import OptInEstimate
from app.stats.tables.entries import Series, Tabulated
from app.survey.definition import Survey
from app.survey.indicators import indicator_values
from app.survey.recipe import Release, RunInput, SurveyInput
from app.survey.text import Text

NOT_SHOWN = Text(zh="该数字不予公布", en="the number may not be shown")
UNKNOWN_UNCERTAINTY = Text(
    zh="无法得出该数字的误差或敏感性区间",
    en="nothing can be said about how far the number may lie off",
)
WHY_MISSING: Mapping[str, Text] = {
    "no_answers": Text(zh="没有答案", en="there are no answers"),
    "one_answer": Text(
        zh="只有一份答案，误差无从得知",
        en="there is one answer only, so its uncertainty is unknown",
    ),
    "no_variation": Text(
        zh="答案全都一样，误差无从得知",
        en="all answers are the same, so the uncertainty is unknown",
    ),
    "no_degrees_of_freedom": Text(
        zh="抽样设计没有剩余自由度，误差无从得知",
        en="the design leaves no degree of freedom, so the uncertainty is unknown",
    ),
    "population_unknown": Text(
        zh="人口数未知，得不出敏感性区间",
        en="the population is unknown, so there is no sensitivity band",
    ),
    "more_answers_than_people": Text(
        zh="答案数多于人口数，得不出敏感性区间",
        en="there are more answers than people, so there is no sensitivity band",
    ),
    "too_few": Text(zh="答案太少，不予公布", en="too few answers to be shown"),
    "too_imprecise": Text(
        zh="有效样本太小，不予公布", en="the effective sample is too small to be shown"
    ),
    "complementary": Text(
        zh="为防止从其他公布的数倒推，不予公布",
        en="withheld so that no other withheld number can be worked out",
    ),
}
"""Why a survey number is withheld or has no uncertainty → what the result says."""


class Coded(Protocol):
    """Anything that has a code, as the units of a plan have."""

    @property
    def code(self) -> str:
        """Its code."""


class Assessed(Coded, Protocol):
    """A unit of a round or of an assessment."""

    @property
    def region_type(self) -> str:
        """Whose weights it gets."""


@dataclass(frozen=True, slots=True)
class SurveyNumber:
    """A survey number of one unit, of this round or another, as far as a score needs it."""

    value: float | None
    effective_n: float | None
    withheld: str | None
    standard_error: float | None
    band: tuple[float, float] | None
    gap: str | None
    """Why its uncertainty is unknown, where it is."""


def published_run(session: Session, code: str, what: str) -> RunRow:
    """The newest published run of a round; `what` says in a refusal what wanted it."""
    published = latest_published(session, find_round(session, code).id)
    if published is None:
        raise WrongState(f"{what}, which is not published. Publish it first.")
    return published[1]


def require_entries(source: RunInput, document: ResultDocument) -> None:
    """A name that the other round does not know must not pass for a missing value."""
    if entries_of_run(source, document):
        return
    known = {
        f"{entry['code']} ({entry['series']})"
        for entry in document["estimates"]
        if entry["measure"] == "indicator" and entry["domain"] == "unit"
    }
    raise WrongState(
        f"The composite score takes {source.indicator} from round {source.round}, whose "
        f"result has no {source.estimate} ({source.series}) by unit. "
        f"It has: {', '.join(sorted(known)) or 'none'}."
    )


def values_of_run(
    source: RunInput, document: ResultDocument, units: Sequence[Coded]
) -> Iterator[IndicatorValue]:
    """The values that a published result gives these units, missing ones with a reason."""
    found = entries_of_run(source, document)
    for unit in units:
        entry = found.get(unit.code)
        yield indicator_value(
            source, unit.code, None if entry is None else _number_of_run(entry)
        )


def indicator_value(
    source: SurveyInput | RunInput, unit: str, entry: SurveyNumber | None
) -> IndicatorValue:
    """The one rule for a survey number of any round: with its uncertainty, or missing."""
    reason = _why_missing(source, entry)
    if entry is None or reason is not None:
        return IndicatorValue(
            unit,
            source.indicator,
            None,
            status="missing",
            evidence=source.series,
            missing_because=reason,
        )
    return IndicatorValue(
        unit,
        source.indicator,
        entry.value,
        standard_error=entry.standard_error,
        band=entry.band,
        effective_n=entry.effective_n,
        evidence=source.series,
    )


def _why_missing(source: SurveyInput | RunInput, entry: SurveyNumber | None) -> Text | None:
    if entry is None or entry.value is None:
        return WHY_MISSING["no_answers"]
    if entry.withheld is not None:
        return WHY_MISSING.get(entry.withheld, NOT_SHOWN)
    if entry.gap is not None:
        # Everybody said the same: an error of zero would claim that the population does too.
        return WHY_MISSING.get(entry.gap, UNKNOWN_UNCERTAINTY)
    known = entry.band if source.series == "opt_in" else entry.standard_error
    return UNKNOWN_UNCERTAINTY if known is None else None


def number_of(entry: Tabulated) -> SurveyNumber:
    """A number of the round that is being processed."""
    estimate, size = entry.estimate, entry.estimate.effective_n
    if isinstance(estimate, OptInEstimate):
        band = (estimate.band.low, estimate.band.high) if estimate.band else None
        return SurveyNumber(estimate.value, size, entry.withheld, None, band, estimate.no_band)
    error, gap = estimate.standard_error, estimate.gap
    return SurveyNumber(estimate.value, size, entry.withheld, error, None, gap)


def _number_of_run(entry: Mapping[str, Any]) -> SurveyNumber:
    value, size, withheld = entry["value"], entry["effective_n"], entry["withheld"]
    if entry["kind"] == "band":
        band = None if entry["low"] is None else (entry["low"], entry["high"])
        return SurveyNumber(value, size, withheld, None, band, None)
    return SurveyNumber(value, size, withheld, entry["standard_error"], None, entry["gap"])


def entries_of_run(source: RunInput, document: ResultDocument) -> Mapping[str, Any]:
    """Unit → its estimate in another round's result."""
    return {
        entry["domain_code"]: entry
        for entry in document["estimates"]
        if (entry["series"], entry["measure"], entry["code"], entry["domain"])
        == (source.series, "indicator", source.estimate, "unit")
    }


def scored_units(
    units: Sequence[Assessed], too_small: Set[str], release: Release
) -> Iterator[ScoredUnit]:
    """The units; where one of a type is too small for a rank, nobody of that type has one.

    A place among those that are left would look like a place among all.
    """
    small_types = {unit.region_type for unit in units if unit.code in too_small}
    least = release.min_effective_n_rank
    reason = Text(
        zh=f"同类中有单位的有效样本不足 {least:g}，不给名次",
        en=f"a unit of this type has an effective sample below {least:g}: no ranks in it",
    )
    for unit in units:
        unranked = reason if unit.region_type in small_types else None
        yield ScoredUnit(unit.code, unit.region_type, unranked)


def survey_covariances(
    survey: Survey,
    sources: Sequence[SurveyInput | RunInput],
    *,
    series: Sequence[Series],
    values: Sequence[IndicatorValue],
) -> Iterator[Covariance]:
    """Indicators of one unit come from the same people: their errors move together.

    `sources` are indicators of one round, `series` its samples with their weights.
    """
    certain = {(v.unit, v.indicator) for v in values if v.standard_error is not None}
    units = dict.fromkeys(value.unit for value in values)
    for one in series:
        measured = [source for source in sources if source.series == one.code]
        if one.is_opt_in or len(measured) < 2:
            continue
        by_code = indicator_values(survey, one.sample)
        for unit in units:
            inside = one.sample.unit == unit
            for a, b in combinations(measured, 2):
                if {(unit, a.indicator), (unit, b.indicator)} <= certain:
                    first, second = by_code[a.estimate], by_code[b.estimate]
                    value = covariance(one.design, first, second, domain=inside)
                    yield Covariance(unit, a.indicator, b.indicator, value)
