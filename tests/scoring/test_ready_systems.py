"""Systems made from public documents: they say their source, and give the known numbers."""

import csv
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import carry_out
from app.scoring.inputs import IndicatorValue, ScoredUnit
from app.scoring.simulation.sensitivity import sensitivity
from app.survey.reading import read_definition
from app.survey.yaml_tree import load_tree
from app.workflow.score_file.report import Files, score_files

PROJECT = Path(__file__).parents[2]
DEFINITIONS = PROJECT / "survey_defs"
SYSTEMS = DEFINITIONS / "systems"
CASES = PROJECT / "tests" / "reference" / "compcases"
FILES = sorted(path.stem for path in SYSTEMS.glob("*.yaml"))
HDI, WANJIANG, GREEN = "hdi_2021", "wanjiang_10", "green_development_2016"
CLASSES = {
    "资源利用": 29.3,
    "环境治理": 16.5,
    "环境质量": 19.3,
    "生态保护": 16.5,
    "增长质量": 9.2,
    "绿色生活": 9.2,
}


def load(name):
    path = SYSTEMS / f"{name}.yaml"
    return read_definition(IndicatorSystem, path.read_text("utf-8"), source=path.name)


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scored(system, rows, named=None):
    """The rows of a values file under `system`; `named`: its indicators → ours."""
    return scoring_of(system, rows, named).result


def scoring_of(system, rows, named=None):
    units = dict.fromkeys(row["unit"] for row in rows)
    return carry_out(
        system,
        units=[ScoredUnit(unit, system.type_codes[0]) for unit in units],
        values=[
            IndicatorValue(
                row["unit"],
                named[row["indicator"]] if named else row["indicator"],
                float(row["value"]) if row["value"] else None,
                row.get("status") or "ok",
            )
            for row in rows
        ],
    )


def expected(case):
    return json.loads((CASES / case / "expected.json").read_text("utf-8"))


def near(wanted):
    return pytest.approx(wanted, abs=1e-7, rel=1e-9)


# What every ready system must say.


@pytest.mark.parametrize("name", FILES)
def test_every_indicator_says_what_it_is_whence_it_comes_and_in_what_it_is_counted(name):
    for card in load(name).indicators:
        for text in (card.name, card.source, card.unit):
            assert text.zh.strip()
            assert text.en.strip()
        assert card.direction in (1, -1)
        assert card.evidence in {"official", "probability", "transaction", "opt_in"}


@pytest.mark.parametrize("name", FILES)
def test_every_system_names_its_document_and_what_a_reader_must_know(name):
    system = load(name)
    assert system.note is not None
    for text in (system.note, system.effective.document):
        assert text.zh.strip()
        assert text.en.strip()


@pytest.mark.parametrize("name", FILES)
def test_chinese_is_chinese_and_english_has_none_of_it(name):
    def is_chinese(words):
        return any("\u4e00" <= letter <= "\u9fff" for letter in words)

    system = load(name)
    parts = [*system.nodes, *system.indicators, *system.types, *system.vectors]
    texts = [part.name for part in parts]
    texts += [system.title, system.note, system.effective.document]
    for text in texts:
        assert is_chinese(text.zh)
        assert not is_chinese(text.en)


@pytest.mark.parametrize("name", FILES)
def test_a_system_whose_bounds_come_from_the_data_warns_of_it(name):
    system = load(name)
    if any(card.normalise.uses_data for card in system.indicators):
        assert "W403" in system.note.zh
        assert "W403" in system.note.en


# The human development index: published values and ranks.


def test_the_191_published_human_development_indices_and_ranks_come_out():
    result = scored(load(HDI), table(DEFINITIONS / "demo" / f"{HDI}.csv"))
    published = table(CASES / "p04_hdi_2021" / "published.csv")
    assert len(published) == len(result.units) == 191
    for row in published:
        unit = result.unit(row["unit"])
        rounded = Decimal(repr(unit.final)).quantize(Decimal("0.001"), ROUND_HALF_UP)
        assert rounded == Decimal(row["published"])
        assert unit.rank_in_type == unit.rank_overall == float(row["published_rank"])


