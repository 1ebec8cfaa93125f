"""What a study says to the person who made a mistake in it; it never says a traceback."""

import pytest
from small_study import (
    DESIGN,
    HEADER,
    MARGINS,
    ROWS,
    changed,
    refusal,
    requested,
    with_cell,
    written,
)

from app.workflow.study.report import estimate_study


def test_the_study_itself_is_sound(tmp_path):
    found = estimate_study(written(tmp_path))
    assert found["weights"]["sum"] == pytest.approx(170)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[1, 2]", "is not a JSON object"),
        ('{"data": "data.csv", "estimatse": []}', "Write `estimates`"),
        ('{"data": 5}', "data: must be text"),
        ('{"data": "data.csv", "estimates": [{"id": "a", "estimand": "maen"}]}', "estimand"),
        ('{"data": "data.csv", "steps": [{"op": "bake"}]}', "steps.0.op"),
        ('{"data": "nowhere.csv", "design": {}}', "nowhere.csv: file: is not there"),
    ],
)
def test_a_design_file_is_refused_with_its_place(tmp_path, text, said):
    path = written(tmp_path)
    path.write_text(text, encoding="utf-8")
    assert said in refusal(path)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (changed(design={"clusters": ["hamlet"], "weights": "w"}), "no column hamlet"),
        (changed(design={"weights": "sex"}), "column sex must be numbers: row 2 (F)"),
        (changed(design={}), "no column of weights is named"),
        (changed(steps=[{"op": "rake", "margins": ["edu"], "totals": "margins.csv"}]), "edu"),
        (changed(steps=[{"op": "rake", "margins": ["sex"]}]), "`totals`"),
        (changed(derived={"x": "import os"}), "cannot be read"),
        (changed(derived={"x": "open('x')"}), "uses what is not known here"),
        (changed(row_multiplicity="w2"), "no column w2"),
        (requested(estimand="mean"), "needs `y`"),
        (requested(estimand="mean", y=["income"]), "no column income"),
        (requested(estimand="mean", y=["sex"]), "must be numbers"),
        (requested(estimand="mean", y=["q1"], by=["tribe"]), "no column tribe"),
        (requested(estimand="ratio", num="q1"), "needs `den`"),
        (requested(estimand="proportion", y="q1"), "needs `values`"),
        (requested(estimand="contrast", y="q1"), "needs `terms`"),
        (requested(estimand="quantile", y=["q1"], p=[1.5]), "not 1.5"),
        (
            requested(estimand="quantile", y=["q1"], p=[0.5], qrule=["hf12"]),
            "hf12 is not known",
        ),
        (requested(estimand="quantile", y=["q1"], p=[0.5], interval=["x"]), "x is not known"),
        (
            requested(estimand="proportion_ci", y="q1", values=[1], methods=["wald"]),
            "wald is not known",
        ),
        (requested(estimand="alpha", items=["q1", "w", "N"]), "N"),
        (requested(estimand="mean", y=["q1"], weights="after_step_9"), "after_step_1"),
        (requested(estimand="mean", y=["q1"], design="other"), "no design is called other"),
        (requested(estimand="mean", y=["q1"], variant="other"), "no variant is called other"),
        (requested(estimand="mean", y=["q1"], replicate="XYZ"), "XYZ is not known"),
    ],
)
def test_a_request_is_refused_with_what_would_cure_it(tmp_path, design, said):
    assert said in refusal(written(tmp_path, design))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 5000 + "]" * 5000, "nested too deeply"),
        ('{"data": ' + "9" * 5000 + "}", "nothing can hold"),
        ('{"data": "\\ud800"}', "nothing can hold"),
        ('{"data": "data.csv", "data": "other.csv"}', "data: stands twice"),
        ('{"data": "a\\u0000b", "design": {"weights": "w"}}', "cannot be read"),
        ('{"data": "' + "x" * 5000 + '", "design": {"weights": "w"}}', "cannot be read"),
        ('{"data": ".", "design": {"weights": "w"}}', "cannot be read"),
    ],
    ids=["deep", "digits", "surrogate", "twice", "null", "long", "folder"],
)
def test_what_no_computer_can_read_is_refused_too(tmp_path, text, said):
    path = written(tmp_path)
    path.write_text(text, encoding="utf-8")
    assert said in refusal(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1/0", "divides by 0 in row 2"),
        ("q1/(q2 - q2)", "divides by 0 in row 2"),
        ("q1 * 1e50 * 1e50", "beyond what can be reckoned with in row 2"),
        ("1e999", "holds a number beyond"),
        ("sex < 3", "text is above or below a number"),
        ("mean of q1..q99999999999", "more than 10000 items"),
        ("(" * 500 + "q1" + ")" * 500, "cannot be read"),
        ("-" * 5000 + "q1", "derived column `---"),
        ("q1 ==", "cannot be read"),
    ],
)
def test_a_derived_column_that_cannot_be_reckoned_is_refused(tmp_path, text, said):
    assert said in refusal(written(tmp_path, changed(derived={"x": text})))


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (changed(design={"weights": "w", "stratum": ["zone"]}), "Write `strata`"),
        (changed(design={"weights": "w", "lonely_psu": "adust"}), "Write adjust"),
        (changed(variants={"a": {"steps": 5}}), "must be a list of steps"),
        (changed(grid=[{}]), "name the `margins`"),
        (
            changed(steps=[{"op": "nonresponse_classes", "respond": "q1", "classes": ["sex"]}]),
            "column q1: 3 in row 3",
        ),
        (changed(trim_variants={"a": {"op": "trim", "lower": 2, "upper": 1}}), "below"),
        (changed(steps=[{"op": "trim", "lower": 2, "upper": 1}]), "below"),
        (
            requested(estimand="mean", y=["q1"], replicate="bootstrap 1000000000000"),
            "Ask for 10000 or fewer",
        ),
        (requested(estimand="mean", y=["q1"], replicate="bootstrap -5"), "-5 bootstrap"),
        (
            changed(design={"method": "replicate", "weights": "w", "replicate_columns": []}),
            "names no column",
        ),
        (
            changed(
                design={"method": "replicate", "weights": "w", "type": "Fay", "rho": 1}
                | {"replicate_columns": ["q1", "q2"]}
            ),
            "Fay's rho is 1",
        ),
    ],
)
def test_what_looks_like_a_plan_but_cannot_be_one_is_refused(tmp_path, design, said):
    assert said in refusal(written(tmp_path, design))


