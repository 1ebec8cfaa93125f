"""Whatever is spoilt in a study, there is an answer or a refusal: no traceback, no warning."""

import copy
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_study import DESIGN, HEADER, MARGINS, ROWS, changed, written

from app.errors import MinxinError
from app.workflow.study.report import estimate_study

REPLICATES = "id,a,b,c\n" + "".join(f"r{i},{i % 3},2,{1 + i % 2}\n" for i in range(len(ROWS)))
POPULATION = "term,total\nq1,510\nq2,495\n"
MEAN = {"id": "mean", "estimand": "mean", "y": ["q1"]}
RAKED = {"margins": ["sex", "age"], "totals": "margins.csv"}
STUDIES = {
    "rows": DESIGN,
    "replicates": {
        "data": "data.csv",
        "design": {
            "method": "replicate",
            "weights": "w",
            "replicate_file": "replicates.csv",
            "key": "id",
            "type": "JK1",
            "mse": True,
        },
        "steps": [
            {
                "op": "calibrate",
                "terms": ["q1", "q2"],
                "totals": "population.csv",
                "bounds": [0.2, 5],
            },
            {"op": "trim", "lower": 0.2, "upper": 4},
        ],
        "estimates": [
            MEAN | {"mse": False, "weights": "base"},
            {
                "id": "median",
                "estimand": "quantile",
                "y": "q2",
                "p": [0.25, 0.5],
                "qrule": ["hf7", "school"],
                "interval": ["quantile", "xlogit"],
            },
            {"id": "total", "estimand": "total", "y": ["q1"], "by": ["zone"]},
            {
                "id": "gap",
                "estimand": "difference_total",
                "y": "q1",
                "pairs": [{"a": {"zone": "urban"}, "b": {"zone": "rural"}}],
            },
        ],
    },
    "chains": {
        "data": "data.csv",
        "design": {
            "clusters": ["village", None],
            "strata": ["zone"],
            "weights": None,
            "fpc": [{"column": "N", "kind": "population_size"}, "M"],
            "lonely_psu": "adjust",
            "adjust_domain_lonely": True,
        },
        "designs": {"urban": {"weights": "w", "where": {"zone": "urban"}, "steps": []}},
        "derived": {"old": "age == 'old'", "both": "mean of q1..q3"},
        "steps": [
            {"op": "nonresponse_classes", "respond": "here", "classes": ["sex"]},
            {"op": "collapse", "column": "age", "into": "ages", "map": {"old": "grown"}},
            {"op": "poststratify", "by": ["sex"], "totals": {"F": 90, "M": 80}},
            {"op": "trim_rerake", "lower": 0.1, "upper": 6} | RAKED,
            {"op": "drop", "where": "q1 > 4"},
        ],
        "estimates": [
            MEAN | {"design": "urban", "replicate": "JK1"},
            MEAN | {"id": "boot", "replicate": "bootstrap 5 2", "weights": "after_step_1"},
            {
                "id": "contrast",
                "estimand": "contrast",
                "y": "both",
                "terms": [
                    {"domain": {"old": 1}, "coef": 1},
                    {"domain": {"old": 0}, "coef": -1},
                ],
            },
            {"id": "spread", "estimand": "variance", "y": ["q2"], "domain": {"zone": "urban"}},
        ],
        "tables": [{"id": "t", "by": ["zone"], "y": "q1", "values": [5], "min_n": 2}],
    },
    "beside": changed(
        trim_variants={
            "once": {"op": "trim", "upper": 2},
            "bounded": {"op": "calibrate", "bounds_on": "weight", "lower": 0.1, "upper": 4},
        },
        variants={"free": {"steps": []}, "jkn": {"steps": ["rake"]}},
        must_fail=[
            {
                "name": "lonely",
                "estimand": "mean",
                "y": "q1",
                "design": {"strata": ["village"]},
            },
            {"name": "totals", "margins": ["sex"], "totals": {"F": 1}},
        ],
    ),
    "grid": changed(
        steps=[],
        tables=[],
        grid=[
            {"calfun": "linear", "bounds": [0.2, 3]} | RAKED,
            {"calfun": "logit", "bounds": [0.2, 5]} | RAKED,
        ],
    ),
    "opt_in": {
        "data": "data.csv",
        "rows": {"optin": "sex == 'F'", "reference": "sex == 'M' (weight w)"},
        "covariates": "intercept, zone=urban, age dummies (base: old)",
        "variants": {
            "plain": "weight N/n (N in truth.csv)",
            "raked": "weight N/n, raked to zones.csv",
            "propensity": "propensity weights",
        },
        "estimates": [
            MEAN | {"variant": "plain", "by": ["zone"]},
            MEAN | {"id": "second", "variant": "raked"},
            MEAN | {"id": "third", "variant": "propensity", "deff": True},
        ],
    },
}
FURTHER = {
    "replicates.csv": REPLICATES,
    "population.csv": POPULATION,
    "truth.csv": "variable,N,true_mean\nq1,170,3\n",
    "zones.csv": "margin,level,total\nzone,urban,90\nzone,rural,80\n",
}
WIDER = [*HEADER, "id", "M", "here"]
LONGER = [[*row, f"r{i}", "40", "1" if i % 7 else "0"] for i, row in enumerate(ROWS)]

