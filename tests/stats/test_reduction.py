"""A stream comes to what its rows come to, however it is cut into chunks."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.chunks import BLOCK_ROWS, blocks
from app.stats.coding import CodedMargin, Coding, Share
from app.stats.design import Design, simple_design
from app.stats.domain_sums import MOST_PAIRS
from app.stats.estimation import mean, proportion, total
from app.stats.families import means_of, totals_of
from app.stats.reduction import reduce_stream
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import rake

N, UNITS, DOMAINS = 2000, 30, 4
STRATA = np.arange(UNITS) // 10
ITEMS = ("q1", "q2", "q3", "content")
Columns = dict[str, np.ndarray]


def answers(seed: int) -> Columns:
    """Answers to three items; many are missing in the first, a few at the end of the third."""
    dice = np.random.default_rng(seed)
    columns = {
        "unit": dice.integers(0, UNITS - 1, N).astype(np.uint16),
        "age": dice.integers(0, 4, N).astype(np.uint8),
        "sex": dice.integers(0, 2, N).astype(np.uint8),
        "domain": dice.integers(0, DOMAINS, N).astype(np.uint8),
        "weight": dice.uniform(1, 5, N),
        "q1": dice.integers(1, 6, N).astype(float),
        "q2": dice.integers(1, 6, N).astype(np.uint8),
        "q3": dice.integers(1, 6, N).astype(float),
    }
    columns["q1"][dice.random(N) < 0.2] = np.nan
    columns["q3"][-3:] = np.nan
    columns["weight"][dice.random(N) < 0.01] = 0.0
    return columns


def a_coding(**changed) -> Coding:
    margins = (
        CodedMargin("age", {"18-34": 2000.0, "35-49": 1800.0, "50-64": 1500.0, "65+": 900.0}),
        CodedMargin("sex", {"F": 3300.0, "M": 2900.0}),
    )
    given = {
        "margins": margins,
        "domains": DOMAINS,
        "items": ("q1", "q2", "q3"),
        "centre": {"q1": 3},
        "shares": {"content": Share("q1", (4, 5))},
    }
    return Coding(STRATA, **(given | changed))


def a_design(columns: Columns, coding: Coding) -> Design:
    """The same rows in memory."""
    fpc = None
    if coding.population is not None:
        fpc = coding.population[STRATA[columns["unit"]]]
    design = simple_design(
        columns["weight"],
        stratum=STRATA[columns["unit"]].astype(str),
        psu=columns["unit"].astype(str),
        fpc=fpc,
    )
    if not coding.margins:
        return design
    return rake(
        design,
        [
            PopulationMargin(m.name, np.array(list(m.totals))[columns[m.name]], m.totals)
            for m in coding.margins
        ],
    )


def cut(columns: Columns, places: list[int]) -> list[Columns]:
    n = len(columns["unit"])
    edges = [0, *sorted(set(places)), n]
    return [{name: column[a:b] for name, column in columns.items()} for a, b in pairwise(edges)]


def fingerprint(chunks: list[Columns], coding: Coding) -> bytes:
    """All that a stream comes to, to the last bit."""
    reduced = reduce_stream(lambda: iter(chunks), coding)
    found = [
        how(reduced.frame, reduced.sums[i]) for i in ITEMS for how in (means_of, totals_of)
    ]
    return b"".join(
        column.tobytes()
        for one in found
        for column in (one.value, one.standard_error, one.design_effect, one.n)
    )


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, N - 1), max_size=6),
    st.booleans(),
    st.integers(0, 2),
)
def test_a_stream_gives_the_numbers_of_its_rows(seed, places, has_population, margins):
    columns = answers(seed)
    coding = a_coding(
        margins=a_coding().margins[:margins],
        population=np.full(3, 40.0) if has_population else None,
    )
    reduced = reduce_stream(lambda: iter(cut(columns, places)), coding)
    design = a_design(columns, coding)
    assert reduced.rows == N
    for item in ITEMS:
        means, sums = (how(reduced.frame, reduced.sums[item]) for how in (means_of, totals_of))
        for d in range(DOMAINS):
            inside = columns["domain"] == d
            if item == "content":
                published = [proportion(design, columns["q1"], values=(4, 5), domain=inside)]
            else:
                y = columns[item].astype(float)
                published = [mean(design, y, domain=inside), total(design, y, domain=inside)]
            for found, wanted in zip((means, sums), published, strict=False):
                assert found.n[d] == wanted.n
                assert found.df == wanted.df
                assert found.value[d] == pytest.approx(wanted.value, rel=1e-10)
                error = wanted.standard_error
                assert found.standard_error[d] == pytest.approx(error, rel=1e-10)
                effect = wanted.design_effect
                assert found.design_effect[d] == pytest.approx(effect, rel=1e-9)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, 65 * N - 1), max_size=12))
def test_however_a_stream_is_cut_it_gives_the_same_bits(places):
    coding = a_coding()
    columns = {name: np.tile(column, 65) for name, column in answers(1).items()}
    assert len(columns["unit"]) > BLOCK_ROWS
    assert fingerprint(cut(columns, places), coding) == fingerprint([columns], coding)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=8), st.integers(1, 30))
def test_blocks_hold_every_row_once_and_in_order(lengths, rows):
    ends = np.cumsum([0, *lengths])
    parts = [{"i": np.arange(a, b)} for a, b in pairwise(ends)]
    found = [block["i"] for block in blocks(iter(parts), rows)]
    assert np.concatenate([np.arange(0), *found]).tolist() == list(range(ends[-1]))
    assert all(len(block) == rows for block in found[:-1])
    assert all(0 < len(block) <= rows for block in found)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_moves_no_number(seed):
    columns, coding = answers(seed), a_coding()
    order = np.random.default_rng(seed).permutation(N)
    shuffled = {name: column[order] for name, column in columns.items()}
    one, other = (reduce_stream(lambda c=c: iter([c]), coding) for c in (columns, shuffled))
    for item in ITEMS:
        first, second = (means_of(found.frame, found.sums[item]) for found in (one, other))
        assert second.value == pytest.approx(first.value, rel=1e-12)
        assert second.standard_error == pytest.approx(first.standard_error, rel=1e-10)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_row_of_several_answers_is_that_many_rows(seed):
    columns, coding = answers(seed), a_coding()
    count = np.random.default_rng(seed).integers(1, 4, N)
    repeated = {name: np.repeat(column, count) for name, column in columns.items()}
    cells = columns | {"count": count}
    one, other = (reduce_stream(lambda c=c: iter([c]), coding) for c in (repeated, cells))
    for item in ITEMS:
        first, second = (means_of(found.frame, found.sums[item]) for found in (one, other))
        assert second.n.tolist() == first.n.tolist()
        assert second.value == pytest.approx(first.value, rel=1e-12)
        assert second.standard_error == pytest.approx(first.standard_error, rel=1e-10)


def test_a_country_of_many_units_and_domains_holds_only_the_pairs_that_occur():
    dice = np.random.default_rng(7)
    units, domains, n = 6000, 3000, 20_000
    unit = dice.integers(0, units, n)
    columns = answers(7) | {"unit": unit, "domain": unit // 2, "weight": dice.uniform(1, 5, n)}
    columns |= {name: np.resize(columns[name], n) for name in ("age", "sex", "q1", "q2", "q3")}
    coding = replace(a_coding(domains=domains), stratum_of=np.arange(units) // 100)
    reduced = reduce_stream(lambda: iter([columns]), coding)
    sums = reduced.sums["q2"]
    assert units * domains > MOST_PAIRS
    assert len(sums.unit) <= units
    design = simple_design(
        columns["weight"], stratum=(unit // 100).astype(str), psu=unit.astype(str)
    )
    margins = [
        PopulationMargin(m.name, np.array(list(m.totals))[columns[m.name]], m.totals)
        for m in coding.margins
    ]
    design = rake(design, margins)
    found = means_of(reduced.frame, sums)
    for d in (0, 17, 2999):
        wanted = mean(design, columns["q2"].astype(float), domain=columns["domain"] == d)
        assert found.value[d] == pytest.approx(wanted.value, rel=1e-12)
        assert found.standard_error[d] == pytest.approx(wanted.standard_error, rel=1e-10)


def test_the_same_answer_from_all_has_no_error():
    columns = answers(5)
    columns["q2"] = np.where(columns["domain"] == 1, 4, columns["q2"])
    reduced = reduce_stream(lambda: iter(cut(columns, [300, 900])), a_coding())
    found = means_of(reduced.frame, reduced.sums["q2"])
    assert found.standard_error[1] == 0.0
    assert np.isnan(found.design_effect[1])
    assert found.standard_error[0] > 0


def test_unknown_codes_and_weights_are_refused_together():
    columns = answers(3)
    columns["sex"][7], columns["weight"][8] = 9, np.nan
    columns["age"] = np.where(np.arange(N) == 9, np.nan, columns["age"])
    columns["count"] = np.where(np.arange(N) == 10, 1.5, 1.0)
    del columns["domain"]
    with pytest.raises(CannotEstimate) as refused:
        reduce_stream(lambda: iter([columns]), a_coding())
    assert str(refused.value).splitlines() == [
        "the stream has no column domain.",
        "column age holds the code nan; known are 0 to 3.",
        "column sex holds the code 9; known are 0 to 1.",
        "column weight holds what is not a number of 0 or more.",
        "column count holds what is not a whole number of 0 or more.",
    ]


def test_a_unit_alone_in_its_stratum_is_refused_by_name():
    columns = answers(4)
    strata = STRATA.copy()
    strata[0] = 3
    with pytest.raises(CannotEstimate, match="stratum 3"):
        reduce_stream(lambda: iter([columns]), Coding(strata, (), DOMAINS, ("q2",)))
    census = Coding(strata, (), DOMAINS, ("q2",), population=np.array([30.0, 30, 30, 1]))
    reduced = reduce_stream(lambda: iter([columns]), census)
    assert np.isfinite(means_of(reduced.frame, reduced.sums["q2"]).standard_error).all()


def test_margins_without_end_are_refused_before_anything_is_read():
    wide = tuple(CodedMargin(f"m{i}", {str(k): 1.0 for k in range(100)}) for i in range(4))
    with pytest.raises(CannotEstimate, match="combinations of levels"):
        reduce_stream(lambda: iter(()), a_coding(margins=wide))
