"""From an answer to points: named, versioned, and deaf to codes."""

import pytest
from survey_examples import DEFINITIONS

from app.errors import InputRefused
from app.survey.reading import read_definition
from app.survey.score_maps import ScoreMaps

TEXT = (DEFINITIONS / "score_maps.yaml").read_text(encoding="utf-8")
MAPS = read_definition(ScoreMaps, TEXT, source="score_maps.yaml")


def points(key: str) -> tuple[float, ...]:
    score_map = MAPS.find(key)
    assert score_map is not None
    return score_map.points


def test_the_published_conversions_are_on_file():
    assert points("even_5@1") == (100, 75, 50, 25, 0)
    assert points("guangdong_5@1") == (100, 80, 60, 40, 0)
    assert points("stars_5@1") == (100, 80, 60, 40, 20)
    assert points("shandong_3@1") == (100, 75, 55)


def test_thirds_are_thirds_to_the_last_bit():
    assert points("even_4@1") == (100, 200 / 3, 100 / 3, 0)


def test_a_number_from_zero_to_ten_earns_ten_points_a_step():
    line = MAPS.find("even_11@1")
    assert line is not None
    assert [line.points_on_line(number) for number in range(11)] == list(range(0, 101, 10))


def test_a_line_may_run_downwards():
    text = TEXT.replace("worst: 0\n    best: 10", "worst: 10\n    best: 0")
    line = read_definition(ScoreMaps, text, source="maps").find("even_11@1")
    assert line is not None
    assert [line.points_on_line(number) for number in (0, 5, 10)] == [100, 50, 0]


def test_a_map_of_options_has_no_line():
    even = MAPS.find("even_5@1")
    assert even is not None
    with pytest.raises(ValueError, match="even_5@1"):
        even.points_on_line(3)


def test_a_map_is_found_by_name_and_version_only():
    assert MAPS.find("even_5@2") is None
    assert MAPS.find("even_5") is None


def test_the_same_answers_score_apart_as_the_file_says():
    shares = (0.40, 0.45, 0.10, 0.03, 0.02)
    scores = [
        round(sum(share * earned for share, earned in zip(shares, points(key), strict=True)), 1)
        for key in ("even_5@1", "guangdong_5@1", "stars_5@1")
    ]
    assert scores == [79.5, 83.2, 83.6]
    for score in scores:
        assert str(score) in TEXT


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("points: [100, 75, 50, 25, 0]", "points: [100, 75, 80, 25, 0]", "maps[0].points"),
        ("points: [100, 75, 50, 25, 0]", "points: [101, 75, 50, 25, 0]", "maps[0].points"),
        ("points: [100, 75, 50, 25, 0]", "points: [100, 75, 50, 25, -1]", "maps[0].points"),
        ("points: [100, 75, 50, 25, 0]", "points: [100]", "maps[0].points"),
        ("points: [100, 75, 50, 25, 0]", "points: [.nan, 0]", "maps[0].points[0]"),
        ("code: guangdong_5", "code: even_5", "maps[1]"),
        ("    best: 10", "    best: 0", "maps[6]"),
        ("    best: 10", "", "maps[6]"),
    ],
)
def test_a_map_its_author_cannot_have_meant_is_refused(old, new, place):
    assert old in TEXT
    with pytest.raises(InputRefused) as refused:
        read_definition(ScoreMaps, TEXT.replace(old, new, 1), source="maps")
    assert place in [problem.place for problem in refused.value.problems]
