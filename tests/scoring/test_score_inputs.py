"""What a score refuses to be made of: every mistake at once, with unit, value and cure."""

import math

import pytest
from small_systems import read, score_table, small, values_of

from app.errors import InputRefused
from app.scoring.index import score
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit

UNITS = [ScoredUnit("a", "town"), ScoredUnit("b", "village")]


def refused(values, *, found=None, units=UNITS, events=(), covariances=()):
    with pytest.raises(InputRefused) as told:
        score(
            read(found or small()),
            units=units,
            values=values,
            events=events,
            covariances=covariances,
        )
    return [str(problem) for problem in told.value.problems]


def value(unit="a", indicator="jobs", given=50.0, **others):
    return IndicatorValue(unit, indicator, given, **others)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (value(unit="aa"), "E202 names an unknown unit (found 'aa'). Did you mean 'a'?"),
        (value(indicator="job"), "E202 names an unknown indicator (found 'job'). Did you"),
        (value(given=math.inf), "E202 is not a finite number (found inf)"),
        (value(given=math.nan), "E202 is not a finite number (found nan)"),
        (value(given=None), "E202 has no value although its status is ok"),
        (value(status="missing"), "E202 has a value although it is missing (found 50.0)"),
        (value(evidence="opt_in"), "E202 is opt_in evidence, and the indicator takes official"),
        (
            value(given=952.0),
            "E203 jobs is outside the plausible range 0 to 100 (points) (found 952",
        ),
        (value(standard_error=-1.0), "E204 jobs has an impossible standard error (found -1.0)"),
        (value(standard_error=math.nan), "E204 jobs has an impossible standard error"),
        (
            value(band=(60.0, 70.0)),
            "E204 jobs has a band from 60 to 70 that does not contain it",
        ),
        (value(band=(60.0, 40.0)), "Give the lower end first."),
    ],
)
def test_a_bad_value_is_named_with_its_unit_and_a_cure(given, message):
    (line,) = refused([given])
    assert line.startswith(f"unit {given.unit}, indicator {given.indicator}: ")
    assert message in line


def test_a_cell_cannot_have_two_values():
    assert refused([value(), value(given=51.0)]) == [
        "unit a, indicator jobs: E202 has 2 values: 50, 51. Keep one."
    ]


def test_an_opt_in_value_cannot_carry_a_standard_error():
    found = small()
    found["indicators"][0]["evidence"] = "opt_in"
    found["opt_in_accepted"] = {"reason": {"zh-Hans": "演示", "en": "a demonstration"}}
    (line,) = refused([value(standard_error=1.0)], found=found)
    assert "E204 jobs rests on opt-in answers, which have no standard error" in line


def test_a_required_standard_error_must_be_there():
    found = small()
    found["indicators"][0]["standard_error"] = "required"
    assert (
        "E204 jobs has no standard error, which is required"
        in refused([value()], found=found)[0]
    )


def test_units_must_exist_once_and_have_a_known_region_type():
    units = [ScoredUnit("a", "town"), ScoredUnit("a", "towm")]
    assert refused([], units=units) == [
        "unit a: E202 is given 2 times. Give it once.",
        "unit a: E202 has a region type that the system does not know (found 'towm'). "
        "Did you mean 'town'?",
    ]
    assert "E202 there is no unit to score" in refused([], units=[])[0]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Event("c", "late", 1, "upheld", "paper 7"), "E301 names an unknown unit (found 'c')"),
        (Event("a", "lat", 1, "upheld", "paper 7"), "Did you mean 'late'?"),
        (
            Event("a", "late", -2, "upheld", "paper 7"),
            "E301 has an impossible count (found -2)",
        ),
        (Event("a", "late", 1, "pending", "  "), "E301 has no evidence. Name the document"),
    ],
)
def test_an_event_needs_a_unit_an_item_a_count_and_evidence(event, message):
    (line,) = refused([value()], events=[event])
    assert line.startswith(f"event 1, unit {event.unit}, item {event.item}: ")
    assert message in line


