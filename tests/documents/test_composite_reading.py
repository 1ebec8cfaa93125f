"""The composite score written out: the sum adds up, and no place is given that is not known."""

import pytest

from app.documents.results.result import read_result
from app.documents.scores.composites import read_composite
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit
from app.scoring.results import as_document
from app.survey.reading import read_definition
from app.survey.text import Text
from result_documents import county
from world import DEFINITIONS

UNITS = {
    "甲": {"value": 82.0, "size": 400.0},
    "乙": {"value": 60.0, "size": 400.0},
    "丙": {"value": 59.0, "size": 400.0},
}
SENSES = ("gain", "happiness", "security")


def a_system():
    path = DEFINITIONS / "systems" / "bloomington_senses.yaml"
    return read_definition(IndicatorSystem, path.read_text(encoding="utf-8"), source=path.name)


def reading_of(units=UNITS, *, event=None, unranked_because=None, language="zh-Hans"):
    system = a_system()
    codes = [f"u{i}" for i in range(len(units))]
    values = [
        IndicatorValue(
            unit=code,
            indicator=sense,
            value=unit["value"],
            standard_error=1.0,
        )
        for code, unit in zip(codes, units.values(), strict=True)
        for sense in SENSES
    ]
    scored = score(
        system,
        units=[ScoredUnit(code, "core", unranked_because) for code in codes],
        values=values,
        events=[event] if event else [],
    )
    document = county(units)
    document["composite"] = as_document(scored)
    document["system"] = system.model_dump(mode="json", by_alias=True)
    reading = read_composite(document, read_result(document, language).naming)
    assert reading is not None
    return reading


def test_the_steps_add_up_to_the_final_score():
    event = Event("u1", "overdue_replies", 1, "upheld", "记录 7 号")
    for unit in reading_of(event=event).units:
        contributions = sum(step.contribution for step in unit.steps)
        assert contributions == pytest.approx(unit.gross)
        ledger = sum(line.points for line in unit.ledger)
        assert contributions + ledger == pytest.approx(unit.final)


def test_a_deduction_is_shown_with_its_evidence_and_its_sign():
    event = Event("u1", "overdue_replies", 1, "upheld", "记录 7 号")
    (line,) = reading_of(event=event).units[1].ledger
    assert (line.evidence, line.count) == ("记录 7 号", 1)
    assert line.points < 0


def test_an_event_that_does_not_count_is_told_all_the_same():
    event = Event("u1", "overdue_replies", 1, "pending", "记录 7 号")
    unit = reading_of(event=event).units[1]
    assert unit.ledger == ()
    assert "待核实" in unit.caps[0]


def test_places_are_those_the_intervals_leave_open():
    places = [unit.places for unit in reading_of().units]
    assert places == ["同类 3 个中第 1 名", "同类 3 个中第 2–3 名", "同类 3 个中第 2–3 名"]


def test_a_unit_without_a_rank_says_why_and_has_no_place():
    because = Text(zh="同类中有单位的有效样本不足 100，不给名次", en="too small a sample")
    places = {unit.places for unit in reading_of(unranked_because=because).units}
    assert places == {because["zh-Hans"]}


def test_a_round_without_composite_has_no_reading():
    result = read_result(county({}), "en")
    assert read_composite(result.document, result.naming) is None
