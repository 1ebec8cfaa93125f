"""What a case file may say, and what a mistake in it or its tables is told."""

import json
import math

import pytest
from small_case import CASE, EVENTS, HEADER, ROWS, changed, scored

from app.errors import InputRefused


def problems(folder, *given, **tables):
    with pytest.raises(InputRefused) as refused:
        scored(folder, *given, **tables)
    return refused.value


def part(kind, code, **keys):
    parts = [entry | keys if entry["id"] == code else entry for entry in CASE[kind]]
    return {kind: parts}


def test_defaults_hold_unless_a_part_says_otherwise(tmp_path):
    own = {"method": "rank"}
    found = scored(tmp_path, changed(**part("indicators", "income", normalise=own)))
    assert sorted(found["normalised"]["income"].values()) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert max(v for v in found["normalised"]["waste"].values() if v is not None) == 100


@pytest.mark.parametrize("none", ["none", {"method": "none"}])
def test_a_part_can_say_that_its_value_stands_as_it_is_whatever_the_defaults(tmp_path, none):
    case = changed(**part("indicators", "waste", normalise=none))
    found = scored(tmp_path, case)["normalised"]["waste"]
    # Less waste is better.
    assert [found[f"u{i}"] for i in range(7)] == [-(3 + i * i % 7) for i in range(7)]


def test_what_a_node_says_of_values_holds_for_all_below_it(tmp_path):
    own = {"method": "goalposts", "lower": 0, "upper": 200, "scale": 100}
    found = scored(tmp_path, changed(**part("nodes", "means", normalise=own)))
    assert found["normalised"]["income"]["u0"] == 20


def test_the_mean_of_a_node_is_its_own_and_not_that_of_the_nodes_below(tmp_path):
    case = changed(**part("nodes", "total", aggregate="geometric"))
    found = scored(tmp_path, case)
    plain = scored(tmp_path)
    assert found["levels"]["means"] == plain["levels"]["means"]
    assert found["score"]["u1"] < plain["score"]["u1"]


def test_a_power_mean_is_written_in_either_form(tmp_path):
    one, other = (
        scored(tmp_path, changed(**part("nodes", "total", aggregate=mean)))["score"]
        for mean in ({"power": -1}, "harmonic")
    )
    assert one == pytest.approx(other)


def test_positive_scores_are_asked_of_the_scores_that_met_and_not_of_the_method(tmp_path):
    # The least income scores 0, but its class above does not.
    defaults = CASE["defaults"] | {"normalise": {"method": "minmax", "range": [0, 100]}}
    case = changed(defaults=defaults, **part("nodes", "total", aggregate="geometric"))
    found = scored(tmp_path, case)
    assert found["normalised"]["income"]["u0"] == 0
    assert found["score"]["u0"] > 0


def test_a_case_without_nodes_and_methods_ranks_the_values_as_they_stand(tmp_path):
    rows = ["unit,indicator,value", "a,x,3", "b,x,5", "c,x,4"]
    found = scored(tmp_path, {"schema": "composite-case/1", "id": "bare"}, rows)
    assert found["score"] == {"a": 3, "b": 5, "c": 4}
    assert found["rank"] == {"a": 3, "b": 1, "c": 2}


def test_without_weights_siblings_weigh_the_same(tmp_path):
    indicators = [{"id": code} for code in ("x", "y")]
    case = {"schema": "composite-case/1", "id": "bare", "indicators": indicators}
    rows = ["unit,indicator,value", "a,x,3", "a,y,5", "b,x,5", "b,y,0"]
    assert scored(tmp_path, case, rows)["score"] == {"a": 4, "b": 2.5}


def test_codes_that_look_like_numbers_are_names(tmp_path):
    case = {"schema": "composite-case/1", "id": 5, "units": [340100, {"id": 340200}]}
    rows = ["unit,indicator,value", "340100,x,3", "340200,x,5"]
    assert scored(tmp_path, case, rows)["rank"] == {"340100": 2, "340200": 1}


def test_goalposts_of_the_adjusted_index_are_a_pair_or_two_keys(tmp_path):
    rows = ["unit,indicator,value", "a,x,3", "b,x,5"]
    found = [
        scored(
            tmp_path,
            {
                "schema": "composite-case/1",
                "id": "ampi",
                "defaults": {"normalise": {"method": "ampi", "goalposts": goalposts}},
            },
            rows,
        )["score"]
        for goalposts in ([0, 10], {"lower": 0, "upper": 10})
    ]
    assert found[0] == found[1] == {"a": 70 + 60 * 0.3, "b": 70 + 60 * 0.5}


