"""What goes into the composite score, gathered: this round, other rounds, official values.

A survey number enters with its uncertainty: a standard error for a sample, a sensitivity
band for opt-in answers. One that may not be shown may not score either: it enters as
missing, and the system's rule for missing values decides.
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
from app.stats.disclosure import withhold_rank
from app.stats.optin import OptInEstimate
from app.stats.tabulation import Series, Tabulated
from app.survey.indicators import indicator_values
from app.survey.plan import Plan, Unit
from app.survey.recipe import Composite, RunInput, SurveyInput
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class CompositeInputs:
    """Units, values, events and covariances, as `scoring` takes them."""

    units: tuple[ScoredUnit, ...]
    values: tuple[IndicatorValue, ...]
    events: tuple[Event, ...]
    covariances: tuple[Covariance, ...]


def find_sources(session: Session, frozen: FrozenRound) -> dict[str, RunRow]:
    """Round → its newest published run, for every other round the composite score takes."""
    composite = frozen.plan.composite
    sources: dict[str, RunRow] = {}
    for source in composite.from_rounds if composite else ():
        published = latest_published(session, find_round(session, source.round).id)
        if published is None:
            raise WrongState(
                f"The composite score takes {source.indicator} from round {source.round}, "
                "which is not published. Publish it first."
            )
        sources[source.round] = published[1]
    return sources


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
        *(_survey_value(source, entry) for source, entry in _matching(composite, estimates)),
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


def _survey_value(source: SurveyInput, entry: Tabulated) -> IndicatorValue:
    estimate, unit = entry.estimate, entry.domain.code
    if entry.withheld is not None or estimate.value is None:
        return IndicatorValue(unit, source.indicator, None, status="missing")
    if isinstance(estimate, OptInEstimate):
        band = (estimate.band.low, estimate.band.high) if estimate.band else None
        return IndicatorValue(unit, source.indicator, estimate.value, band=band)
    # Everybody said the same: an error of zero would claim that the population does too.
    error = None if estimate.gap == "no_variation" else estimate.standard_error
    return IndicatorValue(unit, source.indicator, estimate.value, standard_error=error)


def _values_of_run(
    source: RunInput, document: ResultDocument, units: Sequence[Unit]
) -> Iterator[IndicatorValue]:
    found = _entries_of_run(source, document)
    for unit in (u.code for u in units):
        entry = found.get(unit)
        if entry is None or entry["withheld"] is not None or entry["value"] is None:
            yield IndicatorValue(unit, source.indicator, None, status="missing")
        elif entry["kind"] == "band":
            band = None if entry["low"] is None else (entry["low"], entry["high"])
            yield IndicatorValue(unit, source.indicator, entry["value"], band=band)
        else:
            error = entry["standard_error"]
            yield IndicatorValue(unit, source.indicator, entry["value"], standard_error=error)


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
