"""The README of definitions tells the truth of systems: keys, example, worked ledger."""

import csv
from pathlib import Path

import pytest

from app.scoring.definition.cards import IndicatorCard, MissingRule, Node, NotApplicableRule
from app.scoring.definition.doubts import Alternatives, PerceptionGap, Uncertainty
from app.scoring.definition.rules import AdjustmentItem, Adjustments, GradeRule, RankRule
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit
from app.survey.reading import read_definition

DEFINITIONS = Path(__file__).parents[2] / "survey_defs"
SYSTEMS = DEFINITIONS / "systems"
MODELS = (
    *(
        IndicatorSystem,
        Node,
        IndicatorCard,
        MissingRule,
        NotApplicableRule,
        GradeRule,
        RankRule,
    ),
    *(Adjustments, AdjustmentItem, Uncertainty, Alternatives, PerceptionGap),
)


def table(name):
    with (DEFINITIONS / "demo" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else None


def demonstration():
    """The invented counties that come with the demonstration system, scored."""
    text = (SYSTEMS / "demo_hqd.yaml").read_text(encoding="utf-8")
    values = table("demo_hqd.csv")
    types = {row["unit"]: row["region_type"] for row in values}
    return score(
        read_definition(IndicatorSystem, text, source="demo_hqd.yaml"),
        units=[ScoredUnit(*pair) for pair in types.items()],
        values=[
            IndicatorValue(
                row["unit"],
                row["indicator"],
                number(row["value"]),
                row["status"],
                standard_error=number(row["standard_error"]),
                band=(float(row["low"]), float(row["high"])) if row["low"] else None,
                effective_n=number(row["effective_n"]),
            )
            for row in values
        ],
        events=[
            Event(**{**row, "count": int(row["count"])}) for row in table("demo_hqd_events.csv")
        ],
    )


def test_the_invented_counties_are_scored_and_ranked_inside_four_region_types():
    result = demonstration()
    assert len(result.units) == 12
    by_type = {}
    for unit in result.units:
        by_type.setdefault(unit.region_type, []).append(unit.rank_in_type)
        assert sum(step.contribution for step in unit.indicators) == pytest.approx(unit.gross)
        assert unit.standard_error.value > 0
    assert {name: sorted(places) for name, places in by_type.items()} == {
        code: [1, 2, 3]
        for code in ("urban_core", "key_development", "agricultural", "ecological")
    }
    forged = result.unit("county-06")
    assert (forged.grade.grade, forged.grade.without_veto) == ("fair", "good")
    assert result.unit("county-08").step("patents").normalised == 60
    assert result.unit("county-07").step("foreign_investment").effective_weight == 0


def test_the_worked_ledger_of_the_readme_is_what_the_program_does():
    ledger = demonstration().unit("county-02").ledger
    items = {item.item: item.total for item in ledger.items}
    finding = items["inspection_finding"]
    assert (finding.points, finding.counted) == (pytest.approx(2.1), 1.5)
    assert items["public_exposure"].counted == 4.5
    assert items["larger_accident"].counted == 3
    families = [family for family in ledger.deduction.families if family.points]
    assert [(family.points, family.counted) for family in families] == [(6, 5), (3, 3)]
    assert ledger.deduction.total.counted == 8
    assert finding.swallowed + families[0].swallowed == pytest.approx(1.6)


def of_systems():
    """The README's section on systems."""
    text = (DEFINITIONS / "README.md").read_text(encoding="utf-8")
    return text[text.index("\n## A system\n") :]


def test_the_small_system_of_the_readme_can_be_read_and_scored():
    text = of_systems().split("```yaml\n")[1].split("```")[0]
    system = read_definition(IndicatorSystem, text, source="README.md")
    values = [IndicatorValue("a", "waste", 90.0)]
    assert score(system, units=[ScoredUnit("a", "town")], values=values).units[0].gross == 75


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_readme_names_every_key(model):
    section = of_systems()
    keys = [field.alias or name for name, field in model.model_fields.items()]
    assert [key for key in keys if f"`{key}`" not in section] == []


def test_the_readme_lists_every_system_on_file():
    listed = of_systems().split("### The systems here")[1]
    assert {
        path.stem for path in SYSTEMS.glob("*.yaml") if f"- `{path.stem}`" not in listed
    } == set()
