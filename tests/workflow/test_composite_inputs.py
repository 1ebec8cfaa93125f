"""Survey numbers enter the composite score with their uncertainty, or as missing."""

from dataclasses import dataclass

import pytest

from app.errors import InputRefused, WrongState
from app.survey.recipe import RunInput
from app.workflow.preparation import read_plan
from app.workflow.survey_values import require_entries, values_of_run
from world import DEFINITIONS, registry

SAMPLED = RunInput(indicator="gain", estimate="senses", series="probability", round="other")
OPT_IN = RunInput(indicator="gain", estimate="senses", series="opt_in", round="other")


@dataclass(frozen=True)
class SomeUnit:
    code: str


def entry(unit="u1", **changes):
    return {
        "series": "probability",
        "measure": "indicator",
        "code": "senses",
        "domain": "unit",
        "domain_code": unit,
        "n": 50,
        "value": 70.0,
        "effective_n": 45.0,
        "withheld": None,
        "kind": "interval",
        "low": 66.0,
        "high": 74.0,
        "standard_error": 2.0,
        "gap": None,
    } | changes


def taken(source, *entries):
    (value,) = values_of_run(source, {"estimates": entries}, [SomeUnit("u1")])
    return value


def test_a_sampled_number_brings_its_standard_error_and_its_evidence_class():
    value = taken(SAMPLED, entry())
    assert (value.value, value.standard_error, value.evidence) == (70.0, 2.0, "probability")
    assert (value.status, value.missing_because) == ("ok", None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gap": "no_variation", "standard_error": 0.0}, "all answers are the same"),
        ({"gap": "one_answer", "standard_error": None}, "one answer only"),
        ({"withheld": "too_few"}, "too few answers"),
        ({"value": None}, "no answers"),
        ({"domain_code": "u2"}, "no answers"),
    ],
)
def test_a_number_that_cannot_say_how_sure_it_is_is_missing_with_its_reason(changes, reason):
    value = taken(SAMPLED, entry(**changes))
    assert (value.value, value.status, value.standard_error) == (None, "missing", None)
    assert reason in value.missing_because.en


def test_an_opt_in_number_enters_with_its_band_and_without_one_not_at_all():
    found = entry(series="opt_in", kind="band")
    assert taken(OPT_IN, found).band == (66.0, 74.0)
    assert taken(OPT_IN, found).standard_error is None
    bare = taken(OPT_IN, found | {"low": None, "high": None})
    assert (bare.value, bare.status) == (None, "missing")
    assert "how far the number may lie off" in bare.missing_because.en


@pytest.mark.parametrize("change", [{"estimate": "sensez"}, {"series": "transaction"}])
def test_a_name_that_the_other_round_does_not_have_is_refused_with_what_it_has(change):
    require_entries(SAMPLED, {"estimates": [entry()]})
    wrong = SAMPLED.model_copy(update=change)
    with pytest.raises(WrongState, match=r"gain from round other.*has: senses \(probability"):
        require_entries(wrong, {"estimates": [entry()]})


def places_of(name, old, new):
    text = (DEFINITIONS / "plans" / name).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputRefused) as refused:
        read_plan(text.replace(old, new, 1), source=name, registry=registry())
    return {problem.place: problem.message for problem in refused.value.problems}


def test_a_series_feeds_an_indicator_of_its_own_evidence_class_only():
    sampled = "senses_opt_in, estimate: senses, series: opt_in"
    places = places_of(
        "demo_senses.yaml", sampled, sampled.replace(": opt_in", ": probability")
    )
    place = "composite.from_survey[0].series"
    assert place in places
    other = places_of("demo_senses.yaml", "series: probability", "series: opt_in")
    assert other == {
        "composite.from_rounds[0].series": "feeds an indicator that takes probability evidence"
    }


def test_a_series_the_round_cannot_have_is_refused():
    old = "gain, series: probability"
    places = places_of("bloomington_2017.yaml", old, "gain, series: transaction")
    assert "composite.from_survey[0].series" in places


def test_an_open_round_needs_a_place_to_answer_at():
    text = (DEFINITIONS / "plans" / "demo_senses.yaml").read_text(encoding="utf-8")
    points = text[text.index("points:\n") : text.index("# Illustrative totals")]
    assert places_of("demo_senses.yaml", points, "") == {
        "points": "are absent, so nobody can answer"
    }
