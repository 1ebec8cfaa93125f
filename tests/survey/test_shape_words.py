"""What pydantic says of a shape is said in our words, with a cure."""

import pytest

from app.errors import InputRefused
from app.workflow.preparation import read_plan
from world import TOWN_PLAN, registry


@pytest.mark.parametrize(
    ("old", "new", "place", "cure"),
    [
        (
            "closes: '2027-01-01T00:00:00'",
            "closes: 'soon'",
            "window.closes",
            "2026-11-22T08:30",
        ),
        ("closes: '2027-01-01T00:00:00'", "closes: ''", "window.closes", "2026-11-22"),
        ("population: 900", "population: -900", "units[0].population", "must be"),
    ],
)
def test_a_mistake_of_shape_has_a_cure(old, new, place, cure):
    text = TOWN_PLAN.replace(old, new, 1)
    with pytest.raises(InputRefused) as refused:
        read_plan(text, source="town.yaml", registry=registry())
    problem = next(p for p in refused.value.problems if p.place == place)
    assert cure in problem.cure
    assert "input" not in problem.message