@pytest.mark.parametrize(
    ("rows", "design", "said"),
    [
        (
            with_cell(3, "w", ""),
            DESIGN,
            "1 rows have no weight of 0 or more, the first is row 5",
        ),
        (with_cell(3, "w", "-2"), DESIGN, "row 5 (-2)"),
        (with_cell(3, "w", "much"), DESIGN, "row 5 (much)"),
        (with_cell(0, "zone", ""), DESIGN, "column zone: 1 rows say nothing"),
        (with_cell(9, "q1", "good"), DESIGN, "column q1 must be numbers: row 11 (good)"),
        (with_cell(2, "sex", "X"), DESIGN, "margin sex, level X"),
        ([row[:-1] for row in ROWS], DESIGN, "has 8 cells, the header has 9"),
        ([], DESIGN, "has no rows"),
        (
            ROWS,
            changed(design={"clusters": ["village"], "weights": "w", "fpc": ["q1"]}),
            "fewer than the 6 units drawn",
        ),
        (
            with_cell(0, "N", "8"),
            changed(design={"clusters": ["village"], "weights": "w", "fpc": ["N"]}),
            "A stratum has one population",
        ),
        (
            [["v9", "alone", *row[2:]] if i == 0 else row for i, row in enumerate(ROWS)],
            DESIGN,
            "one cluster alone has no variance: stratum alone",
        ),
    ],
)
def test_a_wrong_cell_is_named_with_its_row(tmp_path, rows, design, said):
    assert said in refusal(written(tmp_path, design, rows))


@pytest.mark.parametrize(
    ("margins", "said"),
    [
        (
            MARGINS.replace("sex,M,80", "sex,M,95"),
            "margin age sums to 170 people, but margin sex",
        ),
        (
            MARGINS.replace("age,old", "age,ancient"),
            "margin age, level ancient: 70 people and no",
        ),
        (
            MARGINS.replace("sex,F,90", "sex,F,many"),
            "column total must be numbers: row 2 (many)",
        ),
        (MARGINS.replace("sex,F,90\n", ""), "margin sex, level F"),
        (MARGINS.replace("margin,level", "margin,value"), "no column level"),
    ],
)
def test_totals_are_refused_by_margin_and_level(tmp_path, margins, said):
    assert said in refusal(written(tmp_path, margins=margins))


