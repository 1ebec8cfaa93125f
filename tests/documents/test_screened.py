"""What is said and tabled of screening, from the public view alone; old results stay whole."""

import csv
import io
import json

import pytest

from app.documents.method.sections import method
from app.documents.results.result import read_result
from app.documents.results.result_page import indicator_blocks
from app.documents.results.screened import answers_needed, screening_section
from app.documents.results.tables import download, workbook_sheets
from app.workflow.publication import public_view
from result_documents import company_part, county, opt_in, screened, text


def a_document(**company):
    document = opt_in()
    document["screening"]["company"] = company_part(**company)
    for entry in document["estimates"]:
        entry["screened"] = screened()
    return document


def public(document, language="zh-Hans"):
    return read_result(public_view(document), language)


def section(document, language="zh-Hans"):
    return screening_section(public(document, language))


def test_a_score_is_told_uncapped_capped_decided_and_in_the_worst_case():
    [block] = indicator_blocks(public(a_document()))
    assert block.main.screened.sentence == (
        "全部照算是 76.2 分，封顶后 74.0 分，核定后 71.4 分（公布的分数）；"
        "即使仍算数的回答里还有 5.0% 不实，诚实回答的平均分也在 69.1–73.5 之间。"
    )
    assert len(block.main.screened.figures) == 3


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_withheld_score_has_no_sentence_and_no_row(language):
    document = a_document()
    document["estimates"][0] |= {"withheld": "too_few"}
    [block] = indicator_blocks(public(document, language))
    assert block.main.screened.sentence == ""
    assert [figure.domain for figure in block.main.screened.figures] == ["unit", "unit"]


def test_the_section_says_how_many_count_and_what_became_of_either_side():
    told = section(a_document())
    assert "320 份回答：254 份全算，25 份少算，41 份不算" in told.sentence
    assert told.direction == (
        "高于本点位平均的 150 份里，少算的占 13.3%，不算的占 27.3%；"
        "低于的 160 份里，少算的占 9.4%，不算的占 0.0%。"
    )
    hardly = a_document()
    hardly["screening"]["company"] |= {"kept": 314, "reduced": 6, "excluded": 0}
    assert section(hardly).sentence.startswith("检查了 320 份回答，只有少数少算或不算")
    few = a_document()
    few["screening"]["company"]["directions"]["above"]["excluded"] = 3
    assert "份数太少不公布" in section(few).direction


def test_a_group_is_told_by_size_window_effect_and_reasons():
    [campaign] = section(a_document(campaigns=[41, 9, 5])).campaigns
    assert campaign.sentence == (
        "同一点位的 41 份；2026-11-22 16:00 到 18:59；核定不算；"
        "计入时 80.1 分，不计入 71.2 分，相差 +8.9 分。"
    )
    assert campaign.reasons == ("41 份几乎相同；通常 3.2 份。",)
    note = section(a_document(campaigns=[41, 9, 5])).campaigns_note
    assert note.startswith("发现 3 组有共同来历迹象的回答；其中 2 组不足 10 份，不分别列出。")
    assert section(a_document(campaigns=[])).campaigns_note == "没有发现成组可疑的回答。"


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2026-11-22T16:35", "2026-11-22T16:55", "；2026-11-22 16:00 到 16:59；"),
        ("2026-11-22T16:35", "2026-11-24T09:05", "；2026-11-22 16:00 到 2026-11-24 09:59；"),
    ],
)
def test_a_window_holds_all_of_its_last_hour(first, last, told):
    document = a_document(campaigns=[41])
    document["screening"]["company"]["campaigns"][0] |= {"first": first, "last": last}
    assert told in section(document).campaigns[0].sentence


def test_a_group_says_what_was_decided_about_it():
    words = {"keep": "核定照算", "down_weight": "少算", "exclude": "核定不算"}
    for verdict, word in words.items():
        document = a_document(campaigns=[41])
        document["screening"]["company"]["campaigns"][0]["verdict"] = verdict
        assert word in section(document).campaigns[0].sentence
    del document["screening"]["company"]["campaigns"][0]["verdict"]
    assert "还没有核定" in section(document).campaigns[0].sentence


