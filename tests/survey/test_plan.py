"""What a round's plan may not say although every key of it is sound."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_examples import DEFINITIONS

from app.errors import InputRefused
from app.survey.plan import Plan
from app.survey.reading import read_definition

PLAN = """\
schema: minxin-plan/1
code: small-round
title: {zh-Hans: 小调查, en: Small round}
survey: small@1
organiser: {name: {zh-Hans: 办公室, en: Office}}
population: {zh-Hans: 居民, en: Residents}
evidence_class: probability
pooled: {classes: [probability, opt_in], reason: {zh-Hans: 理由, en: A reason}}
window: {opens: '2026-03-01T08:00:00', closes: '2026-03-15T18:00:00', time_zone: Asia/Shanghai}
regions:
  - {code: city, name: {zh-Hans: 市, en: City}}
  - {code: east, name: {zh-Hans: 东, en: East}, parent: city}
units:
  - {code: u1, name: {zh-Hans: 甲, en: A}, region: east, region_type: urban, population: 600}
  - {code: u2, name: {zh-Hans: 乙, en: B}, region: city, region_type: rural, population: 400}
points:
  - {code: p1, name: {zh-Hans: 一号窗口, en: Window 1}, unit: u1}
margins:
  - {variable: gender, totals: {'1': 480, '2': 520}}
  - {variable: age, totals: {'1': 300, '2': 700}}
weighting:
  - {kind: base}
  - {kind: rake, margins: [gender, age]}
screening:
  speed: {share_of_median: 0.33, influence: 0.5}
screening_note: {zh-Hans: 说明, en: A note}
release: {min_n: 30, min_effective_n: 30, min_effective_n_rank: 100, min_cell: 5}
composite:
  system: demo@1
  from_survey:
    - {indicator: gain, estimate: gain, series: probability}
  from_rounds:
    - {indicator: air, estimate: air, series: probability, round: other-round}
  values:
    - {unit: u1, indicator: roads, value: 70}
    - {unit: u2, indicator: roads, status: missing}
  values_source: {zh-Hans: 来源, en: A source}
  events:
    - {unit: u1, item: overdue, count: 1, status: upheld, evidence: a letter}
