"""The steps of a composite score as printed: the lines add up, or say that they do not."""

import pytest

from app.documents.scores.composites import Naming, read_composite
from app.documents.wording import measured
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit
from app.scoring.results import as_document
from app.survey.reading import read_definition
from streets import SYSTEM

EFFICACY = (
    "{method: efficacy, base: 60, top: 100, bounds: {unacceptable: 0, satisfactory: 100}}"
)
GOALPOSTS = "{method: goalposts, lower: 0, upper: 100, scale: 100}"
GEOMETRIC = SYSTEM.replace("parent: null", "parent: null, aggregate: geometric").replace(
    GOALPOSTS, EFFICACY
)
PRIZE = """\
    - code: prize
      name: {zh-Hans: 奖, en: Prize}
      kind: bonus
      family: replies
      points: 4
    - code: fraud
      name: {zh-Hans: 造假, en: Fraud}
      kind: deduct
      family: replies
      points: 1
"""


def reading(*events, text=SYSTEM, jobs=60.0, language="zh-Hans"):
    system = read_definition(IndicatorSystem, text, source="streets.yaml")
    values = [IndicatorValue("east", "jobs", jobs), IndicatorValue("east", "air", jobs)]
    scored = score(
        system, units=[ScoredUnit("east", "old")], values=values, events=list(events)
    )
    document = {
        "composite": as_document(scored),
        "system": system.model_dump(mode="json", by_alias=True),
    }
    found = read_composite(document, Naming(language, {"east": "东街"}))
    assert found is not None
    return found.units[0]


def happened(item, count):
    return Event("east", item, count, "upheld", "N 7")


def adds_up(unit):
    return unit.gross + sum(line.points for line in unit.ledger) == pytest.approx(unit.final)


def test_what_the_cap_of_a_family_spares_is_a_line_of_the_sum():
    unit = reading(happened("overdue", 4))
    assert [(line.name, line.points) for line in unit.ledger] == [
        ("逾期", -8.0),
        ("封顶，少扣", 3.0),
    ]
    assert unit.ledger[1].evidence == "办复"
    assert adds_up(unit)


def test_the_cap_of_a_bonus_and_the_cap_of_all_are_lines_too():
    text = SYSTEM.replace("  items:\n", "  total_cap: {deduct: 1, bonus: 3}\n  items:\n")
    text = text.replace("uncertainty:", PRIZE + "uncertainty:")
    unit = reading(happened("overdue", 4), happened("prize", 1), text=text)
    spared = [(line.name, line.evidence, line.points) for line in unit.ledger[2:]]
    assert ("封顶，少扣", "合计封顶", 4.0) in spared
    assert ("封顶，少加", "合计封顶", -1.0) in spared
    assert adds_up(unit)


def test_a_floor_is_a_line_where_it_holds_a_score_up():
    unit = reading(happened("overdue", 1), jobs=1.0)
    assert unit.final == 0
    assert [line.name for line in unit.ledger] == ["逾期", "得分的下限"]
    assert adds_up(unit)


def test_a_sum_says_it_is_one_and_a_geometric_mean_that_it_is_none():
    assert reading().is_sum
    unit = reading(text=GEOMETRIC)
    assert not unit.is_sum
    assert adds_up(unit)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0213, "0.0213"), (0.0208, "0.0208"), (4.385, "4.385"), (19.0, "19.00"),
        (79.2013921, "79.201"), (12345.678, "12345.68"), (0.0, "0.00"), (-0.392, "−0.392"),
        (None, "—"), (1e-9, "0.000000001"),
    ],
)  # fmt: skip
def test_a_raw_value_keeps_the_digits_that_its_score_rests_on(value, text):
    assert measured(value) == text