def test_the_command_gives_the_published_ranks_from_the_files_on_file():
    values = DEFINITIONS / "demo" / f"{HDI}.csv"
    found = score_files(Files(SYSTEMS / f"{HDI}.yaml", values))
    published = table(CASES / "p04_hdi_2021" / "published.csv")
    assert found["rank"] == {row["unit"]: float(row["published_rank"]) for row in published}


def test_the_human_development_index_is_the_reference_to_nine_digits_at_every_level():
    result = scored(load(HDI), table(DEFINITIONS / "demo" / f"{HDI}.csv"))
    wanted = expected("p04_hdi_2021")
    ours = {"HDI": "hdi", "HEALTH": "health", "EDU": "education", "INCOME": "income"}
    assert {unit.unit: unit.final for unit in result.units} == near(wanted["score"])
    for code, scores in wanted["levels"].items():
        found = {unit.unit: unit.level(ours[code]).score for unit in result.units}
        assert found == near(scores)


def test_the_values_that_come_with_the_index_are_those_of_the_reference():
    ours = DEFINITIONS / "demo" / f"{HDI}.csv"
    assert ours.read_bytes() == (CASES / "p04_hdi_2021" / "values.csv").read_bytes()


def test_the_licence_of_the_published_values_is_told():
    note = load(HDI).note
    assert "CC BY 3.0 IGO" in note.zh
    assert "CC BY 3.0 IGO" in note.en
    assert "not endorsed" in note.en


# The ten cities: one list under two weight vectors.


def names_of_wanjiang(system):
    """The indicators of the reference case → ours, by their order in the annex."""
    rows = table(CASES / "p05_wanjiang_two_vectors" / "values.csv")
    theirs = dict.fromkeys(row["indicator"] for row in rows)
    return dict(zip(theirs, [card.code for card in system.indicators], strict=True))


@pytest.mark.parametrize("vector", ["target", "effect"])
def test_both_vectors_of_the_ten_cities_give_the_expected_numbers(vector):
    system = load(WANJIANG).for_vector(vector)
    ours = names_of_wanjiang(system)
    result = scored(system, table(CASES / "p05_wanjiang_two_vectors" / "values.csv"), ours)
    wanted = expected("p05_wanjiang_two_vectors")["vectors"][vector]
    assert {unit.unit: unit.final for unit in result.units} == near(wanted["score"])
    assert {unit.unit: unit.rank_overall for unit in result.units} == wanted["rank"]
    for code, column in wanted["normalised"].items():
        found = {unit.unit: unit.step(ours[code]).normalised for unit in result.units}
        assert found == near(column)


def test_the_names_of_the_ten_cities_are_those_of_the_annex():
    case = (CASES / "p05_wanjiang_two_vectors" / "system.yaml").read_text("utf-8")
    theirs = [part["name"] for part in load_tree(case).value["indicators"]]
    ours = [
        card.name.zh.replace("“", "").replace("”", "") for card in load(WANJIANG).indicators
    ]
    assert ours == theirs


@pytest.mark.parametrize(("vector", "counting"), [("target", 11), ("effect", 20)])
def test_the_weights_of_a_vector_sum_to_100_and_zero_is_written_out(vector, counting):
    system = load(WANJIANG)
    weights = [system.weight(card.code, vector) for card in system.indicators]
    assert len(weights) == 20
    assert sum(weights) == 100
    assert sum(weight > 0 for weight in weights) == counting
    assert all(set(card.weight) == {"target", "effect"} for card in system.indicators)


def test_the_ten_cities_name_their_document_and_what_was_added_to_it():
    system = load(WANJIANG)
    assert "皖政办秘〔2010〕126号" in system.effective.document.zh
    assert "附件没有写明的由本方案补足" in system.note.zh
    assert "no official results" in system.note.en