def test_a_variant_changes_what_it_names_and_nothing_beside_it(tmp_path):
    variants = {
        "dense": {"rank": {"ties": "dense"}},
        "heavy": {"nodes": [{"id": "view", "weight": {"city": 400, "county": 500}}]},
        "zscore": {"defaults": {"normalise": {"method": "zscore"}}},
    }
    found = scored(tmp_path, changed(variants=variants))
    dense, heavy, zscore = (found["variants"][name] for name in variants)
    assert dense["score"] == found["score"]
    assert heavy["normalised"] == found["normalised"]
    assert heavy["effective_weight"]["trust"]["u0"] == pytest.approx(400 / 460)
    assert sum(v for v in zscore["normalised"]["income"].values()) == pytest.approx(0)


def test_a_variant_whose_rule_refuses_the_values_says_so_beside_the_others(tmp_path):
    variants = {"strict": {"defaults": {"missing": {"rule": "error"}}}}
    rows = [row.replace("u1,waste,4,ok", "u1,waste,,missing") for row in [HEADER, *ROWS]]
    found = scored(tmp_path, changed(variants=variants), rows)
    assert "E205" in found["variants"]["strict"]["refused"][0]
    assert found["score"]["u0"] > 0


def test_weights_by_vector_and_by_period(tmp_path):
    weight = {"2024": {"old": 1, "new": 3}, "2025": 1}
    case = {
        "schema": "composite-case/1",
        "id": "vectors",
        "vectors": ["old", "new"],
        "indicators": [{"id": "x", "weight": weight}, {"id": "y", "weight": 1}],
    }
    rows = ["unit,indicator,value,period"]
    rows += [f"a,{code},{value},{year}" for year in (2024, 2025) for code, value in XY]
    found = scored(tmp_path, case, rows)["vectors"]
    assert found["old"]["periods"]["2024"]["score"]["a"] == 5
    assert found["new"]["periods"]["2024"]["score"]["a"] == 3.5
    assert found["new"]["periods"]["2025"]["score"]["a"] == 5


PERIODS = [
    "unit,indicator,value,period",
    *("a,x,2,t1", "a,y,8,t1", "b,x,4,t1", "b,y,4,t1"),
    *("a,x,3,t2", "a,y,8,t2", "b,x,5,t2", "b,y,1,t2"),
]


@pytest.mark.parametrize("mean", ["arithmetic", "geometric"])
def test_the_change_between_two_periods_is_split_exactly(tmp_path, mean):
    case = {
        "schema": "composite-case/1",
        "id": "change",
        "defaults": {"aggregate": mean},
        "nodes": [{"id": "S", "parent": None}],
        "indicators": [{"id": "x", "weight": {"t1": 1, "t2": 3}}, {"id": "y", "weight": 1}],
        "periods": ["t1", "t2"],
    }
    found = scored(tmp_path, case, PERIODS)
    old, new = (found["periods"][period]["score"] for period in ("t1", "t2"))
    assert found["score"] == new
    for unit in "ab":
        effects = sum(found[f"{e}_effect"][i][unit] for e in ("value", "weight") for i in "xy")
        assert effects == pytest.approx(found["difference"][unit])
        assert found["difference"][unit] == pytest.approx(new[unit] - old[unit])
    if mean == "arithmetic":
        # Δy (w0 + w1)/2 and Δw (y0 + y1)/2, by hand
        assert found["value_effect"]["x"]["a"] == pytest.approx((3 - 2) * (0.5 + 0.75) / 2)
        assert found["weight_effect"]["y"]["a"] == pytest.approx((0.25 - 0.5) * 8)
    else:
        logs = (found[f"log_{e}_effect"][i]["a"] for e in ("value", "weight") for i in "xy")
        assert sum(logs) == pytest.approx(math.log(new["a"] / old["a"]))


def test_periods_may_change_the_system_key_by_key(tmp_path):
    heavier = {"indicators": [{"id": "x", "weight": 3}]}
    case = {
        "schema": "composite-case/1",
        "id": "change",
        "indicators": [{"id": "x", "weight": 1}, {"id": "y", "weight": 1}],
        "periods": {"t1": None, "t2": heavier},
    }
    found = scored(tmp_path, case, PERIODS)
    assert found["periods"]["t1"]["score"]["a"] == 5
    assert found["score"]["a"] == pytest.approx((3 * 3 + 8) / 4)
    assert "period t9" in str(problems(tmp_path, case, [*PERIODS, "a,x,3,t9"]))