def test_a_group_of_a_withheld_point_says_nothing_of_scores():
    document = a_document()
    document["screening"]["company"]["points"][0]["withheld"] = "too_few"
    [campaign] = section(document).campaigns
    assert campaign.sentence.endswith("；回答太少，不公布对分数的影响。")


def test_a_point_says_what_would_move_it():
    [row] = section(a_document()).points
    assert (row.name, row.raw, row.capped, row.decided) == ("一号窗口", "81.2", "78.6", "72.3")
    assert (row.worst, row.epsilon, row.up, row.down) == ("70.1–75.0", "5.1%", "18", "4")
    assert (row.kept, row.reduced, row.excluded) == ("254", "25", "41")


@pytest.mark.parametrize(("answers", "told"), [(None, "—"), (3.24, "4"), (120.0, "120")])
def test_answers_that_move_a_score_are_whole(answers, told):
    assert answers_needed(answers) == told


def test_english_is_complete():
    document = a_document(campaigns=[41, 3])
    document["screening"]["company"]["points"][0]["name"] = text("窗口", "Window")
    told = section(document, "en")
    words = [told.sentence, told.direction, told.campaigns_note, *map(str, told.points)]
    words += [str(one) for one in told.campaigns]
    for part in method(public(document, "en")):
        if part.anchor in {"company", "worst-case"}:
            words += [part.title, *part.sentences, *(str(fact) for fact in part.facts)]
    assert not any("一" <= letter <= "鿿" for word in words for letter in word)


def test_the_method_page_says_the_caps_and_the_rule():
    sections = {one.anchor: one for one in method(public(a_document()))}
    assert sections["company"].sentences[:2] == ("封顶的规则", "标出的规则")
    assert dict(sections["company"].facts)["检查的份数"] == "320 份"
    assert dict(sections["worst-case"].facts) == {"各点位假设的不实比例 ε": "5.1% 到 5.1%"}
    assert {"company", "worst-case"}.isdisjoint(one.anchor for one in method(public(opt_in())))


def test_files_carry_it_and_old_files_stay_as_they_were():
    def head(document):
        text = download(public_view(document), "csv", language="en").decode("utf-8-sig")
        return next(csv.reader(io.StringIO(text)))

    new = {"Uncapped", "Capped", "Worst case, low", "Worst case, high"}
    assert new <= set(head(a_document()))
    assert not new & set(head(opt_in()))
    titles = [sheet.title for sheet in workbook_sheets(public(a_document()), None)]
    assert "各点位筛查" in titles
    assert download(public_view(a_document()), "xlsx", language="zh-Hans").startswith(b"PK")


def test_a_result_from_before_is_still_read():
    result = public(county({"一区": {"value": 85.0}}))
    assert screening_section(result) is None
    assert indicator_blocks(result)[0].main.screened is None


def test_decided_groups_that_are_found_no_more_are_told():
    document = a_document(campaigns=[])
    lapsed = [{"code": "c9", "verdict": "keep", "by": 3, "n": 12}]
    document["screening"]["company"]["no_longer_found"] = lapsed
    assert "另有 1 组以前核定过" in section(document).campaigns_note
    assert "still holds" in section(document, "en").campaigns_note
    assert "c9" not in json.dumps(public_view(document))


def test_a_group_that_waits_is_told_so_and_not_what_it_moves():
    document = a_document()
    del document["screening"]["company"]["campaigns"][0]["verdict"]
    told = section(document)
    assert "其中 1 组计算时还没有核定" in told.campaigns_note
    assert "还没有核定，对分数的影响核定后公布" in told.campaigns[0].sentence
    assert "相差" not in told.campaigns[0].sentence
    assert "not decided yet" in section(document, "en").campaigns[0].sentence
