"""Every validation, read as its victim reads it, in Chinese and in English.

`complaints_as_read.yaml` holds what must be read, one entry for each complaint of the table;
`provocations` holds the mistake that brings it about.
"""

import ast
import re
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from provocations import (
    PROVOCATIONS,
    SURVEYED,
    doubts,
    efficacy,
    gap,
    indicator,
    named,
    node,
    normalise,
    said,
    told,
    told_of_inputs,
    value,
    weight,
)
from small_systems import read, score_table, text

from app.errors import InputRefused
from app.scoring.complaints.table import COMPLAINTS, complain
from app.scoring.definition.system import IndicatorSystem
from app.scoring.explanation.warnings import warnings
from app.scoring.index import carry_out, score
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit
from app.survey.reading import read_definition
from app.survey.text import Text

HERE = Path(__file__).parent
AS_READ = yaml.safe_load((HERE / "complaints_as_read.yaml").read_text(encoding="utf-8"))
CODES = (
    *(f"E10{n}" for n in range(1, 7)),
    *(f"E20{n}" for n in range(1, 6)),
    *("E301", "E302", "W401", "W402", "W403"),
)


@pytest.mark.parametrize("key", COMPLAINTS)
def test_its_victim_reads_what_is_wrong_where_and_what_would_cure_it(key):
    read_by_victims = [(problem.in_chinese, str(problem)) for problem in PROVOCATIONS[key]()]
    assert (AS_READ[key]["zh"], AS_READ[key]["en"]) in read_by_victims


def test_every_code_of_the_table_of_validations_has_a_complaint_that_is_read():
    assert set(AS_READ) == set(PROVOCATIONS) == set(COMPLAINTS)
    assert set(CODES) == {told.code for told in COMPLAINTS.values()} - {""}


@pytest.mark.parametrize("key", COMPLAINTS)
def test_a_complaint_is_whole_in_both_languages(key):
    one = COMPLAINTS[key]
    assert re.search(r"[\u4e00-\u9fff]", one.chinese)
    assert not re.search(r"[\u4e00-\u9fff]", one.message + one.cure)
    assert re.search(r"(。|？|\})$", one.chinese)
    assert re.search(r"请|\{near\}", one.chinese), "the cure is missing"
    assert re.search(r"(\.|\?|\})$", one.cure)