def test_a_system_without_a_ledger_takes_no_events():
    found = small()
    del found["adjustments"]
    event = Event("a", "late", 1, "upheld", "paper 7")
    assert "E301 names an unknown item" in refused([value()], found=found, events=[event])[0]


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        (Covariance("a", "jobs", "jobs", 1.0), "covariance of an indicator with itself"),
        (
            Covariance("a", "jobs", "calm", 1.0),
            "covariance of a value without a standard error",
        ),
        (
            Covariance("a", "jobs", "clean", 7.0),
            "exceeds the product of the standard errors, 6",
        ),
    ],
)
def test_a_covariance_belongs_to_two_values_with_standard_errors(covariance, message):
    values = [
        value(standard_error=2.0),
        value(indicator="clean", standard_error=3.0),
        value(indicator="calm"),
    ]
    assert message in refused(values, covariances=[covariance])[0]


def test_all_mistakes_come_at_once():
    values = [value(given=952.0), value(unit="b", standard_error=-1.0), value(unit="c")]
    events = [Event("a", "late", 0, "upheld", "")]
    assert len(refused(values, events=events)) == 5


def with_method(**method):
    found = small()
    found["indicators"][0] |= {"normalise": method, "plausible": None}
    return found


EQUAL = [value(), value(unit="b")]


@pytest.mark.parametrize(
    ("found", "values", "message"),
    [
        (
            with_method(method="minmax", range=[0, 100]),
            EQUAL,
            "indicator jobs: E201 jobs has the same value in all 2 units, so it has no range "
            "(found 50.0). Use fixed bounds, or set zero_range.",
        ),
        (
            with_method(method="minmax", range=[0, 100], reference="type"),
            EQUAL,
            "indicator jobs, type town: E201 jobs has the same value in all 1 units",
        ),
        (with_method(method="zscore"), EQUAL, "E201 jobs has the same value in all 2 units"),
        (
            with_method(method="percentile_rank"),
            [value()],
            "E201 jobs has one value only, which has no percentile rank",
        ),
        (
            with_method(method="goalposts", lower=1, upper=9, log=True),
            [value(given=0.0)],
            "E201 jobs has a value that is not positive, which goalposts cannot take, in a "
            "(found 0.0)",
        ),
        (
            with_method(method="ratio_best"),
            [value(given=-3.0), value(unit="b")],
            "E201 jobs has no ratio to the best",
        ),
        (
            with_method(
                method="efficacy_exp",
                base=1,
                top=100,
                bounds={"unacceptable": 0, "satisfactory": 1},
            ),
            [value(given=1e6)],
            "E201 jobs has a value whose efficacy_exp score is no finite number (found 1000000",
        ),
    ],
)
def test_values_a_method_cannot_take_are_refused_by_name(found, values, message):
    assert any(message in line for line in refused(values, found=found))


def test_a_zero_range_rule_gives_everybody_its_value():
    found = with_method(
        method="minmax", range=[0, 100], zero_range={"rule": "fixed", "value": 80}
    )
    result = score(read(found), units=UNITS, values=EQUAL)
    assert [unit.step("jobs").normalised for unit in result.units] == [80, 80]


def test_a_gap_where_the_system_allows_none_is_refused():
    found = small()
    found["indicators"][0]["missing"] = {"rule": "error"}
    (line,) = refused([value(), value(unit="b", given=None, status="missing")], found=found)
    assert line.startswith("unit b, indicator jobs: E205 jobs is missing")


@pytest.mark.parametrize("rule", ["error", "min_observed"])
def test_a_gap_of_weight_zero_is_no_error(rule):
    found = small()
    found["indicators"][1] |= {
        "missing": {"rule": rule},
        "weight": {"town": 0, "village": 0},
    }
    table = {"a": {"jobs": 50.0, "calm": 60.0}}
    assert score_table(found, table).unit("a").gross == pytest.approx(54)


def test_the_lowest_score_of_nobody_cannot_be_taken():
    found = small()
    found["missing"] = {"rule": "min_observed"}
    values = values_of({"a": {"jobs": 1.0, "clean": 2.0, "calm": None}})
    assert any(
        "E205 calm: no unit has a value" in line for line in refused(values, found=found)
    )


def test_a_score_a_geometric_mean_cannot_take_is_refused_with_its_unit():
    found = small()
    found["nodes"][0]["aggregate"] = "geometric"
    values = values_of({"a": {"jobs": 1.0, "clean": 0.0, "calm": 0.0}})
    assert (
        "unit a, class life, node all: E106 has a score the geometric mean cannot take "
        "(found 0.0). Use a normalisation with a base above 0, or the arithmetic mean."
    ) in refused(values, found=found)