def test_a_level_with_two_totals_is_refused(tmp_path):
    said = refusal(written(tmp_path, margins=MARGINS + "sex,F,90\n"))
    assert "margin sex, level F: has two totals. Keep one." in said


def test_two_requests_of_one_name_are_refused(tmp_path):
    asked = {"id": "twice", "estimand": "mean", "y": ["q1"]}
    said = refusal(written(tmp_path, changed(estimates=[asked, asked])))
    assert "estimates.twice: is the id of two requests" in said


def test_joint_margins_that_contradict_one_of_their_variables_are_refused(tmp_path):
    steps = [{"op": "rake", "margins": ["sex", "age*sex"], "totals": "margins.csv"}]
    joint = "age*sex,young|F,50\nage*sex,young|M,50\nage*sex,old|F,30\nage*sex,old|M,40\n"
    said = refusal(written(tmp_path, changed(steps=steps), margins=MARGINS + joint))
    assert "sex" in said
    assert "age*sex" in said
    assert "80" in said


def test_wrong_names_and_requests_are_told_at_once(tmp_path):
    design = changed(
        design={"clusters": ["vilage"], "strata": ["region"], "weights": "w"},
        estimates=[
            {"id": "one", "estimand": "mean", "y": ["income"], "by": ["sex+tribe"]},
            {"id": "two", "estimand": "contrast", "y": "q1"},
            {"id": "three", "estimand": "quantile", "y": "q1", "p": 1.5, "qrule": "hf12"},
        ],
    )
    said = refusal(written(tmp_path, design)).splitlines()
    for start, wrong in [
        ("design.json: design.clusters: data.csv has no column vilage", "mean village?"),
        ("design.json: design.strata: data.csv has no column region", "It has village, zone"),
        ("design.json: estimates.one.y: data.csv has no column income", "It has village"),
        ("design.json: estimates.one.by: data.csv has no column tribe", "It has village"),
        ("design.json: estimates.two: `contrast` needs `terms`", "domains with their"),
        ("design.json: estimates.three: `qrule` hf12 is not known here", "Choose among math"),
        ("design.json: estimates.three: `p` must be shares from 0 to 1, not 1.5", "0.5 for"),
    ]:
        assert [line for line in said if line.startswith(start) and wrong in line], start
    assert len(said) == 7


def test_a_mistake_of_shape_hides_no_wrong_name(tmp_path):
    design = changed(
        estimatse=[],
        estimates=[
            {"id": "one", "estimand": "mean", "y": ["q1"], "level": 95},
            {"id": "two", "estimand": "mean", "y": ["income"]},
        ],
    )
    said = refusal(written(tmp_path, design)).splitlines()
    assert [line.split(": ")[1] for line in said] == [
        "estimates.0.level",
        "estimatse",
        "estimates.two.y",
    ]


def test_files_that_are_not_there_are_all_named(tmp_path):
    steps = [{"op": "rake", "margins": ["sex"], "totals": "totals.csv"}]
    said = refusal(written(tmp_path, changed(data="rows.csv", steps=steps)))
    assert "rows.csv: file: is not there. Put it beside the design file." in said
    assert "totals.csv: file: is not there. Put it beside the design file." in said


def test_a_wrong_request_does_not_hide_totals_that_contradict(tmp_path):
    design = requested(estimand="mean", y=["income"])
    said = refusal(written(tmp_path, design, margins=MARGINS.replace("sex,M,80", "sex,M,95")))
    assert "no column income" in said
    assert "margin age sums to 170 people, but margin sex to 185" in said