def facts_of(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("key", COMPLAINTS)
def test_neither_language_knows_the_name_of_something_the_other_does_not(key):
    one = COMPLAINTS[key]
    english = facts_of(one.message) | facts_of(one.cure)
    # The unit and the value stand in English before and behind the message.
    beside = {"value", "unit", "indicator", "item", "n", "pair", "count", "status", "given"}
    assert english - facts_of(one.chinese) - {"group", "near"} == set()
    assert (
        facts_of(one.chinese) - english - beside - {"method", "units", "kind", "limit"} == set()
    )


def test_every_complaint_that_the_code_makes_is_in_the_table_and_none_is_idle():
    made = set()
    for path in (HERE.parents[1] / "app" / "scoring").rglob("*.py"):
        if path.parent.name == "complaints":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        made |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    assert set(COMPLAINTS) <= made


def test_a_fact_that_was_forgotten_is_no_silent_gap():
    with pytest.raises(KeyError):
        complain("weight_absent", "nodes[1].weight")


def test_every_mistake_of_a_file_comes_at_once_in_chinese_with_its_line():
    found = named()
    for bend in (
        weight("nodes", 2, village=53),
        weight("indicators", 1, vilage=3),
        indicator(2, evidence="opt_in"),
        efficacy(80, 20),
        doubts(top=[0]),
        gap("works", "calm"),
    ):
        bend(found)
    found["grade"]["scale"][1]["min"] = 90
    written = yaml.safe_dump(found, sort_keys=False, allow_unicode=True)
    with pytest.raises(InputRefused) as refused:
        read_definition(IndicatorSystem, written, source="体系.yaml")
    lines = written.splitlines()
    assert [lines[(p.line or 0) - 1].strip() for p in refused.value.problems] == [
        "weights_sum_to: 100",
        "normalise:",
        "vilage: 3",
        "weight:",
        "min: 90",
        "- 0",
        "objective: works",
    ]
    chinese = refused.value.in_chinese.splitlines()
    assert chinese[0] == "共 7 处问题："
    assert all(re.match(r"  体系\.yaml:\d+: .*[\u4e00-\u9fff]", line) for line in chinese[1:])
    codes = [re.search(r"[EW]\d{3}", line) for line in chinese[1:]]
    assert [found and found[0] for found in codes] == [
        *("E101", "E105", "E102", "E104", "E302"),
        *(None, "E103"),
    ]


def test_every_mistake_of_the_inputs_comes_at_once_in_both_languages():
    told = told_of_inputs(
        [value(952.0), value("x", code="clean"), value(unit="B县", standard_error=-1.0)],
        events=[Event("B县", "late", 0, "upheld", "")],
        covariances=[Covariance("A县", "jobs", "clean", 1.0)],
    )
    assert [problem.message[:4] for problem in told] == [
        *("E203", "E202", "E204", "E301", "E301"),
        "E204",
    ]
    for problem in told[:3]:
        assert re.match(r"E20\d 单位“.县”的指标“", problem.in_chinese)


def test_weights_of_vectors_are_checked_as_those_of_region_types_are():
    found = named()
    found["vectors"] = found.pop("types")
    assert read(found).type_codes == ("town", "village")
    found["nodes"][2]["weight"]["village"] = 53
    del found["indicators"][0]["weight"]["town"]
    with pytest.raises(InputRefused) as refused:
        read(found)
    assert "“总分”（all）在权重向量“生态功能区”（village）下权重合计 98" in str(
        refused.value.in_chinese
    )
    assert "Employment (jobs) has no weight for the vector Town (town)" in str(refused.value)


@given(off=st.decimals("-40", "40", places=6))
def test_what_is_to_be_added_or_taken_off_makes_the_weights_sum(off):
    found = named()
    found["nodes"][2]["weight"]["village"] = float(55 + off)
    problems = told([said(nodes=found["nodes"])])
    if off == 0:
        assert problems == []
        return
    (problem,) = problems
    verb, _, amount = problem.cure.rstrip(".").rpartition(" ")
    assert verb == ("Add" if off < 0 else "Take off")
    assert Decimal(amount) == abs(off)
    assert f"请{'补足' if off < 0 else '减去'} {amount}。" in problem.chinese


def test_summed_weights_are_added_up_before_they_are_compared_with_their_total():
    found = named()
    found["node_weights"] = "sum_of_indicators"
    for part in found["nodes"][1:]:
        del part["weight"]
    with pytest.raises(InputRefused) as refused:
        read(found)
    assert [p.cure for p in refused.value.problems] == ["Add 95.", "Add 95."]


def test_opt_in_answers_may_weigh_where_the_reason_is_stated():
    reason = {"reason": {"zh-Hans": "演示体系", "en": "a demonstration"}}
    assert told([indicator(2, evidence="opt_in"), said(opt_in_accepted=reason)]) == []


@pytest.mark.parametrize(
    ("mean", "lowest", "refused"),
    [
        ("arithmetic", -5, False),
        ("copeland", -5, False),
        ("mpi_minus", -5, False),
        ("mpi_plus", 0, False),
        ({"power": 1}, -5, False),
        ({"power": 0.5}, 0, False),
        ({"power": 3}, -5, True),
        ({"power": 0}, 0, True),
        ({"power": 0}, 1, False),
        ({"power": -1}, 0, True),
        ("geometric", 0, True),
        ("harmonic", 0, True),
        ("harmonic", 1, False),
    ],
)
def test_each_mean_takes_the_scores_it_is_defined_for(mean, lowest, refused):
    found = told([node(1, aggregate=mean), normalise("minmax", range=[lowest, 100])])
    assert [problem.message[:4] for problem in found] == (["E106"] if refused else [])


@pytest.mark.parametrize(
    "bend",
    [
        normalise("mpi"),
        normalise("mpi", direction=-1),
        normalise("ampi", goalposts={"lower": 2, "upper": 9}),
        normalise("piecewise", points=[[0, 0], [5, 100], [9, 20]]),
        indicator(0, treat={"method": "percentile", "lower": 0.1, "upper": 0.9}),
        indicator(0, treat={"method": "skew_kurt"}),
    ],
)
def test_what_is_sound_is_not_complained_of(bend):
    assert told([bend]) == []


def test_standard_scores_of_equal_values_have_no_range():
    problem = told_of_inputs([value(), value(unit="B县")], normalise("mpi"))[0]
    assert "E201 指标“就业率”（jobs）在全部 2 个单位上都等于 50" in problem.in_chinese


@pytest.mark.parametrize(
    ("alternatives", "place", "words"),
    [
        (
            {"normalise": [{"method": "minmax", "range": [9, 1]}]},
            "uncertainty.alternatives.normalise[0]",
            "E105 第 1 个备选归一方法用于指标“就业率”（jobs）、“环境满意度”（clean）、",
        ),
        (
            {"missing": [{"rule": "error"}, {"rule": "fixed"}]},
            "uncertainty.alternatives.missing[1]",
            "第 2 个备选缺失规则的缺失规则 fixed 没有写分值",
        ),
    ],
)
def test_an_alternative_that_contradicts_itself_is_refused(alternatives, place, words):
    (problem,) = told([doubts(alternatives=alternatives)])
    assert problem.place == place
    assert words in problem.in_chinese


def test_an_alternative_mean_that_no_values_allow_is_refused_with_the_reason():
    alternatives = {"aggregate": ["geometric"]}
    bends = [normalise("minmax", range=[0, 100]), doubts(alternatives=alternatives)]
    (problem,) = told(bends)
    assert problem.place == "uncertainty.alternatives.aggregate[0]"
    assert "“就业”（work）采用几何平均，要求得分大于 0" in problem.in_chinese
    assert "指标“就业率”（jobs）的得分可低至 0" in problem.in_chinese
    # Goalposts reach 0 only where a value does; that is told when it is tried.
    assert told([doubts(alternatives=alternatives)]) == []


def test_an_alternative_method_that_the_own_mean_cannot_take_is_refused():
    every = [normalise("minmax", i, range=[1, 100]) for i in range(3)]
    alternatives = {"normalise": [{"method": "zscore"}]}
    bends = [*every, node(1, aggregate="harmonic"), doubts(alternatives=alternatives)]
    (problem,) = told(bends)
    assert problem.place == "uncertainty.alternatives.normalise[0]"
    assert "“就业”（work）采用调和平均" in problem.in_chinese


def surveyed(unit, size, **others):
    return IndicatorValue(
        unit,
        "jobs",
        50.0,
        standard_error=2.0,
        effective_n=size,
        evidence="probability",
        **others,
    )


def test_too_few_answers_do_not_matter_where_nothing_is_ranked_by_them():
    because = text("样本不足")
    found = named()
    SURVEYED(found)
    unranked = [ScoredUnit("A县", "town", Text.model_validate(because))]
    assert score(read(found), units=unranked, values=[surveyed("A县", 64.0)]).units
    found["indicators"][0]["weight"] = {"town": 0, "village": 1}
    found["nodes"][1]["weight"] = {"town": 0, "village": 45}
    found["nodes"][2]["weight"] = {"town": 100, "village": 55}
    ranked = [ScoredUnit("A县", "town")]
    assert score(read(found), units=ranked, values=[surveyed("A县", 64.0)]).units


def test_covariances_may_tie_any_indicators_of_two_units():
    found = named()
    values = [
        IndicatorValue(unit, code, 50.0, standard_error=2.0)
        for unit in ("A县", "B县")
        for code in ("jobs", "clean")
    ]
    units = [ScoredUnit("A县", "town"), ScoredUnit("B县", "village")]
    tied = [
        Covariance("A县", "jobs", "clean", 1.0),
        Covariance("A县", "jobs", "jobs", -4.0, other_unit="B县"),
        Covariance("A县", "jobs", "clean", 1.0, other_unit="B县"),
    ]
    score(read(found), units=units, values=values, covariances=tied)
    again = Covariance("B县", "clean", "jobs", 1.0, other_unit="A县")
    with pytest.raises(InputRefused) as refused:
        score(read(found), units=units, values=values, covariances=[*tied, again])
    assert "的协方差给出了不止一次" in refused.value.in_chinese


def test_a_unit_without_a_whole_class_is_unranked_and_told_which():
    found = named()
    found["nodes"][0]["min_coverage"] = 0.7
    table = {"A县": {"jobs": None, "clean": 5.0, "calm": 6.0}}
    unit = score_table(found, table).unit("A县")
    assert unit.rank_in_type is None
    assert unit.unranked_because.zh == "数据不足，不计总分（缺：就业）"
    assert unit.unranked_because.en == "too little is known for a score (nothing on Work)"


def test_a_file_of_another_year_with_thousands_of_unknown_units_is_refused_quickly():
    values = [value(unit=f"县{i:05d}") for i in range(3000)]
    units = [ScoredUnit(f"旧{i:05d}", "town") for i in range(500)]
    told = told_of_inputs(values, units=units)
    assert len(told) == 3000
    assert "已有：旧00000、旧00001、" in told[-1].in_chinese


def test_few_units_are_no_ground_for_hints_about_correlation():
    found = named()
    units = [ScoredUnit(f"u{i}", "town") for i in range(6)]
    values = [
        IndicatorValue(unit.code, code, 50.0 + sign * i)
        for i, unit in enumerate(units)
        for code, sign in (("jobs", 1), ("clean", 1), ("calm", -1))
    ]
    assert warnings(carry_out(read(found), units=units, values=values)) == ()