# Green development: verified rules on places for indicators.


def names_of_green(system):
    """The indicators of the reference case → ours, by their order in each class."""
    rows = table(CASES / "p07_green_efficacy_missing60" / "values.csv")
    theirs = dict.fromkeys(row["indicator"] for row in rows)
    return dict(zip(theirs, [card.code for card in system.indicators], strict=True))


def test_the_rules_of_green_development_give_the_expected_numbers():
    system = load(GREEN)
    ours = names_of_green(system)
    result = scored(system, table(CASES / "p07_green_efficacy_missing60" / "values.csv"), ours)
    wanted = expected("p07_green_efficacy_missing60")
    assert {unit.unit: unit.final for unit in result.units} == near(wanted["score"])
    assert {unit.unit: unit.rank_overall for unit in result.units} == wanted["rank"]
    classes = {node.name.zh: node.code for node in system.nodes}
    for name, scores in wanted["levels"].items():
        found = {unit.unit: unit.level(classes[name]).score for unit in result.units}
        assert found == near(scores)
    for code, column in wanted["normalised"].items():
        for unit, number in column.items():
            found = result.unit(unit).step(ours[code]).normalised
            assert found == (None if number is None else near(number))


def test_the_six_classes_have_their_official_weights_and_satisfaction_has_none():
    system = load(GREEN)
    weights = {node.name.zh: system.weight(node.code, "province") for node in system.nodes[1:]}
    assert weights == near(CLASSES)
    assert system.weight("satisfaction", "province") == 0


def test_a_missing_green_indicator_keeps_its_weight_and_scores_60():
    system = load(GREEN)
    rows = table(CASES / "p07_green_efficacy_missing60" / "values.csv")
    step = scored(system, rows, names_of_green(system)).unit("省02").step("resource_use_2")
    assert (step.status, step.normalised, step.filled) == ("missing", 60, True)
    assert step.effective_weight == near(0.036625)


def test_what_does_not_apply_leaves_its_weight_in_equal_parts_inside_its_class():
    system = load(GREEN)
    rows = table(CASES / "p07_green_efficacy_missing60" / "values.csv")
    unit = scored(system, rows, names_of_green(system)).unit("省03")
    assert unit.step("resource_use_5").effective_weight == 0
    share = 3.6625 / 4
    own = [3.6625, 3.6625, 10.9875, 7.325]
    for i, weight in enumerate(own, start=1):
        step = unit.step(f"resource_use_{i}")
        assert step.effective_weight == near((weight + share) / 100)


def test_green_development_says_which_part_of_it_is_not_official():
    system = load(GREEN)
    assert "发改环资〔2016〕2635号" in system.effective.document.zh
    assert "只是占位" in system.note.zh
    assert "Not verified" in system.note.en
    for card in system.indicators[:-1]:
        assert "占位" in card.name.zh


# What the systems say of doubt can be carried out on their values.


@pytest.mark.parametrize(
    ("name", "case", "names"),
    [
        (HDI, "p04_hdi_2021", None),
        (WANJIANG, "p05_wanjiang_two_vectors", names_of_wanjiang),
        (GREEN, "p07_green_efficacy_missing60", names_of_green),
    ],
)
def test_every_alternative_of_a_system_can_be_tried_on_its_values(name, case, names):
    system = load(name)
    if system.vectors:
        system = system.for_vector("effect")
    rows = table(CASES / case / "values.csv")
    found = sensitivity(
        scoring_of(system, rows, names(system) if names else None), seed=1, base=64
    )
    stated = system.uncertainty.alternatives
    assert found.lost == 0
    for doubt in ("normalise", "aggregate", "missing"):
        tried = [shift for shift in found.shifts if shift.doubt == doubt]
        assert len(tried) == len(getattr(stated, doubt))
