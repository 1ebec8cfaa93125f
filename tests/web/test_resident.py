"""A resident answers without a script: nothing given is lost, and nothing counts twice."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from residents import (
    ALL_BEST,
    ALL_WORST,
    ROUNDS,
    Town,
    a_copy,
    a_town,
    open_rounds,
    other_code,
    read,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.engine import make_engine
from app.database.rounds import find_round
from app.survey.codes import new_code, read_receipt
from app.workflow.fieldwork import close_round
from world import NOW

Q1, Q2 = {"q-Q1": "4"}, {"q-Q2": "2"}
RARE = "𠮷𬭸街 👍🏽 路灯 <b>&amp;</b> \"'"


@pytest.fixture(scope="module")
def rounds(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """A SQLite file in which three rounds are open, and a code of each."""
    folder = tmp_path_factory.mktemp("rounds")
    url = a_copy(sqlite_template, folder)
    engine = make_engine(url)
    codes = open_rounds(engine)
    engine.dispose()
    return folder / sqlite_template.name, codes


@pytest.fixture
def town(rounds: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Town]:
    """The product over three open rounds, on SQLite."""
    file, codes = rounds
    with a_town(a_copy(file, tmp_path), codes) as town:
        yield town


@pytest.fixture
def any_town(engine: Engine, database_url: str) -> Iterator[Town]:
    """The product over three open rounds, on either database."""
    with a_town(database_url, open_rounds(engine)) as town:
        yield town


# What the page says and asks


def test_the_page_says_where_one_is_and_what_an_answer_means(town: Town):
    page = town.look()
    assert page.status == 200
    assert "东街" in page.text
    assert "东街大厅" in page.text
    assert "打几分都不影响您办事" in page.text
    assert "有人要求我打好评，我要反映" in page.text
    assert "小镇测评办公室" in page.text
    assert "East hall" in town.look(query="?l=en").text


@pytest.mark.parametrize("which", ["town", "hall", "senses"])
@pytest.mark.parametrize("query", ["", "?l=en"])
def test_nothing_is_preselected(town: Town, which: str, query: str):
    page = town.look(which, query)
    assert set(page.fields) & set(page.offered) == set()


def test_every_level_and_the_unscored_choice_are_offered_in_the_order_of_the_definition(
    town: Town,
):
    assert town.look().offered["q-Q1"] == ["5", "4", "3", "2", "1", "98"]
    assert town.look("senses").offered["q-H1"] == [*map(str, range(11)), "98"]


def test_looking_writes_nothing(any_town: Town):
    before = any_town.row_counts()
    for path in (f"/s/{any_town.codes['town']}", f"/s/{any_town.codes['town']}/report"):
        for mode in ("", "?mode=step", "?l=en", "?l=en&mode=step"):
            assert any_town.client.get(path + mode).status_code == 200
    for path in ("/", "/?code=abc", "/r", "/r/0000-0000-000", "/privacy", "/s/00000000"):
        any_town.client.get(path)
    any_town.client.head(f"/s/{any_town.codes['town']}")
    assert any_town.row_counts() == before


# From answers to a receipt


def test_answers_are_kept_as_given_and_lead_to_a_receipt(any_town: Town):
    reply = any_town.press(any_town.look(), {**ALL_BEST, "q-Q2": "98", "q-why": RARE})
    assert reply.status_code == 303
    number = reply.headers["location"].removeprefix("/r/")
    assert read_receipt(number) == number
    receipt = any_town.client.get(f"/r/{number}")
    assert receipt.status_code == 200
    assert number in receipt.text
    kept = any_town.responses()
    assert [one.answers for one in kept] == [{"Q1": 5, "Q2": 98, "Q3": 5}]
    assert any_town.texts() == [RARE]
    assert kept[0].paradata["comment_length"] == len(RARE)


def test_what_is_kept_of_a_visit_points_to_nobody(any_town: Town):
    page = any_town.look()
    any_town.clock.now = NOW + timedelta(seconds=42)
    agent = {"user-agent": "Mozilla/5.0 (Linux; Android 9; VOG-AL00) MicroMessenger/8.0"}
    sent = page.filled({**ALL_BEST, "t-senses": "31"}) | {"send": ["1"]}
    any_town.client.post(page.action, data=sent, headers=agent)
    paradata = any_town.responses()[0].paradata
    assert paradata["order"] == "as_defined"
    assert paradata["seconds"] == 42
    assert paradata["section_seconds"] == {"senses": 31}
    assert paradata["slot"] == "2026-11-22T08:30Z"
    assert re.fullmatch("[0-9a-f]{16}", paradata["device"])
    assert set(paradata) <= {
        "slot", "seconds", "section_seconds", "device", "network", "order", "mode",
    }  # fmt: skip


def test_the_same_form_sent_twice_is_one_response_with_one_receipt(any_town: Town):
    page = any_town.look()
    first, second = (any_town.press(page, ALL_BEST) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(any_town.responses()) == 1


def test_a_used_form_with_other_answers_shows_the_first_receipt(any_town: Town):
    page = any_town.look(query="?l=en")
    receipt = any_town.press(page, ALL_BEST).headers["location"]
    again = any_town.press(page, ALL_WORST)
    assert again.status_code == 409
    assert receipt in again.text
    assert "already" in again.text  # in the language of the form
    assert [one.answers["Q1"] for one in any_town.responses()] == [5]


def test_two_forms_are_two_responses(town: Town):
    receipts = {town.press(town.look(), ALL_BEST).headers["location"] for _ in range(3)}
    assert len(receipts) == 3
    assert len(town.responses()) == 3


def test_receipts_of_the_best_and_the_worst_answers_differ_in_the_number_only(town: Town):
    pages = []
    for answers in (ALL_BEST, {**ALL_WORST, "q-why": "不好"}):
        location = town.press(town.look(), answers).headers["location"]
        number = location.removeprefix("/r/")
        reply = town.client.get(location)
        text = reply.text.replace("<wbr>", "").replace(number, "N")
        pages.append((text, len(number), sorted(reply.headers)))
    assert pages[0] == pages[1]


# Something to look at again


def test_what_is_missing_is_pointed_out_in_the_same_words_and_what_is_given_stays(town: Town):
    again = town.turn(town.look(), Q1, "send")
    assert again.status == 422
    assert again.fields["q-Q1"] == ["4"]
    assert again.title.startswith("有 2 题要再看一下")
    for item in ("Q2", "Q3"):
        summary = re.search(rf'<a href="#q-{item}-f">(.*?)</a>', again.text)
        assert summary is not None
        place = again.text[again.text.index(f'id="q-{item}-f"') :]
        words = re.search(rf'<strong class="e" id="q-{item}-e">(.*?)</strong>', place)
        assert words is not None
        assert summary[1].endswith(words[1])
        assert f'aria-describedby="q-{item}-e"' in place
    assert town.responses() == []


def test_the_second_button_sends_without_the_missing_items(town: Town):
    again = town.turn(town.look(), Q1, "send")
    assert town.press(again, button="skip").status_code == 303
    assert [one.answers for one in town.responses()] == [{"Q1": 4}]


def test_an_answer_that_is_not_a_choice_is_asked_again_and_can_be_left_out(town: Town):
    again = town.turn(town.look(), {**ALL_BEST, "q-Q2": "7"}, "send")
    assert again.status == 422
    assert "这题的回答没有看懂，请重新选" in again.text
    assert "q-Q2" not in again.fields
    assert again.fields["q-Q1"] == ["5"]
    assert town.press(again, {"q-Q2": "7"}, "skip").status_code == 303
    assert [one.answers for one in town.responses()] == [{"Q1": 5, "Q3": 5}]


def test_a_text_that_is_too_long_comes_back_whole(town: Town):
    long = "长" * 201
    again = town.turn(town.look(), {**ALL_BEST, "q-why": long}, "send")
    assert again.status == 422
    assert "写得太长了，请缩短一些" in again.text
    assert again.fields["q-why"] == [long]
    assert town.press(again, {"q-why": long[:200]}).status_code == 303
    assert town.texts() == [long[:200]]


def test_given_answers_survive_every_button_that_is_not_the_last(town: Town):
    answers = {**ALL_WORST, "q-Q3": "98", "q-why": RARE, "big": "on", "dk": "on"}
    page = town.turn(town.look(), answers, "to")
    for _ in range(3):
        page = town.turn(page, button="to")
        kept = {name: page.fields[name] for name in answers}
        assert kept == {name: [value] for name, value in answers.items()}
    assert town.press(page).status_code == 303
    assert town.texts() == [RARE]


def test_the_language_changes_and_the_key_of_the_form_stays(town: Town):
    page = town.look()
    english = town.turn(page, Q1, "to")
    assert "Send" in english.text
    assert english.fields["once"] == page.fields["once"]
    assert english.action.endswith("&l=en")
    back = town.turn(english, Q2, "to")
    assert back.fields["l"] == ["zh-Hans"]
    assert "l=" not in back.action
    assert (back.fields["q-Q1"], back.fields["q-Q2"]) == (["4"], ["2"])


def test_large_type_and_ground_colour_are_kept_after_a_mistake_and_on_the_receipt(town: Town):
    again = town.turn(town.look(), {**Q1, "big": "on", "dk": "on"}, "send")
    assert again.fields["big"] == again.fields["dk"] == ["on"]
    location = town.press(again, button="skip").headers["location"]
    assert location.endswith("?big=1&dk=1")
    receipt = town.client.get(location)
    assert receipt.text.count(" checked") == 2


def test_seconds_counted_on_earlier_pages_are_not_forgotten(town: Town):
    again = town.turn(town.look(), {**Q1, "t-senses": "40"}, "send")
    assert again.fields["t-senses"] == ["40"]


@pytest.mark.parametrize("once", [None, "", "x" * 200, "0" * 8, "é", "a.b.c", "\x00", "other"])
def test_a_key_that_is_not_ours_is_renewed_and_costs_one_more_tap(town: Town, once: str | None):
    page = town.look()
    if once is None:
        del page.fields["once"]
    elif once == "other":
        code = other_code(town.engine)
        page.fields["once"] = read(town.client.get(f"/s/{code}")).fields["once"]
    else:
        page.fields["once"] = [once]
    again = town.turn(page, ALL_BEST, "send")
    assert again.status == 422
    assert "请再点一次提交" in again.text
    assert town.responses() == []
    assert town.press(again).status_code == 303
    assert [one.answers for one in town.responses()] == [{"Q1": 5, "Q2": 5, "Q3": 5}]


# One item a page


def test_step_mode_shows_one_item_a_page_and_ends_with_a_receipt(any_town: Town):
    page = any_town.look(query="?mode=step")
    for number, item in enumerate(("q-Q1", "q-Q2", "q-Q3"), start=1):
        assert set(page.offered) == {item, "big", "dk"}
        assert page.title.startswith(f"已答 {number - 1} / 3 题")
        page = any_town.turn(page, {item: "3"})
    assert "提交" in page.text
    assert any_town.press(page, {"q-why": "路灯"}, "next").status_code == 303
    kept = any_town.responses()
    assert [one.answers for one in kept] == [{"Q1": 3, "Q2": 3, "Q3": 3}]
    assert kept[0].paradata["mode"] == "step"
    assert any_town.texts() == ["路灯"]


def test_in_step_mode_one_goes_back_changes_an_answer_and_keeps_the_others(town: Town):
    second = town.turn(town.look(query="?mode=step"), {"q-Q1": "3"})
    third = town.turn(second, {"q-Q2": "4"})
    second = town.turn(third, {"q-Q3": "2"}, "back")
    assert second.fields["q-Q2"] == ["4"]
    third = town.turn(second, {"q-Q2": "1"})
    assert third.fields["q-Q3"] == ["2"]
    last = town.turn(third)
    assert town.press(last, button="next").status_code == 303
    assert [one.answers for one in town.responses()] == [{"Q1": 3, "Q2": 1, "Q3": 2}]


def test_in_step_mode_a_missing_answer_is_pointed_out_once_and_may_be_left_out(town: Town):
    again = town.turn(town.look(query="?mode=step"))
    assert again.status == 422
    assert "这题还没有选" in again.text
    assert "q-Q2" in town.turn(again, button="skip").offered


def test_in_step_mode_an_answer_that_is_not_a_choice_never_stops_one_for_good(town: Town):
    page = town.look(query="?mode=step")
    page.fields["q-Q2"] = ["77"]
    page = town.turn(page, {"q-Q1": "3"})
    assert "q-Q2" in page.offered
    again = town.turn(page, {"q-Q2": "77"})
    assert again.status == 422
    third = town.turn(again, {"q-Q2": "77"}, "skip")
    last = town.turn(third, {"q-Q3": "5"})
    assert town.press(last, button="next").status_code == 303
    assert [one.answers for one in town.responses()] == [{"Q1": 3, "Q3": 5}]


def test_a_mistake_carried_to_the_last_step_leads_to_its_item(town: Town):
    page = town.look(query="?mode=step")
    page.fields |= {"q-Q1": ["5"], "q-Q2": ["77"], "q-Q3": ["5"], "at": ["why"]}
    again = town.turn(page)
    assert (again.status, "q-Q2" in again.offered) == (422, True)
    assert again.fields["at"] == ["Q2"]


@pytest.mark.parametrize("at", ["", "nowhere", "<b>", "Q1\x00"])
@pytest.mark.parametrize("button", ["next", "back", "to", "skip"])
def test_a_step_that_does_not_exist_shows_the_first(town: Town, at: str, button: str):
    page = town.look(query="?mode=step")
    sent = page.filled({"q-Q2": "4", "at": at}) | {button: ["zh-Hans"]}
    shown = read(town.client.post(page.action, data=sent))
    assert "q-Q1" in shown.offered
    assert shown.fields["q-Q2"] == ["4"]


def test_the_language_of_a_step_changes_on_the_spot(town: Town):
    second = town.turn(town.look(query="?mode=step"), {"q-Q1": "3"})
    english = town.turn(second, {"q-Q2": "2"}, "to")
    assert "How satisfied are you" in english.text
    assert (english.fields["q-Q1"], english.fields["q-Q2"]) == (["3"], ["2"])


# Reasons that belong to a grade


def test_reasons_stand_on_the_page_and_only_those_of_the_grade_are_kept(any_town: Town):
    page = any_town.look("hall")
    assert page.offered["q-why_1"][:3] == ["108", "109", "110"]
    assert "如果选了“非常不满意”" in page.text
    given = {"q-grade": "1", "q-why_1": ["108", "115"], "q-why_5": ["510"]}
    assert any_town.press(page, given).status_code == 303
    kept = any_town.responses("hall")
    assert [one.answers for one in kept] == [{"grade": 1, "why_1": [108, 115]}]


def test_reasons_are_no_duty(town: Town):
    assert town.press(town.look("hall"), {"q-grade": "5"}).status_code == 303


def test_reasons_that_were_chosen_are_open_when_the_page_comes_again(town: Town):
    again = town.turn(town.look("hall"), {"q-why_2": ["207"]}, "send")
    boxes = re.findall(
        r'<details class="more" data-if="grade" data-in="(\d)"( open)?', again.text
    )
    assert dict(boxes) == {"5": "", "4": "", "3": "", "2": " open", "1": ""}


def test_step_mode_asks_for_the_reasons_of_the_grade_only(town: Town):
    page = town.look("hall", "?mode=step")
    page = town.turn(page, {"q-grade": "2"})
    assert "q-why_2" in page.offered
    page = town.turn(page, {"q-why_2": ["207"]}, "back")
    page = town.turn(page, {"q-grade": "4"})
    assert "q-why_4" in page.offered
    page = town.turn(page)
    assert "q-comment" in page.fields
    assert town.press(page, button="next").status_code == 303
    assert [one.answers for one in town.responses("hall")] == [{"grade": 4}]


def test_a_grade_that_was_not_met_asks_for_no_reason(town: Town):
    page = town.turn(town.look("hall", "?mode=step"), {"q-grade": "98"})
    assert "q-comment" in page.fields


def test_the_last_step_is_called_so_only_where_nothing_can_follow(town: Town):
    page = town.look("hall", "?mode=step")
    assert "下一题" in page.text
    page = town.turn(page, {"q-grade": "98"})
    assert "下一题" not in page.text


# Codes, receipts, reports


def test_every_code_that_leads_nowhere_gets_the_same_page(town: Town):
    sound = new_code(b"\xff" * 5)
    right = town.codes["town"]
    mistyped = right[:-1] + ("0" if right[-1] != "0" else "1")
    pages = {
        town.client.get(f"/s/{code}").text
        for code in (sound, mistyped, "x", "0" * 500, "%00", "..%2f..", "码")
    }
    assert len(pages) == 1
    assert right not in pages.pop()
    for suffix in ("", "/report"):
        for call in (town.client.get, town.client.post):
            assert call(f"/s/{sound}{suffix}").status_code == 404


def test_a_code_is_read_as_people_type_it(town: Town):
    code = town.codes["town"]
    for typed in (code.upper(), f"{code[:4]}-{code[4:]}", f" {code} "):
        reply = town.client.get("/", params={"code": typed, "l": "en"})
        assert (reply.status_code, reply.headers["location"]) == (303, f"/s/{code}?l=en")
    wrong = town.client.get("/", params={"code": '"><script>'})
    assert wrong.status_code == 422
    assert "<script>" not in wrong.text


def test_every_receipt_that_does_not_exist_gets_the_same_page(town: Town):
    town.press(town.look(), ALL_BEST)
    numbers = ("0000-0000-000", "1", "K3M9-XQ4T-7B2", "%00", "x" * 300)
    pages = {town.client.get(f"/r/{number}").text for number in numbers}
    assert len(pages) == 1


def test_a_receipt_is_found_by_its_number_as_it_is_read_over_the_phone(town: Town):
    location = town.press(town.look(), ALL_BEST).headers["location"]
    typed = location.removeprefix("/r/").lower().replace("-", " ").replace("0", "o")
    reply = town.client.get("/r", params={"number": typed})
    assert reply.headers["location"] == location
    assert town.client.get("/r", params={"number": "abc"}).status_code == 422


def test_a_report_of_pressure_is_kept_apart_from_every_answer(any_town: Town):
    code = any_town.codes["town"]
    page = read(any_town.client.get(f"/s/{code}/report"))
    before = any_town.row_counts()
    reply = any_town.client.post(page.action, data={"text": f"{RARE}\x00" + "长" * 900})
    assert reply.status_code == 200
    after = any_town.row_counts()
    assert {n: after[n] - before[n] for n in after if after[n] != before[n]} == {
        "pressure_report": 1,
        "outbox": 1,
    }


# The round ends while somebody answers


@pytest.mark.parametrize("how", ["closed", "out of its window"])
def test_whoever_answers_while_the_round_ends_is_told_what_became_of_it(town: Town, how: str):
    page = town.look(query="?l=en")
    if how == "closed":
        with Session(town.engine) as session, session.begin():
            close_round(session, find_round(session, ROUNDS["town"]), now=NOW)
    else:
        town.clock.now = NOW + timedelta(days=400)
    late = town.press(page, ALL_BEST)
    assert late.status_code == 410
    assert "This survey is over" in late.text
    assert "was not accepted and is not kept" in late.text
    assert (
        "not accepted" not in town.client.get(page.action).text
    )  # who only looks lost nothing
    assert town.responses() == []


def test_a_survey_that_has_not_begun_says_so(town: Town):
    town.clock.now = NOW - timedelta(days=400)
    early = town.client.get(f"/s/{town.codes['town']}")
    assert early.status_code == 410
    assert "还没有开始" in early.text