seed: 7
"""


def read_plan(text: str) -> Plan:
    return read_definition(Plan, text, source="plan.yaml")


def places_of(text: str) -> dict[str, str]:
    with pytest.raises(InputRefused) as refused:
        read_plan(text)
    assert all(problem.line for problem in refused.value.problems)
    return {problem.place: problem.message for problem in refused.value.problems}


def complaint(old: str, new: str) -> dict[str, str]:
    assert old in PLAN
    return places_of(PLAN.replace(old, new, 1))


def test_the_window_is_wall_clock_time_in_its_zone_start_included_end_not():
    window = read_plan(PLAN).window
    assert window.start.astimezone(UTC) == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    assert window.contains(datetime(2026, 3, 1, 0, 0, tzinfo=UTC))
    assert not window.contains(datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC))
    assert window.contains(datetime(2026, 3, 15, 9, 59, 59, tzinfo=UTC))
    assert not window.contains(datetime(2026, 3, 15, 10, 0, tzinfo=UTC))


def test_a_window_must_have_a_known_zone_and_end_after_it_starts():
    assert "window.time_zone" in complaint("Asia/Shanghai", "Asia/Shang-hai")
    assert "window.closes" in complaint("2026-03-15T18", "2026-02-15T18")
    assert "window.closes" in complaint("2026-03-15T18:00:00", "2026-03-01T08:00:00")
    assert "window.opens" in complaint("08:00:00", "08:00:00+08:00")
    assert "window.opens" in complaint("2026-03-01T08", "2026-02-30T08")


def test_regions_form_a_tree():
    assert "regions[1].parent" in complaint("parent: city", "parent: town")
    assert "regions[1].parent" in complaint("parent: city", "parent: east")
    cycle = "{code: city, name: {zh-Hans: 市, en: City}, parent: east}"
    places = complaint("{code: city, name: {zh-Hans: 市, en: City}}", cycle)
    assert {"regions[0].parent", "regions[1].parent"} <= places.keys()


def test_every_reference_inside_a_plan_must_be_defined():
    for old, new, place in [
        ("region: east,", "region: west,", "units[0].region"),
        ("unit: u1}", "unit: u9}", "points[0].unit"),
        ("margins: [gender, age]", "margins: [gender, ages]", "weighting[1].margins[1]"),
        ("{unit: u2, indicator", "{unit: u3, indicator", "composite.values[1].unit"),
        ("{unit: u1, item", "{unit: u3, item", "composite.events[0].unit"),
    ]:
        assert complaint(old, new)[place].endswith("that is not defined")


def test_codes_are_not_used_twice():
    assert "units[1].code" in complaint("code: u2", "code: u1")
    assert "regions[1].code" in complaint("code: east", "code: city")
    assert "margins[1].variable" in complaint("variable: age", "variable: gender")


def test_weights_start_once_and_first():
    steps = "  - {kind: base}\n  - {kind: rake, margins: [gender, age]}\n"
    only_rake = complaint(steps, "  - {kind: rake, margins: [gender, age]}\n")
    assert only_rake["weighting[0].kind"] == "adjusts weights that do not exist yet"
    twice = complaint(steps, "  - {kind: base}\n  - {kind: given, source: x}\n")
    assert twice["weighting[1].kind"] == "starts the weights again"


def test_base_weights_need_the_population_of_every_unit():
    old = "region: city, region_type: rural, population: 400"
    places = complaint(old, "region: city, region_type: rural")
    assert list(places) == ["units[1].population"]
    assert read_plan(
        PLAN.replace(old, "region: city, region_type: rural").replace(
            "{kind: base}", "{kind: given, source: the vendor}"
        )
    )


def test_a_place_inside_a_step_is_named_as_it_stands_in_the_file():
    places = complaint("- {kind: base}", "- {kind: given}")
    assert "weighting[0].source" in places
    assert "weighting[0].sorce" in complaint("- {kind: base}", "- {kind: base, sorce: x}")


def test_margins_are_positive_and_speak_of_one_population():
    assert "margins[1].totals" in complaint("'1': 300, '2': 700", "'1': 300, '2': 600")
    assert "margins[1].totals.1" in complaint("'1': 300, '2': 700", "'1': 0, '2': 1000")
    assert read_plan(PLAN.replace("'1': 300, '2': 700", "'1': 333.25, '2': 666.75"))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("gain, series: probability", "gain, series: opt_in", "from_survey[0].series"),
        ("air, series: probability", "air, series: opt_in", "from_rounds[0].series"),
    ],
)
def test_opt_in_answers_enter_the_composite_only_with_a_reason(old, new, place):
    text = PLAN.replace(old, new, 1)
    assert f"composite.{place}" in places_of(text)
    reason = "  opt_in_accepted: {zh-Hans: 理由, en: A reason}\n"
    assert read_plan(text.replace("composite:\n", "composite:\n" + reason))


@pytest.mark.parametrize("name", ["gain", "air"])
def test_a_pooled_series_never_enters_the_composite(name):
    field = {"gain": "from_survey", "air": "from_rounds"}[name]
    pooled = PLAN.replace(f"{name}, series: probability", f"{name}, series: pooled")
    reason = "composite:\n  opt_in_accepted: {zh-Hans: 理由, en: A reason}\n"
    places = places_of(pooled.replace("composite:\n", reason))
    assert list(places) == [f"composite.{field}[0].series"]
    assert "may not enter a composite score" in places[f"composite.{field}[0].series"]


def test_two_computed_sources_of_one_indicator_are_refused():
    from_rounds = complaint("{indicator: air, estimate", "{indicator: gain, estimate")
    assert from_rounds == {"composite.from_rounds[0].indicator": "is computed already"}
    one = "    - {indicator: gain, estimate: gain, series: probability}\n"
    assert complaint(one, one * 2) == {
        "composite.from_survey[1].indicator": "is computed already"
    }


def test_what_is_named_twice_where_two_are_needed_is_refused():
    rake = complaint("margins: [gender, age]", "margins: [gender, gender]")
    assert rake == {"weighting[1].margins[1]": "is named twice"}
    classes = complaint("[probability, opt_in]", "[opt_in, opt_in]")
    assert classes == {"pooled.classes[1]": "is named twice"}


def test_a_place_needs_no_fewer_answers_than_a_mean():
    places = complaint("min_effective_n_rank: 100", "min_effective_n_rank: 29")
    assert places == {"release.min_effective_n_rank": "is below min_effective_n, 30"}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("seed: 7", f"seed: {2**31}", "seed"),
        ("population: 600", "population: 2000000001", "units[0].population"),
        ("code: small-round", f"code: {'a' * 101}", "code"),
        ("code: p1", f"code: {'a' * 101}", "points[0].code"),
        ("code: u2", f"code: {'a' * 101}", "units[1].code"),
        ("'1': 480", "'1': 1.0e+13", "margins[0].totals.1"),
        ("'1': 480", "'1': .inf", "margins[0].totals.1"),
    ],
)
def test_numbers_and_codes_fit_where_they_are_kept(old, new, place):
    assert place in complaint(old, new)


def test_an_indicator_of_the_composite_has_one_source():
    old = "{unit: u1, indicator: roads, value: 70}"
    place = "composite.values[0].indicator"
    assert (
        complaint(old, "{unit: u1, indicator: gain, value: 70}")[place] == "is computed already"
    )
    assert (
        complaint(old, "{unit: u1, indicator: air, value: 70}")[place] == "is computed already"
    )
    place = "composite.values[1].indicator"
    assert (
        complaint("{unit: u2, indicator", "{unit: u1, indicator")[place]
        == "is given twice for u1"
    )


def test_a_value_has_a_number_or_says_why_it_has_none():
    assert "composite.values[0].value" in complaint("value: 70", "status: ok")
    assert "composite.values[1].value" in complaint(
        "status: missing", "status: missing, value: 1"
    )
    source = "  values_source: {zh-Hans: 来源, en: A source}\n"
    assert "composite.values_source" in complaint(source, "")


def test_influence_and_shares_stay_within_their_bounds():
    assert "screening.speed.influence" in complaint("influence: 0.5", "influence: 1.5")
    assert "screening.speed.share_of_median" in complaint("0.33", "1")
    assert "seed" in complaint("seed: 7", "seed: -7")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_plan_cut_or_changed_anywhere_is_read_or_refused(data):
    text = (DEFINITIONS / "plans" / "demo_senses.yaml").read_text(encoding="utf-8")
    text = data.draw(st.sampled_from([PLAN, text[: text.index("  values:\n")]]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    inserted = data.draw(st.text(alphabet="ab: {}[]-\n'\"#01.é中", max_size=8))
    problems: tuple[object, ...] = ()
    try:
        read_plan(text[:start] + inserted + text[end:])
    except InputRefused as refused:
        problems = refused.problems
    assert all(str(problem) for problem in problems)
