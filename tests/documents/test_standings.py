"""What is said of places: ranges and tiers, who cannot be told apart, and no bare rank."""

import csv
import io
import re

from app.documents.method.sections import method
from app.documents.results.result import read_result
from app.documents.results.standings import standing_rows, standing_sentence
from app.documents.results.tables import download
from result_documents import county


def with_places(*, left_out=()):
    document = county({name: {"value": 80.0} for name in ("东", "西", "北", "南")})
    places = [("u0", 1, 1, 1, []), ("u1", 2, 3, 2, ["u2"]), ("u2", 2, 3, 2, ["u1"])]
    document["standings"] = [
        {
            "series": "probability", "indicator": "senses", "confidence": 0.95,
            "left_out": list(left_out),
            "places": [
                dict(zip(("unit", "low", "high", "tier", "alike"), place, strict=True))
                for place in places
            ],
        }
    ]  # fmt: skip
    return document


def said(document, language="zh-Hans"):
    return standing_sentence(read_result(document, language), "probability", "senses")


def test_tiers_are_named_and_who_is_left_out():
    assert said(with_places(left_out=["u3"])) == (
        "比较了 3 个单位，分得出 2 档。第 1 档：东；第 2 档：西和北。"
        "南样本不足，不参加；位次只在比较的单位里算。"
    )
    assert said(with_places(), "en") == (
        "3 units compared, 2 tiers can be told apart: tier 1: 东; tier 2: 西 and 北."
    )


def test_units_of_one_tier_are_said_to_be_indistinguishable():
    document = with_places()
    for place in document["standings"][0]["places"]:
        place |= {"low": 1, "high": 3, "tier": 1}
    assert said(document) == "比较了 3 个单位：分不出高下。"


def test_a_place_is_a_range_with_those_who_share_it():
    first, second, _ = standing_rows(
        read_result(with_places(), "zh-Hans"), "probability", "senses"
    )
    assert (first.places, first.alike) == ("第 1 位", "与各单位都分得开")
    assert (second.places, second.alike) == ("第 2–3 位之间", "北")


def test_nothing_is_said_without_a_comparison():
    result = read_result(county({"东": {"value": 80.0}}), "zh-Hans")
    assert standing_sentence(result, "probability", "senses") == ""
    assert standing_rows(result, "probability", "senses") == ()
    assert "standing" not in {section.anchor for section in method(result)}


def test_the_files_carry_both_ends_and_no_rank():
    content = download(with_places(), "csv", language="zh-Hans").decode("utf-8-sig")
    rows = {row["单位"]: row for row in csv.DictReader(io.StringIO(content))}
    assert (rows["西"]["位次从"], rows["西"]["位次到"], rows["西"]["档"]) == ("2", "3", "2")
    assert (rows["南"]["位次从"], rows["全体"]["位次从"]) == ("", "")
    assert not re.search("名次", content)


def test_the_method_page_says_what_a_range_covers():
    section = next(
        s for s in method(read_result(with_places(), "en")) if s.anchor == "standing"
    )
    assert "95% confidence" in section.sentences[0]
