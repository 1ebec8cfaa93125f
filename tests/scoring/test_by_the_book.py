"""The array code against a slow reading of the definitions, on any small system."""

import pytest
from by_the_book import Book, rank
from by_the_book_scores import Impossible
from hypothesis import given, settings
from hypothesis import strategies as st
from small_systems import card, read, small, text

from app.errors import InputRefused
from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit

TYPES = ("town", "village")
POSITIVE = ("geometric", "harmonic", "mpi_minus", "mpi_plus")
MEANS = st.sampled_from(
    [
        *("arithmetic", "arithmetic", "geometric", "harmonic"),
        *("copeland", "copeland", "mpi_minus", "mpi_plus"),
        *({"power": power} for power in (-2.5, -1, 0, 0.5, 1, 3)),
    ]
)
FILLED = {"zero_range": {"rule": "fixed", "value": 50}}
ALWAYS_POSITIVE = [
    {"method": "minmax", "range": [1, 100], **FILLED},
    {"method": "efficacy", "base": 60, "top": 100, "bounds": "data", **FILLED},
    {"method": "efficacy_exp", "base": 60, "top": 100, "bounds": "data", **FILLED},
    {"method": "ampi", "goalposts": {"lower": -20, "upper": 20}},
    {"method": "mpi", **FILLED},
    {"method": "rank"},
    {"method": "piecewise", "points": [[2, 10], [4, 60], [8, 100]]},
]
METHODS = [
    *ALWAYS_POSITIVE,
    {"method": "minmax", "range": [0, 100]},
    {"method": "zscore", "mean": 10, "sd": 3, **FILLED},
    {"method": "goalposts", "lower": 1, "upper": 8, "scale": 1, "log": True, "clip": False},
    {"method": "goalposts", "lower": 2, "upper": 6},
    {"method": "target", "target": 5, "cap": 1.2},
    {"method": "target", "target": 5},
    {"method": "ratio_best"},
    {"method": "borda"},
    {"method": "percentile_rank"},
]
FROM_DATA = ("minmax", "zscore", "mpi", "ratio_best", "rank", "borda", "percentile_rank")


@st.composite
def methods(draw, direction, aggregate):
    """A method for an indicator right below `aggregate`."""
    below_positive = aggregate in POSITIVE or isinstance(aggregate, dict)
    method = dict(draw(st.sampled_from(ALWAYS_POSITIVE if below_positive else METHODS)))
    if below_positive and method["method"] == "mpi":
        method = {"method": "rank"}
    if method["method"] == "piecewise" and direction < 0:
        method["points"] = [[2, 100], [4, 60], [8, 10]]
    if method["method"] in FROM_DATA or method.get("bounds") == "data":
        method["reference"] = draw(st.sampled_from(["all", "type"]))
    if method["method"] == "efficacy" and draw(st.booleans()):
        ends = (2, 7) if direction > 0 else (7, 2)
        method["bounds"] = dict(zip(("unacceptable", "satisfactory"), ends, strict=True))
        method["clip"] = True
    return method


def weights(draw, first):
    ways = st.sampled_from([1, 2, 5] if first else [0, 1, 2, 5])
    return {t: draw(ways) for t in TYPES}


MISSING = st.sampled_from(
    [
        {"rule": "redistribute"},
        {"rule": "redistribute"},
        {"rule": "fixed", "value": 60},
        {"rule": "min_observed"},
        {"rule": "error"},
    ]
)


@st.composite
def systems(draw):
    """A ragged tree of up to three levels with every kind of rule."""
    found = small()
    summed = draw(st.booleans())
    shape = draw(st.sampled_from([(None,), (None, 0), (None, 0, 0), (None, 0, 1)]))
    found["nodes"], found["indicators"] = [], []
    for i, parent in enumerate(shape):
        node = {
            "code": f"n{i}",
            "name": text(f"n{i}"),
            "parent": None if parent is None else f"n{parent}",
            "aggregate": draw(MEANS),
            "min_coverage": draw(st.sampled_from([0, 0, 0.4, 0.5, 0.75])),
        }
        if parent is not None and not summed:
            node["weight"] = weights(draw, first=False)
        if parent is not None and draw(st.booleans()):
            node["if_empty"] = {"rule": "fixed", "value": draw(st.sampled_from([5, 40.5]))}
        found["nodes"].append(node)
        for k in range(draw(st.integers(1, 3))):
            found["indicators"].append(
                draw(indicators(f"i{i}{k}", node["code"], node["aggregate"]))
            )
    found["missing"] = draw(MISSING)
    if summed:
        found["node_weights"] = "sum_of_indicators"
    found["not_applicable"] = {"share": draw(st.sampled_from(["proportional", "equal"]))}
    if summed and found["not_applicable"]["share"] == "equal" and draw(st.booleans()):
        found["not_applicable"]["scope"] = "system"
    found |= draw(rules_after_the_sum(found["adjustments"]))
    return found