def test_what_all_requests_suffer_from_is_said_once(tmp_path):
    rows = [["v9", "alone", *row[2:]] if i == 0 else row for i, row in enumerate(ROWS)]
    (said,) = refusal(written(tmp_path, DESIGN, rows)).splitlines()
    assert "tables.by_age, estimates.means, estimates.share and 4 more: one cluster" in said


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (requested(estimand="difference", y="q1"), "`difference` needs `pairs`"),
        (requested(estimand="quantile", p=[0.5]), "`quantile` needs `y`"),
        (requested(estimand="quantile", y="q1"), "`quantile` needs `p`"),
        (requested(estimand="proportion_ci", y="q1", values=[1]), "needs `methods`"),
        (requested(estimand="proportion", y=["q1", "q2"], values=[1]), "one column"),
        (requested(estimand="alpha"), "`alpha` needs `items`"),
        (
            requested(estimand="alpha", items=["q1", "q2"], scale_min=5, scale_max=1),
            "`scale_min` 5 is not below `scale_max` 1. Exchange them.",
        ),
        (changed(steps=[{"op": "trim"}]), "name `lower` or `upper`"),
        (changed(variants={"a": 5}), "the variant a is not an object"),
        (changed(variants={"a": {"design": 5}}), "neither a name nor an object"),
        (changed(variants={"a": {"stepps": []}}), "variants.a.stepps: is not a known key"),
        (changed(variants={"a": {"steps": ["trim"]}}), "the study has no step trim"),
        (changed(weights="w"), "weights: belongs to the design. Move it into `design`"),
        (
            changed(steps=[{"op": "rake", "margins": ["sex"], "totals": {"F": 9, "M": "8"}}]),
            "steps.0.totals.M: must be a number (found '8'). Write it without quotes.",
        ),
    ],
)
def test_what_would_be_answered_with_nothing_is_refused(tmp_path, design, said):
    assert said in refusal(written(tmp_path, design))


@pytest.mark.parametrize("cell", ["0", "", "-3"])
def test_a_population_of_nobody_is_refused_by_its_row(tmp_path, cell):
    design = changed(design={"clusters": ["village"], "weights": "w", "fpc": ["N"]})
    said = refusal(written(tmp_path, design, with_cell(4, "N", cell)))
    assert (
        f"column N: 1 rows have no number above 0, the first is row 6 ({cell or 'empty'}"
        in said
    )


def test_an_empty_total_is_named(tmp_path):
    said = refusal(written(tmp_path, margins=MARGINS.replace("sex,F,90", "sex,F,")))
    assert said.endswith("margins.csv, margin sex, level F: its total is empty. Complete it.")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_as_spreadsheets_save_it_is_read(tmp_path, encoding):
    path = written(tmp_path)
    data = (tmp_path / "data.csv").read_text(encoding="utf-8").replace("urban", "城区")
    (tmp_path / "data.csv").write_bytes(data.replace("\n", "\r\n").encode(encoding))
    assert estimate_study(path)["degf"] == 4


def test_nobody_answering_is_an_answer_of_its_own(tmp_path):
    rows = [[*row[:5], "", *row[6:]] for row in ROWS]
    design = requested(estimand="mean", y=["q1"]) | {"tables": []}
    (asked,) = estimate_study(written(tmp_path, design, rows))["estimates"]
    assert asked["rows"][0]["status"] == "no_data"
    assert asked["rows"][0]["estimate"] is None


@pytest.mark.parametrize(
    "step",
    [
        {"op": "calibrate", "terms": ["q2"], "totals": {"q2": 300}, "equal_within": "age"},
        {"op": "calibrate", "terms": ["q2"], "totals": {"q2": 300}, "within": ["age"]},
        {"op": "nonresponse_classes", "respond": "came", "classes": ["sex", "age"]},
    ],
)
def test_people_without_a_class_are_no_class_of_their_own(tmp_path, step):
    rows = [[*row, "1"] for row in with_cell(5, "age", "")]
    design = changed(steps=[step], tables=[])
    said = refusal(written(tmp_path, design, rows, header=[*HEADER, "came"]))
    assert "1 of 48 rows are empty, the first is row 7. Complete them" in said


def test_rows_without_a_level_keep_their_share_and_the_answer_says_so(tmp_path):
    found = estimate_study(written(tmp_path, rows=with_cell(5, "age", "")))
    assert found["not_stated"] == {"age": pytest.approx(2 / 120)}
    assert found["weights"]["sum"] == pytest.approx(170)