XY = (("x", 2), ("y", 8))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"variant": {}}, "variant: is not a known key. Did you mean `variants`?"),
        (part("nodes", "view", agregate="geometric"), "nodes[2].agregate: is not a known key"),
        (
            part("indicators", "waste", weight={"city": 1}),
            "waste has no weight for the type county",
        ),
        ({"vectors": ["city", "x"]}, "waste has no weight for the vector x"),
        (part("indicators", "waste", parent="mean"), "Did you mean 'means'?"),
        (part("nodes", "view", weight=None), "nodes[2].weight"),
        ({"types": ["city"]}, "county"),
        ({"rank": {"ties": "mni"}}, "rank.ties: is not one of the words allowed here"),
        ({"grade": {"rule": "quota", "scale": [{"grade": "a", "share": 2}, "b"]}}, "share"),
        ({"variants": {"x": {"rang": 1}}}, "variants.x: rang"),
        ({"variants": {"x": 3}}, "variants.x: must be a mapping of keys"),
        ({"schema": "composite-case/2"}, "schema: is no known format"),
        ({"weights": ["entropie"]}, "weights[0].method: is not one of the words"),
        (part("nodes", "total", if_empty=3), "fills the root"),
    ],
    ids=str,
)
def test_a_mistake_in_a_case_is_named_at_its_place(tmp_path, keys, said):
    error = problems(tmp_path, changed(**keys))
    assert said in str(error)
    assert all(problem.source == "system.yaml" for problem in error.problems)


@pytest.mark.parametrize(
    ("row", "said", "chinese"),
    [
        (
            "u0,income,1,ok,",
            "values.csv:29: column indicator: has a value already in line 2",
            "第 2 行",
        ),
        ("u9,income,1,ok,", "is no unit of the system (found 'u9'). Known: u0", "已知：u0、u1"),
        ("u0,incme,1,ok,", "Did you mean 'income'?", "“incme”：不是体系中的指标"),
        ('u0,new,"1,234",ok,', "has separators between its digits", "请写 1234"),
        ("u0,new,12a,ok,", "column value: is not a number (found '12a')", "不是数字"),
        ("u0,new,nan,ok,", "is not a number", "不是数字"),
        ("u0,new,1e400,ok,", "is not a number", "不是数字"),
        ("u0,new,3,missing,", "although its status is missing", "请删去其一"),
        ("u0,new,,ok,", "is empty although the status is ok", "却没有数值"),
        ("u0,new,3,gone,", "column status: is not a word allowed here", "可写：ok、missing"),
        ("u0,new,3,ok,-1", "is a negative standard error", "不能是负数"),
        ("u0,new,3,ok", "has 4 cells, the header has 5", "请补齐"),
        (",income,3,ok,", "names no unit", "没有写单位"),
    ],
)
def test_a_faulty_cell_is_named_by_line_and_column(tmp_path, row, said, chinese):
    error = problems(tmp_path, CASE, [HEADER, *ROWS, row])
    assert said in str(error)
    assert chinese in error.in_chinese


def test_the_mistakes_of_all_files_are_told_at_once(tmp_path):
    error = problems(
        tmp_path,
        changed(rank={"ties": "none"}),
        [HEADER, *ROWS, "u0,new,x,ok,"],
        events=[*EVENTS, "u1,acident,-1,upheld,", "u1,award,1.5,upheld,e"],
        covariance=["unit,indicator,cov", "u0,income,1"],
    )
    text = str(error)
    for said in (
        "system.yaml:1: rank.ties",
        "values.csv:29: column value",
        "events.csv:6: column item: is no item of the system (found 'acident')",
        "events.csv:6: column count",
        "events.csv:6: column evidence",
        "events.csv:7: column count",
    ):
        assert said in text


def test_columns_are_known_by_name_and_a_misspelt_one_is_refused(tmp_path):
    rows = [row.replace("status,se", "satus,stderror") for row in [HEADER, *ROWS]]
    text = str(problems(tmp_path, CASE, rows))
    assert "column satus: is not a known column. Did you mean 'status'?" in text
    rows = [row.replace("indicator", "code") for row in [HEADER, *ROWS]]
    assert "column indicator: is not in the file" in str(problems(tmp_path, CASE, rows))


def test_a_mark_at_the_beginning_and_windows_lines_change_nothing(tmp_path):
    text = "\ufeff" + "\r\n".join([HEADER, *ROWS]) + "\r\n\r\n"
    assert scored(tmp_path, CASE, text) == scored(tmp_path)


def test_what_is_absent_or_empty_is_missing(tmp_path):
    bare = [",".join(row.split(",")[:3]) for row in [HEADER, *ROWS]]
    without = [row for row in bare if row != "u1,waste,4"]
    emptied = ["u1,waste," if row == "u1,waste,4" else row for row in bare]
    one, other = (scored(tmp_path, CASE, rows)["score"] for rows in (without, emptied))
    assert one == other
    assert len(without) == len(bare) - 1


