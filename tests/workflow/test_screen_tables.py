"""What an examination found becomes two tables and the campaigns, whole and in order."""

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.anomaly.examination import Campaign, Examination, PointBounds, Reason
from app.anomaly.submissions import Reference, Submissions
from app.errors import InputRefused
from app.workflow.screen_file.examined import Sources, examine_files
from app.workflow.screen_file.tables import campaign_document, influence_table, score_table
from bare_examination import believes_all

RESPONSES = """\
response_id,point_id,submitted_slot,g1,g2
z,P1,2026-03-02T09:35,5,5
b,P1,2026-03-03T10:00,5,5
n,P1,2026-03-02T11:00,,
"a,1",P2,2026-03-02T09:40,1,3
"""
SEEN = Reason("SPEED", 1, observed=4.0, expected=60.0, rarity=0.001)
SHARED = Reason("DEV_REPEAT", 1, observed=2.0, expected=0.1, rarity=math.nan)


def standing_in(
    submissions: Submissions, *, reference: Reference | None, seed: int
) -> Examination:
    """The engine's place is taken by one that finds the two responses of P1, always."""
    assert submissions.identifier.tolist() == ["a,1", "b", "z"]
    group = Campaign(
        *("C1", "point", "P1", (1, 2), ("P1",), 34 * 60.0, 34 * 60.0, (SHARED, SEEN)),
        score_with=100.0,
        score_without=math.nan,
        similarity={},
    )
    known = (0, math.nan, 0.0) if reference is None else (3, 62.5, 0.25, 90.25)
    first = PointBounds("P1", 2, 1, 1, 100, 100, 99.5, 91, 100, 0.2, math.inf, 1.25, *known)
    other = PointBounds(
        "P2", 1, 0, 0, 25, 25, 25, 20, 1 / 3, 0.05, 0.5, math.inf, 0, math.nan, 0
    )
    return Examination(
        influence=np.array([1.0, 0.1, 1 / 3]),
        capped=np.array([1.0, 1.0, 0.5]),
        flagged=np.array([False, True, True]),
        campaign=(-1, 0, 0),
        reasons={1: (SHARED, SEEN, SHARED), 2: (SEEN,)},
        campaigns=(group,),
        points=(first, other),
    )


def written(folder: Path, reference: Path | None = None):
    file = folder / "responses.csv"
    file.write_text(RESPONSES, encoding="utf-8")
    return examine_files(Sources(file, reference), seed=7, examine=standing_in)


def table(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def test_every_response_has_a_line_in_the_order_of_its_file(tmp_path):
    assert table(influence_table(written(tmp_path))) == [
        ["response_id", "influence", "campaign", "reasons"],
        ["z", "0.333333", "C1", "SPEED"],
        ["b", "0.1", "C1", "DEV_REPEAT;SPEED"],
        ["n", "1", "", ""],
        ["a,1", "1", "", ""],
    ]


def test_every_point_has_a_line_and_what_is_not_there_is_empty(tmp_path):
    header, first, other = table(score_table(written(tmp_path)))
    assert header[:6] == ["point_id", "raw", "capped", "score", "low", "high"]
    assert first[:9] == ["P1", "100", "100", "99.5", "91", "100", "2", "2", "0.2"]
    assert dict(zip(header[9:], first[9:], strict=True)) == {
        "answers_up": "",
        "answers_down": "1.25",
        "sample_n": "0",
        "sample_mean": "",
        "shrinkage": "0",
        "shrunk": "",
    }
    assert other[:6] == ["P2", "25", "25", "25", "20", "0.333333"]


def test_an_identifier_that_a_spreadsheet_would_run_is_not_run(tmp_path, monkeypatch):
    lines = RESPONSES.replace("n,P1", "=1+1,P1").replace("P2", "@P2")
    monkeypatch.setattr(f"{__name__}.RESPONSES", lines)
    examined = written(tmp_path)
    points = tuple(replace(one, point=f"@{one.point}") for one in examined.found.points)
    examined = replace(examined, found=replace(examined.found, points=points))
    text = influence_table(examined)
    assert [line[0] for line in table(text)] == ["response_id", "z", "b", "'=1+1", "a,1"]
    assert [line[0] for line in table(score_table(examined))] == ["point_id", "'@P1", "'@P2"]
    assert any("2 identifiers begin" in said.en for said in examined.notices)
    assert not text.startswith("\ufeff")


def test_any_other_identifier_is_written_byte_for_byte(tmp_path, monkeypatch):
    names = ["r-0001", "' =1", "７号", "é", "0012", "a\tb"]
    lines = [f"{name},P1,2026-03-02T09:35,4,4\n" for name in names]
    text = "response_id,point_id,submitted_slot,g1,g2\n" + "".join(lines)
    file = tmp_path / "responses.csv"
    file.write_text(text, encoding="utf-8")
    examined = examine_files(Sources(file), seed=1, examine=believes_all)
    assert [line[0] for line in table(influence_table(examined))[1:]] == names
    assert not any("identifiers begin" in said.en for said in examined.notices)


def test_a_sample_stands_beside_the_scores(tmp_path):
    sample = tmp_path / "reference.csv"
    sample.write_text("point_id,g1,g2\nP1,3,4\n", encoding="utf-8")
    _, first, _ = table(score_table(written(tmp_path, sample)))
    assert first[-4:] == ["3", "62.5", "0.25", "90.25"]


def test_campaigns_say_what_was_seen_when_and_where(tmp_path):
    document = campaign_document(written(tmp_path), seed=7)
    json.dumps(document, allow_nan=False)
    (found,) = document["campaigns"]
    assert document["seed"] == 7
    assert (found["campaign"], found["kind"], found["place"]) == ("C1", "point", "P1")
    assert found["responses"] == ["b", "z"]
    assert (found["first"], found["last"]) == ("2026-03-03T10:00", "2026-03-03T10:00")
    assert (found["score_with"], found["score_without"], found["effect"]) == (100, None, None)
    assert [reason["signal"] for reason in found["reasons"]] == ["DEV_REPEAT", "SPEED"]
    assert found["reasons"][0]["rarity"] is None
    assert found["reasons"][0]["seen"]["en"].startswith("2 answers from one device")
    assert "志愿者" in found["reasons"][0]["innocent"]["zh-Hans"]


def test_what_was_found_is_summed_up_in_both_languages(tmp_path):
    said = written(tmp_path).notices[-1]
    assert said.en == (
        "Examined 4 responses at 2 points: 2 have an influence below 0.5; "
        "2 are flagged, in 1 campaigns for people to review."
    )
    assert "2 份影响力低于 0.5" in said.zh


def test_mistakes_of_both_files_are_named_at_once(tmp_path):
    file, sample = tmp_path / "responses.csv", tmp_path / "reference.csv"
    file.write_text(RESPONSES.replace("z,P1", "z,"), encoding="utf-8")
    sample.write_text("g1,g2\n5,5\n", encoding="utf-8")
    with pytest.raises(InputRefused) as refusal:
        examine_files(Sources(file, sample), seed=7, examine=standing_in)
    assert [problem.source for problem in refusal.value.problems] == [file.name, sample.name]