@st.composite
def indicators(draw, code, parent, aggregate):
    direction = draw(st.sampled_from([1, -1]))
    method = draw(methods(direction, aggregate))
    weight = weights(draw, first=code.endswith("0"))
    more = {"missing": draw(MISSING)} if draw(st.integers(0, 3)) == 0 else {}
    return card(
        code,
        parent,
        weight,
        direction=direction,
        normalise=method,
        plausible={"from": 1, "to": 9},
        **more,
    )


@st.composite
def rules_after_the_sum(draw, adjustments):
    veto = draw(st.sampled_from(["good", "fair", "poor"]))
    adjustments["items"][1]["veto_max_grade"] = veto
    adjustments["no_bonus_when_veto"] = draw(st.booleans())
    adjustments["total_cap"] = draw(st.sampled_from([{}, {"deduct": 5, "bonus": 2}]))
    if draw(st.booleans()):
        del adjustments["floor"], adjustments["ceiling"]
    rule = draw(st.sampled_from(["threshold", "quota"]))
    bounds = [{"min": 60}, {"min": 20}, {}]
    if rule == "quota":
        shares = draw(st.sampled_from([(0.3, 0.3), (0.25, 0.5), (0.5, 0.5), (0, 0.6)]))
        bounds = [{"share": share} for share in shares] + [{}]
    grade = {
        "rule": rule,
        "within": draw(st.sampled_from(["type", "all"])),
        "tie": draw(st.sampled_from(["include", "exclude"])),
        "scale": [
            {"grade": name, "name": text(name), **bound}
            for name, bound in zip(("good", "fair", "poor"), bounds, strict=True)
        ],
    }
    ties = draw(st.sampled_from(["min", "max", "average", "dense"]))
    decimals = draw(st.sampled_from([{}, {"decimals": 0}, {"decimals": 2}]))
    places = {"scope": "all", "ties": ties, **decimals}
    return {"adjustments": adjustments, "grade": grade, "rank": places}


@st.composite
def books(draw):
    system = draw(systems())
    units = [f"u{i}" for i in range(draw(st.integers(1, 7)))]
    value = st.sampled_from([*range(1, 10), *range(1, 10), "missing", "not_applicable"])
    values = {
        (unit, indicator["code"]): draw(value)
        for unit in units
        for indicator in system["indicators"]
    }
    event = st.tuples(
        st.sampled_from(units),
        st.sampled_from(["late", "fraud", "prize"]),
        st.integers(1, 4),
        st.sampled_from(["upheld", "upheld", "pending", "overturned"]),
    )
    events = draw(st.lists(event, max_size=6))
    types = {unit: draw(st.sampled_from(TYPES)) for unit in units}
    return Book(system, types, values, events)


def computed(book):
    """What the application makes of a book."""
    values = [
        IndicatorValue(unit, code, None, given)
        if isinstance(given, str)
        else IndicatorValue(unit, code, float(given))
        for (unit, code), given in book.values.items()
    ]
    return score(
        read(book.system),
        units=[ScoredUnit(unit, region_type) for unit, region_type in book.types.items()],
        values=values,
        events=[Event(*event, "a document") for event in book.events],
    )


def near(number):
    return None if number is None else pytest.approx(number, rel=1e-9, abs=1e-9)


@settings(max_examples=150)
@given(books())
def test_every_number_is_the_one_of_the_book(book):
    try:
        levels = book.levels()
    except Impossible:
        with pytest.raises(InputRefused):
            computed(book)
        return
    adjusted = {unit: book.adjusted(unit, levels.get((unit, book.root))) for unit in book.units}
    finals = {unit: found[2] for unit, found in adjusted.items()}
    overall = rank(book.system["rank"], finals)
    grades = book.grades(finals, {unit: found[3] for unit, found in adjusted.items()})
    for unit in computed(book).units:
        for step in unit.indicators:
            assert step.normalised == near(levels.get((unit.unit, step.indicator)))
        for level in unit.levels:
            assert level.score == near(levels.get((unit.unit, level.node)))
        assert (unit.deduction, unit.bonus) == near(adjusted[unit.unit][:2])
        assert unit.final == near(finals[unit.unit])
        alike = {u: y for u, y in finals.items() if book.types[u] == unit.region_type}
        assert unit.rank_in_type == rank(book.system["rank"], alike)[unit.unit]
        assert unit.rank_overall == overall[unit.unit]
        assert (unit.grade and unit.grade.grade) == grades[unit.unit]