WITH_ERRORS = changed(
    defaults={"normalise": {"method": "goalposts", "lower": 0, "upper": 100}},
    indicators=[one for one in CASE["indicators"] if one["id"] != "waste"],
    variants=None,
    weights=None,
    adjustments=None,
    grade=None,
)
ROWS_WITH_ERRORS = [
    HEADER,
    *(row + "2" if ",income," in row else row for row in ROWS if "waste" not in row),
]


def test_covariances_come_in_several_headings_and_from_beside_the_values(tmp_path):
    styles = (
        ["unit,indicator,other,value", "u0,income,trust,1.2"],
        ["unit_a,indicator_a,unit_b,indicator_b,cov", "u0,income,u0,trust,1.2"],
        ["unit,indicator_1,indicator_2,correlation", "u0,income,trust,0.4"],
        ["indicator_i,indicator_j,rho", "income,trust,0.4"],
        [
            "unit,indicator,other,covariance",
            "u0,income,income,4",
            "u0,income,trust,1.2",
            "u0,trust,income,1.2",
        ],
    )
    case, rows = WITH_ERRORS, ROWS_WITH_ERRORS
    alone = scored(tmp_path, case, rows)["score_se"]["u0"]
    errors = [scored(tmp_path, case, rows, covariance=s)["score_se"]["u0"] for s in styles]
    (tmp_path / "covariance.csv").unlink()
    assert errors == pytest.approx([errors[0]] * 5)
    assert errors[0] > alone


@pytest.mark.parametrize("row", ["income,ghost,0.4", "income,waste,0.4", "income,income,5"])
def test_a_covariance_of_every_unit_is_refused_as_one_of_a_single_unit_would_be(tmp_path, row):
    table = ["indicator,other,cov", row]
    assert "E204" in str(problems(tmp_path, WITH_ERRORS, ROWS_WITH_ERRORS, covariance=table))


def test_errors_said_to_be_independent_leave_covariances_aside(tmp_path):
    """In one case both can stand side by side, as variants."""
    shaken = {
        name: {"uncertainty": {"inputs": name}}
        for name in ("normal_independent", "normal_correlated")
    }
    case = WITH_ERRORS | {"variants": shaken}
    table = ["unit,indicator,other,value", "u0,income,trust,1.2"]
    together = scored(tmp_path, case, ROWS_WITH_ERRORS, covariance=table)["variants"]
    (tmp_path / "covariance.csv").unlink()
    alone = scored(tmp_path, WITH_ERRORS, ROWS_WITH_ERRORS)["score_se"]
    assert together["normal_independent"]["score_se"] == alone
    assert together["normal_correlated"]["score_se"]["u0"] > alone["u0"]


def test_a_table_of_units_gives_them_their_types(tmp_path):
    bare = [HEADER, *ROWS]
    units = [
        "unit,region_type,name",
        *(f"u{i},{'city' if i < 5 else 'county'},N" for i in range(9)),
    ]
    found = scored(tmp_path, changed(units=None), bare, units=units)
    assert found["rank_in_type"] == scored(tmp_path)["rank_in_type"]
    assert "has no region type" in str(
        problems(tmp_path, changed(units="all units of values.csv"))
    )


def test_the_answer_is_plain_json_in_a_stable_order(tmp_path):
    one, other = (json.dumps(scored(tmp_path, events=EVENTS), allow_nan=False) for _ in "ab")
    assert one == other
    assert {type(rank) for rank in json.loads(one)["rank"].values()} == {int}


def test_a_case_may_rank_by_the_score_before_deductions(tmp_path):
    by_final = scored(tmp_path, events=EVENTS)
    case = changed(rank={"by": "score"})
    by_score = scored(tmp_path, case, events=EVENTS)
    ordered = sorted(by_score["score"], key=lambda unit: -by_score["score"][unit])
    assert [by_score["rank"][unit] for unit in ordered] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert by_score["rank"] != by_final["rank"]


def test_data_driven_weights_are_advice_and_sum_to_one(tmp_path):
    found = scored(tmp_path)
    for weights in found["weights"].values():
        assert sum(weights.values()) == pytest.approx(1)
    assert found["weights_about"]["without_units"] == ["u7", "u8"]
    judged = {"method": "ahp", "judgements": [[1, 3, 5], [1 / 3, 1, 2], [0.2, 0.5, 1]]}
    found = scored(tmp_path, changed(weights=judged))
    assert found["weights"]["ahp"]["income"] > 0.6
    assert found["score"] == scored(tmp_path)["score"]
    assert "3 rows of 3" in str(problems(tmp_path, changed(weights="ahp")))
