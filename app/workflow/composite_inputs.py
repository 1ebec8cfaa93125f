"""What goes into the composite score, gathered: this round, other rounds, official values.

A survey number enters with its uncertainty: a standard error for a sample, a sensitivity
band for opt-in answers. One that may not be shown may not score either: it enters as
missing with its reason, and the system's rule for missing values decides. So does one that
cannot say how far it may lie off: without that it would enter as if it were certain.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy.orm import Session

from app.database.results import ResultDocument, latest_published, result_of
from app.database.rounds import FrozenRound, find_round
from app.database.tables import RunRow
from app.errors import WrongState
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit
from app.stats.comparison import covariance
from app.stats.opt_in.bands import OptInEstimate
from app.stats.tables.disclosure import withhold_rank
from app.stats.tables.entries import Series, Tabulated
from app.survey.indicators import indicator_values
from app.survey.plan import Plan, Unit
from app.survey.recipe import Composite, RunInput, SurveyInput
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


@dataclass(frozen=True, slots=True)
class CompositeInputs:
    """Units, values, events and covariances, as `scoring` takes them."""

    units: tuple[ScoredUnit, ...]
    values: tuple[IndicatorValue, ...]
    events: tuple[Event, ...]
    covariances: tuple[Covariance, ...]


def find_sources(session: Session, frozen: FrozenRound) -> dict[str, RunRow]:
    """Round → its newest published run: those the composite score takes, the one repeated."""
    composite = frozen.plan.composite
    sources: dict[str, RunRow] = {}
    for source in composite.from_rounds if composite else ():
        what = f"The composite score takes {source.indicator} from round {source.round}"
        run = _published_run(session, source.round, what)
        _require_entries(source, result_of(run))
        sources[source.round] = run
    if frozen.plan.repeats is not None:
        what = f"The plan says that it repeats round {frozen.plan.repeats}"
        sources[frozen.plan.repeats] = _published_run(session, frozen.plan.repeats, what)
    return sources


def _published_run(session: Session, code: str, what: str) -> RunRow:
    published = latest_published(session, find_round(session, code).id)
    if published is None:
        raise WrongState(f"{what}, which is not published. Publish it first.")
    return published[1]


def _require_entries(source: RunInput, document: ResultDocument) -> None:
    """A name that the other round does not know must not pass for a missing value."""
    if _entries_of_run(source, document):
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


def gather_inputs(
    frozen: FrozenRound,
    series: Sequence[Series],
    estimates: Sequence[Tabulated],
    sources: Mapping[str, RunRow],
) -> CompositeInputs:
    """Gather what the plan's composite part names; `sources` are the other rounds' runs."""
    plan, composite = frozen.plan, frozen.plan.composite
    if composite is None:
        raise WrongState(f"The plan of {frozen.code} has no composite score.")
    values = [
        *_survey_values(composite, estimates, plan.units),
        *(
            value
            for source in composite.from_rounds
            for value in _values_of_run(source, result_of(sources[source.round]), plan.units)
        ),
        *_official_values(composite),
    ]
    return CompositeInputs(
        units=tuple(_scored_units(plan, _too_small(frozen, estimates, sources))),
        values=tuple(values),
        events=tuple(
            Event(e.unit, e.item, e.count, e.status, e.evidence) for e in composite.events
        ),
        covariances=tuple(_covariances(frozen, composite, series, values)),
    )


def _scored_units(plan: Plan, too_small: Set[str]) -> Iterator[ScoredUnit]:
    """The units; where one of a type is too small for a rank, nobody of that type has one.

    A place among those that are left would look like a place among all.
    """
    small_types = {unit.region_type for unit in plan.units if unit.code in too_small}
    least = plan.release.min_effective_n_rank
    reason = Text(
        zh=f"同类中有单位的有效样本不足 {least:g}，不给名次",
        en=f"a unit of this type has an effective sample below {least:g}: no ranks in it",
    )
    for unit in plan.units:
        unranked = reason if unit.region_type in small_types else None
        yield ScoredUnit(unit.code, unit.region_type, unranked)


def _too_small(
    frozen: FrozenRound, estimates: Sequence[Tabulated], sources: Mapping[str, RunRow]
) -> set[str]:
    """Units that have a survey value in the score with too small a sample for a rank."""
    plan, composite = frozen.plan, frozen.plan.composite
    if composite is None:
        return set()
    sizes = [
        (entry.domain.code, entry.estimate.n, entry.estimate.effective_n)
        for _, entry in _matching(composite, estimates)
    ]
    for source in composite.from_rounds:
        for unit, entry in _entries_of_run(source, result_of(sources[source.round])).items():
            sizes.append((unit, entry["n"], entry["effective_n"]))
    return {unit for unit, n, effective in sizes if withhold_rank(n, effective, plan.release)}


def _matching(
    composite: Composite, estimates: Sequence[Tabulated]
) -> Iterator[tuple[SurveyInput, Tabulated]]:
    for source in composite.from_survey:
        for entry in estimates:
            if (
                entry.series == source.series
                and entry.measure == "indicator"
                and entry.code == source.estimate
                and entry.domain.kind == "unit"
            ):
                yield source, entry


@dataclass(frozen=True, slots=True)
class _Entry:
    """A survey number of one unit, of this round or another, as far as a score needs it."""

    value: float | None
    withheld: str | None
    standard_error: float | None
    band: tuple[float, float] | None
    gap: str | None
    """Why its uncertainty is unknown, where it is."""


def _survey_values(
    composite: Composite, estimates: Sequence[Tabulated], units: Sequence[Unit]
) -> Iterator[IndicatorValue]:
    found = {
        (source.indicator, entry.domain.code): _entry_of(entry)
        for source, entry in _matching(composite, estimates)
    }
    for source in composite.from_survey:
        for unit in units:
            yield _value(source, unit.code, found.get((source.indicator, unit.code)))


def _values_of_run(
    source: RunInput, document: ResultDocument, units: Sequence[Unit]
) -> Iterator[IndicatorValue]:
    found = _entries_of_run(source, document)
    for unit in units:
        entry = found.get(unit.code)
        yield _value(source, unit.code, None if entry is None else _entry_of_run(entry))


def _value(source: SurveyInput | RunInput, unit: str, entry: _Entry | None) -> IndicatorValue:
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
        evidence=source.series,
    )


def _why_missing(source: SurveyInput | RunInput, entry: _Entry | None) -> Text | None:
    if entry is None or entry.value is None:
        return WHY_MISSING["no_answers"]
    if entry.withheld is not None:
        return WHY_MISSING.get(entry.withheld, NOT_SHOWN)
    if entry.gap is not None:
        # Everybody said the same: an error of zero would claim that the population does too.
        return WHY_MISSING.get(entry.gap, UNKNOWN_UNCERTAINTY)
    known = entry.band if source.series == "opt_in" else entry.standard_error
    return UNKNOWN_UNCERTAINTY if known is None else None


def _entry_of(entry: Tabulated) -> _Entry:
    estimate = entry.estimate
    if isinstance(estimate, OptInEstimate):
        band = (estimate.band.low, estimate.band.high) if estimate.band else None
        return _Entry(estimate.value, entry.withheld, None, band, estimate.no_band)
    return _Entry(estimate.value, entry.withheld, estimate.standard_error, None, estimate.gap)


def _entry_of_run(entry: Mapping[str, Any]) -> _Entry:
    value, withheld = entry["value"], entry["withheld"]
    if entry["kind"] == "band":
        band = None if entry["low"] is None else (entry["low"], entry["high"])
        return _Entry(value, withheld, None, band, None)
    return _Entry(value, withheld, entry["standard_error"], None, entry["gap"])


def _entries_of_run(source: RunInput, document: ResultDocument) -> Mapping[str, Any]:
    """Unit → its estimate in another round's result."""
    return {
        entry["domain_code"]: entry
        for entry in document["estimates"]
        if (entry["series"], entry["measure"], entry["code"], entry["domain"])
        == (source.series, "indicator", source.estimate, "unit")
    }


def _official_values(composite: Composite) -> Iterator[IndicatorValue]:
    for given in composite.values:
        yield IndicatorValue(
            given.unit,
            given.indicator,
            given.value,
            status=given.status,
            standard_error=given.standard_error,
        )


def _covariances(
    frozen: FrozenRound,
    composite: Composite,
    series: Sequence[Series],
    values: Sequence[IndicatorValue],
) -> Iterator[Covariance]:
    """Indicators of one unit come from the same people: their errors move together."""
    certain = {(v.unit, v.indicator) for v in values if v.standard_error is not None}
    for one in series:
        sources = [s for s in composite.from_survey if s.series == one.code]
        if one.is_opt_in or len(sources) < 2:
            continue
        by_code = indicator_values(frozen.survey, one.sample)
        for unit in frozen.plan.units:
            inside = one.sample.unit == unit.code
            for a, b in combinations(sources, 2):
                if {(unit.code, a.indicator), (unit.code, b.indicator)} <= certain:
                    value = covariance(
                        one.design, by_code[a.estimate], by_code[b.estimate], domain=inside
                    )
                    yield Covariance(unit.code, a.indicator, b.indicator, value)
