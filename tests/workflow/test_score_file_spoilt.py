"""Whatever is spoilt in a case or its tables, there is an answer or a refusal: no traceback."""

import copy
import json
import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_case import CASE, EVENTS, HEADER, ROWS, scored

from app.errors import InputRefused

CASE_OF_FEW_DRAWS = CASE | {"rank_sets": {"draws": 100}}
COVARIANCE = ["unit,indicator,other,value", "u0,trust,trust,2.25"]
NAMES = [*CASE, "id", "u0", "total", "means", "income", "city", "good", "accident", "method"]
WORDS = st.sampled_from(
    [
        *("geometric", "harmonic", "copeland", "mpi_minus", "minmax", "zscore", "rank", "all"),
        *("error", "fixed", "min_observed", "equal", "system", "type", "average", "final"),
        *("total", "means", "income", "u0", "city", "entropy", "ahp", "", "x"),
    ]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats(-1e6, 1e6)
    | WORDS
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=4,
)
CELLS = st.sampled_from(
    [
        *("", "0", "-1", "1e308", "-0", "x", "u0", "income", "missing", "not_applicable", "ok"),
        *("1,5", '"', "nan", "１", "trust", "waste", "3.5", "\ufeff", "upheld", "fraud"),
    ]
)
SLOW = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def places(tree, path=()):
    """Every place of a tree, as a path of keys."""
    yield path
    if isinstance(tree, dict | list):
        keys = tree if isinstance(tree, dict) else range(len(tree))
        for key in keys:
            yield from places(tree[key], (*path, key))


PLACES = [path for path in places(CASE_OF_FEW_DRAWS) if path and path[0] != "schema"]


def spoilt(tree, path, value):
    tree = copy.deepcopy(tree)
    holder = tree
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return tree


def answers_or_refuses(folder, case, values=(HEADER, *ROWS), **tables):
    found, refused = None, None
    try:
        found = scored(folder, case, list(values), **tables)
    except InputRefused as error:
        refused = error
    if refused is not None:
        assert refused.in_chinese
        assert all(problem.message and problem.place for problem in refused.problems)
        return
    json.dumps(found, allow_nan=False)
    assert all(math.isfinite(x) for x in found.get("score", {}).values() if x is not None)


@SLOW
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=2))
def test_a_spoilt_case_is_scored_or_refused(tmp_path, changes):
    case = CASE_OF_FEW_DRAWS
    for path, value in changes:
        try:
            case = spoilt(case, path, value)
        except (KeyError, IndexError, TypeError):
            continue  # what held the place is gone
    answers_or_refuses(tmp_path, case, events=EVENTS)


@SLOW
@given(
    table=st.sampled_from(["values", "events", "covariance"]),
    row=st.integers(0, 30),
    cell=st.integers(0, 4),
    text=CELLS,
)
def test_a_spoilt_cell_is_scored_or_refused(tmp_path, table, row, cell, text):
    tables = {"values": [HEADER, *ROWS], "events": EVENTS, "covariance": COVARIANCE}
    lines = [*tables[table]]
    cells = lines[row % len(lines)].split(",")
    cells[cell % len(cells)] = text
    lines[row % len(lines)] = ",".join(cells)
    answers_or_refuses(tmp_path, CASE_OF_FEW_DRAWS, **(tables | {table: lines}))


@SLOW
@given(text=st.text(max_size=200) | st.sampled_from(["schema: composite-case/1", "{", "- a"]))
def test_any_text_is_scored_or_refused(tmp_path, text):
    answers_or_refuses(tmp_path, text)
    answers_or_refuses(tmp_path, "schema: composite-case/1\n" + text)
    answers_or_refuses(tmp_path, CASE_OF_FEW_DRAWS, values=text.splitlines() or [""])
