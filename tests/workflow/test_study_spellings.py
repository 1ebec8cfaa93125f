"""A study means the same however it is written: names for lists, totals in the file, parts."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_study import HEADER, ROWS, changed, written
from study_differences import differences

from app.errors import InputRefused
from app.workflow.study.report import estimate_study

CASES = Path(__file__).parent.parent / "reference" / "own_cases"
Tree = dict[str, Any]


def _answer(folder: Path, case: str, change: Callable[[Tree], object]) -> Tree:
    """The answer to a case of our own after a change of its design file."""
    there = folder / case
    shutil.copytree(CASES / case, there)
    tree = json.loads((there / "design.json").read_text(encoding="utf-8"))
    change(tree)
    (there / "design.json").write_text(json.dumps(tree), encoding="utf-8")
    answer: Tree = json.loads(json.dumps(estimate_study(there / "design.json")))
    return answer


def _disagreements(folder: Path, case: str, change: Callable[[Tree], object]) -> list[str]:
    want = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))
    return differences(want, _answer(folder, case, change), tolerance=1e-8, tolerances={})


def _rows(case: str, file: str) -> list[dict[str, str]]:
    with (CASES / case / file).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _single_names(tree: Tree) -> None:
    for request in tree["estimates"]:
        for key in ("y", "by", "methods", "qrule", "interval", "p"):
            if isinstance(request.get(key), list) and len(request[key]) == 1:
                request[key] = request[key][0]


def _columns_as_fpc(tree: Tree) -> None:
    tree["design"]["fpc"] = ["N1", "N2", "N3"]
    tree["designs"]["fractions"]["fpc"] = ["f1", "f2", "f3"]
    tree["designs"]["first_only"]["fpc"] = "N1"


def _one_stage_by_names(tree: Tree) -> None:
    tree["design"] |= {"fpc": "M_stratum", "clusters": "village", "strata": "stratum"}
    tree["steps"][0]["classes"] = "class"
    tree["steps"][1]["values"] = "test"


def _other_words(tree: Tree) -> None:
    for step, word in zip(
        tree["steps"],
        ["nonresponse", "drop", "recode", "recode", "post_stratify", "raking"],
        strict=True,
    ):
        step["op"] = word


def _raked_by_round(**step: Any) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        tree["variants"]["raked"]["steps"] = [{"op": "rake", "totals": "margins.csv", **step}]

    return change


def _raked_in_turn(tree: Tree) -> None:
    steps = []
    for number in ("R1", "R2", "R3"):
        totals: dict[str, dict[str, float]] = {}
        for row in _rows("panel_calibrated", "margins.csv"):
            (survey_round, level), name = row["level"].split("|"), row["margin"].split("*")[1]
            if survey_round == number:
                totals.setdefault(name, {})[level] = float(row["total"])
        where = {"round": number}
        steps.append({"op": "rake", "where": where, "margins": [*totals], "totals": totals})
    tree["variants"]["raked"]["steps"] = steps


def _totals_inside(tree: Tree) -> None:
    totals: dict[str, dict[str, float]] = {}
    for row in _rows("panel_calibrated", "margins.csv"):
        totals.setdefault(row["margin"], {})[row["level"]] = float(row["total"])
    terms = {
        row["term"]: float(row["total"]) for row in _rows("panel_calibrated", "population.csv")
    }
    tree["variants"]["raked"]["steps"][0]["totals"] = totals
    first, second = tree["variants"]["ps_greg"]["steps"]
    first["totals"], second["totals"] = totals["round*sex"], terms


def _columns_in_another_order(tree: Tree) -> None:
    step = tree["variants"]["ps_greg"]["steps"][0]
    step["by"] = ["sex", "round"]
    del step["margin"]


def _limits_as_weights(tree: Tree) -> None:
    expected = (CASES / "jackknife_trimmed" / "expected.json").read_text(encoding="utf-8")
    weights = json.loads(expected)["weights_once"]
    mean = weights["sum"] / weights["n"]
    for name in ("once", "strict", "turns"):
        step = tree["variants"][name]["steps"][1]
        step["limits"] = [step.pop("lower") * mean, step.pop("upper") * mean]
        step["reference"] = "absolute"


def _one_rscale(tree: Tree) -> None:
    tree["variants"]["boot"]["rscales"] = tree["variants"]["boot_cal"]["rscales"] = 1


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ("three_stages", _single_names),
        ("three_stages", _columns_as_fpc),
        ("chain_nonresponse", _one_stage_by_names),
        ("chain_nonresponse", _other_words),
        (
            "panel_calibrated",
            _raked_by_round(margins=[["round", "age3"], ["round", "sex"], ["zone", "round"]]),
        ),
        (
            "panel_calibrated",
            _raked_by_round(margins=["age3", "sex", "zone"], within="round"),
        ),
        ("panel_calibrated", _raked_by_round(margins=["age3", "sex", "zone"], by=["round"])),
        ("panel_calibrated", _raked_in_turn),
        ("panel_calibrated", _totals_inside),
        ("panel_calibrated", _columns_in_another_order),
        ("jackknife_trimmed", _limits_as_weights),
        ("given_replicates_calibrated", _one_rscale),
    ],
)
def test_another_spelling_gives_the_same_answer(
    tmp_path: Path, case: str, change: Callable[[Tree], None]
) -> None:
    assert not _disagreements(tmp_path, case, change)


def test_a_request_for_a_domain_gives_the_row_of_that_domain(tmp_path: Path) -> None:
    asked = {"estimand": "mean", "y": "q1"}

    def change(tree: Tree) -> None:
        tree["estimates"] = [
            {"id": "all", **asked, "by": ["zone", "sex"]},
            {"id": "part", **asked, "domain": {"zone": "urban"}, "by": "sex"},
            {"id": "where", **asked, "where": {"zone": "urban", "sex": "F"}},
        ]

    everybody, part, one = _answer(tmp_path, "chain_nonresponse", change)["estimates"]
    urban = [row for row in everybody["rows"] if row["domain"]["zone"] == "urban"]
    assert part["rows"] == urban
    assert one["rows"] == urban[:1]


def _dropped_after_calibration(tree: Tree) -> None:
    tree["steps"] = [
        {"op": "drop", "column": "respond", "values": [0]},
        {"op": "poststratify", "by": "zone", "totals": "margins.csv"},
        {"op": "drop", "where": {"county": "C01"}},
        {"op": "trim", "lower": 0.7, "upper": 1.5},
    ]
    by_phrase = {"estimand": "mean", "y": "q1", "variant": "trimmed"}
    tree["variants"] = {"trimmed": {"steps": [*tree["steps"][:2], tree["steps"][3]]}}
    tree["estimates"] = [
        {"id": "left", "estimand": "mean", "y": "q1", "weights": "after_step_3"},
        {"id": "final", **by_phrase, "replicate": "JKn of the trimmed weights"},
        {"id": "each", **by_phrase, "replicate": "JKn from the design"},
    ]


def test_rows_that_leave_after_a_calibration_leave_its_variance_whole(tmp_path: Path) -> None:
    # R 4.2.2, survey 4.1-1: svymean of a subset of the postStratify() design.
    answers = _answer(tmp_path, "chain_nonresponse", _dropped_after_calibration)["estimates"]
    (left,) = answers[0]["rows"]
    assert left["estimate"] == pytest.approx(3.127292778026, rel=1e-10)
    assert left["se"] == pytest.approx(0.0950838415706, rel=1e-10)
    assert left["df"] == 12


def test_a_jackknife_of_final_weights_is_made_only_where_the_phrase_says_so(
    tmp_path: Path,
) -> None:
    # R 4.2.2, survey 4.1-1: as.svrepdesign(trimWeights(postStratify(...)), type = "JKn").
    answers = _answer(tmp_path, "chain_nonresponse", _dropped_after_calibration)["estimates"]
    (final,), (each,) = (answer["rows"] for answer in answers[1:])
    assert final["se"] == pytest.approx(0.0749934851324, rel=1e-10)
    assert each["se"] != pytest.approx(final["se"], rel=1e-3)


def test_a_step_that_cannot_be_taken_on_some_rows_says_so(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        tree["steps"][0]["where"] = {"zone": "urban"}

    with pytest.raises(InputRefused, match="the step is on all rows"):
        _answer(tmp_path, "chain_nonresponse", change)


def test_rows_of_several_responses_give_what_their_responses_give(tmp_path: Path) -> None:
    def twice(tree: Tree) -> None:
        tree["data"] = "twice.csv"

    def counted(tree: Tree) -> None:
        tree |= {"data": "counted.csv", "row_multiplicity": "count"}

    rows = _rows("chain_nonresponse", "data.csv")
    counts = [1 + (i % 3 == 0) for i in range(len(rows))]
    files = {
        "twice.csv": [row for row, n in zip(rows, counts, strict=True) for _ in range(n)],
        "counted.csv": [{**row, "count": str(n)} for row, n in zip(rows, counts, strict=True)],
    }
    answers = []
    for (name, lines), change in zip(files.items(), (twice, counted), strict=True):

        def write(
            tree: Tree, name: str = name, lines: Any = lines, change: Any = change
        ) -> None:
            folder = tmp_path / name / "chain_nonresponse"
            with (folder / name).open("w", encoding="utf-8", newline="") as text:
                table = csv.DictWriter(text, list(lines[0]))
                table.writeheader()
                table.writerows(lines)
            change(tree)

        answers.append(_answer(tmp_path / name, "chain_nonresponse", write))
    assert not differences(answers[0], answers[1], tolerance=1e-9, tolerances={})


def test_opt_in_variants_as_steps_give_what_their_phrases_give(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        margins = ["zone*age3", "zone*sex", "zone*edu3"]
        step = {"op": "rake", "margins": margins, "totals": "margins.csv"}
        for name, start in (("raked", "weight N/n"), ("propensity_raked", "propensity")):
            tree["variants"][name] = {"start": start, "steps": [step]}

    assert not _disagreements(tmp_path, "optin_zones", change)


def test_an_opt_in_sample_counts_for_the_people_of_its_zone(tmp_path: Path) -> None:
    people = {"Z1": 1000, "Z2": 500, "Z3": 250}

    def change(tree: Tree) -> None:
        folder = tmp_path / "optin_zones"
        lines = [f"{zone},{count}" for zone, count in people.items()]
        (folder / "zones.csv").write_text("\n".join(["zone,N", *lines]), encoding="utf-8")
        tree["variants"] = {"unweighted": "weight N/n by zone (N in zones.csv)"}
        asked = {"estimand": "total", "y": "one", "by": "zone", "variant": "unweighted"}
        tree |= {"derived": {"one": "1"}, "estimates": [{"id": "people", **asked}]}

    (answer,) = _answer(tmp_path, "optin_zones", change)["estimates"]
    found = {row["domain"]["zone"]: row["estimate"] for row in answer["rows"]}
    assert found == pytest.approx(people)


def test_a_design_may_be_made_of_some_rows_with_steps_of_its_own(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        margins = ["round*age3", "round*sex", "round*zone"]
        totals: dict[str, dict[str, float]] = {}
        for row in _rows("panel_calibrated", "margins.csv"):
            if row["level"].startswith("R2|"):
                totals.setdefault(row["margin"], {})[row["level"]] = float(row["total"])
        step = {"op": "rake", "margins": margins, "totals": totals}
        only = {**tree["design"], "where": {"round": "R2"}, "steps": [step]}
        tree["designs"]["second"] = only
        level = tree["estimates"][2]
        tree["estimates"] = [level, {**level, "id": "own", "design": "second"}]
        del tree["estimates"][1]["variant"]

    joint, own = _answer(tmp_path, "panel_calibrated", change)["estimates"]
    (same,) = (
        row for row in joint["rows"] if row["domain"] == {"round": "R2"} if row["item"] == "q1"
    )
    (alone,) = (row for row in own["rows"] if row["item"] == "q1")
    for key in ("estimate", "se", "n", "sum_w"):
        assert alone[key] == pytest.approx(same[key], rel=1e-9)


def test_margins_and_terms_of_one_step_are_both_met(tmp_path):
    totals = {"sex": {"F": 90.0, "M": 80.0}, "q2": 520.0}
    step = {"op": "calibrate", "margins": ["sex"], "terms": ["q2"], "totals": totals}
    requests = [{"id": "asked", "estimand": "total", "y": ["q2"], "by": ["sex"]}]
    requests.append({"id": "all", "estimand": "total", "y": ["q2"]})
    found = estimate_study(written(tmp_path, changed(steps=[step], estimates=requests)))
    assert found["weights"]["sum"] == pytest.approx(170)
    (total,) = [one for one in found["estimates"] if one["id"] == "all"]
    assert total["rows"][0]["estimate"] == pytest.approx(520)


def test_a_likelihood_interval_of_cells_is_that_of_their_answers(tmp_path):
    sampled = {"clusters": None, "strata": ["zone"], "weights": "w", "fpc": None}
    request = {"id": "ci", "estimand": "proportion_ci", "y": "q1", "values": [5]}
    design = changed(
        design=sampled, steps=[], tables=[], estimates=[request | {"methods": ["likelihood"]}]
    )
    times = [1 + i % 3 for i in range(len(ROWS))]
    one_by_one = [row for row, many in zip(ROWS, times, strict=True) for _ in range(many)]
    cells = [[*row, str(many)] for row, many in zip(ROWS, times, strict=True)]
    (tmp_path / "rows").mkdir()
    (tmp_path / "cells").mkdir()
    found = estimate_study(written(tmp_path / "rows", design, one_by_one))
    counted = written(
        tmp_path / "cells",
        design | {"row_multiplicity": "count"},
        cells,
        header=[*HEADER, "count"],
    )
    assert (
        differences(
            found["estimates"],
            estimate_study(counted)["estimates"],
            tolerance=1e-12,
            tolerances={},
        )
        == []
    )