SPOILT = st.sampled_from(
    [
        *(None, "", "x", "q1", "w", "sex", "margins.csv", "q1 > 2"),
        *(-1, 0, 1, 2.5, 1e300, True, [], {}, [[]], [{}]),
        *(["sex"], ["q1", 3], {"a": 1}, {"sex": "F"}),
    ]
)
CELLS = st.sampled_from(
    ["", " ", "x", "NA", "nan", "inf", "-1", "0", "1e308", "1e-300", "7", "F", "城", '"', "1_0"]
)


def paths(tree, here=()):
    """Every place in a tree of dictionaries and lists."""
    if here:
        yield here
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from paths(value, (*here, key))


def spoil(design, data) -> None:
    """One place of a design deleted, replaced or renamed."""
    *above, last = data.draw(st.sampled_from(list(paths(design))))
    part = design
    for key in above:
        part = part[key]
    match data.draw(st.sampled_from(["delete", "replace", "rename"])):
        case "replace":
            part[last] = data.draw(SPOILT)
        case "rename" if isinstance(part, dict):
            part[last + data.draw(st.sampled_from(["s", "_", "x", ""]))] = part.pop(last)
        case _:
            del part[last]


def respelt(text: str, data) -> str:
    """A file with a cell replaced."""
    lines = [line.split(",") for line in text.splitlines()]
    line = data.draw(st.sampled_from(lines))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(CELLS)
    return "\n".join(",".join(cells) for cells in lines)


@pytest.mark.parametrize("name", STUDIES)
def test_the_studies_are_sound(tmp_path, name):
    for file, text in FURTHER.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    found = estimate_study(written(tmp_path, STUDIES[name], LONGER, header=WIDER))
    assert all(entry["refused"] for entry in found.get("must_fail", ()))
    assert_all_finite(found)


@pytest.mark.parametrize("name", STUDIES)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_is_spoilt_there_is_an_answer_or_a_refusal(tmp_path, name, data):
    design = copy.deepcopy(STUDIES[name])
    for _ in range(data.draw(st.integers(0, 2))):
        spoil(design, data)
    rows = copy.deepcopy(LONGER)
    for _ in range(data.draw(st.integers(0, 3))):
        row = data.draw(st.sampled_from(rows))
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
    files = {"margins.csv": MARGINS, **FURTHER}
    worse = data.draw(st.sampled_from([None, *files]))
    path = written(tmp_path, design, rows, header=WIDER)
    for file, text in files.items():
        spelt = respelt(text, data) if file == worse else text
        (tmp_path / file).write_text(spelt, encoding="utf-8")
    try:
        found = estimate_study(path)
    except MinxinError:
        return
    assert_all_finite(found)


def assert_all_finite(found) -> None:
    json.dumps(found, allow_nan=False)
    for answer in found.get("estimates", ()):
        for row in answer["rows"]:
            assert row.get("se") is None or math.isfinite(row["se"])
