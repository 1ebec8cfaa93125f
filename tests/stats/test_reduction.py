"""A stream comes to what its rows come to, however it is cut into chunks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.design import simple_design
from app.stats.estimation import mean
from app.stats.families import means_of
from app.stats.reduction import CodedMargin, Coding, reduce_stream
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import rake

N, UNITS, DOMAINS = 2000, 30, 4
STRATA = np.arange(UNITS) // 10


def answers(seed: int) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(seed)
    columns = {
        "unit": dice.integers(0, UNITS - 1, N).astype(np.uint16),
        "age": dice.integers(0, 4, N).astype(np.uint8),
        "sex": dice.integers(0, 2, N).astype(np.uint8),
        "domain": dice.integers(0, DOMAINS, N).astype(np.uint8),
        "weight": dice.uniform(1, 5, N),
        "q1": dice.integers(1, 6, N).astype(float),
        "q2": dice.integers(1, 6, N).astype(np.uint8),
    }
    columns["q1"][dice.random(N) < 0.2] = np.nan
    return columns


def a_coding(**changed) -> Coding:
    margins = (
        CodedMargin("age", {"18-34": 2000.0, "35-49": 1800.0, "50-64": 1500.0, "65+": 900.0}),
        CodedMargin("sex", {"F": 3300.0, "M": 2900.0}),
    )
    given = {"margins": margins, "domains": DOMAINS, "items": ("q1", "q2"), "centre": {"q1": 3}}
    return Coding(STRATA, **(given | changed))


def cut(columns: dict[str, np.ndarray], places: list[int]):
    edges = [0, *sorted(set(places)), N]
    return [{name: column[a:b] for name, column in columns.items()} for a, b in pairwise(edges)]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, N - 1), max_size=6))
def test_a_stream_gives_the_means_and_errors_of_its_rows(seed, places):
    columns = answers(seed)
    coding = a_coding()
    reduced = reduce_stream(lambda: iter(cut(columns, places)), coding)
    levels = [np.array(list(margin.totals)) for margin in coding.margins]
    design = rake(
        simple_design(
            columns["weight"],
            stratum=STRATA[columns["unit"]].astype(str),
            psu=columns["unit"].astype(str),
        ),
        [
            PopulationMargin(margin.name, level[columns[margin.name]], margin.totals)
            for margin, level in zip(coding.margins, levels, strict=True)
        ],
    )
    assert reduced.rows == N
    for item in coding.items:
        found = means_of(reduced.frame, reduced.sums[item])
        for d in range(DOMAINS):
            y = columns[item].astype(float)
            wanted = mean(design, y, domain=columns["domain"] == d)
            assert found.n[d] == wanted.n
            assert found.value[d] == pytest.approx(wanted.value, rel=1e-10)
            assert found.standard_error[d] == pytest.approx(wanted.standard_error, rel=1e-9)
            assert found.df == wanted.df


def test_the_same_stream_gives_the_same_bits():
    columns = answers(1)
    chunks = cut(columns, [300, 900])
    one, other = (reduce_stream(lambda: iter(chunks), a_coding()) for _ in range(2))
    first, second = (means_of(found.frame, found.sums["q1"]) for found in (one, other))
    assert first.standard_error.tobytes() == second.standard_error.tobytes()


def test_without_margins_the_weights_stay():
    columns = answers(2)
    reduced = reduce_stream(lambda: iter([columns]), a_coding(margins=()))
    found = means_of(reduced.frame, reduced.sums["q2"])
    design = simple_design(
        columns["weight"],
        stratum=STRATA[columns["unit"]].astype(str),
        psu=columns["unit"].astype(str),
    )
    wanted = mean(design, columns["q2"].astype(float), domain=columns["domain"] == 0)
    assert reduced.calibration is None
    assert found.standard_error[0] == pytest.approx(wanted.standard_error, rel=1e-9)


def test_unknown_codes_and_weights_are_refused_together():
    columns = answers(3)
    columns["sex"][7], columns["weight"][8] = 9, np.nan
    with pytest.raises(CannotEstimate) as refused:
        reduce_stream(lambda: iter([columns]), a_coding())
    assert "column sex holds the code 9; known are 0 to 1." in str(refused.value)
    assert "column weight" in str(refused.value)


def test_a_unit_alone_in_its_stratum_is_refused_by_name():
    columns = answers(4)
    strata = STRATA.copy()
    strata[0] = 3
    with pytest.raises(CannotEstimate, match="stratum 3"):
        reduce_stream(lambda: iter([columns]), Coding(strata, (), DOMAINS, ("q2",)))


def test_margins_without_end_are_refused_before_anything_is_read():
    wide = tuple(CodedMargin(f"m{i}", {str(k): 1.0 for k in range(100)}) for i in range(4))
    with pytest.raises(CannotEstimate, match="combinations of levels"):
        reduce_stream(lambda: iter(()), a_coding(margins=wide))
