"""The door of other programs: the same admission as for everybody, and problems in English."""

import json
from collections.abc import Iterator

import pytest
from residents import Town, a_town, open_rounds, other_code
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.rounds import find_round
from app.survey.strict_json import DEEPEST
from app.web.protection import MOST_BODY_BYTES
from app.workflow.fieldwork import close_round
from world import NOW

ADDRESS = "/api/v1/responses"
ONCE = "0197a5f2-6c1e-7d3a-9b54-3f0c2a8e71d6"
BEST = {"Q1": 5, "Q2": 4, "Q3": 5}
SECRET = "zqsecretqz"


@pytest.fixture
def town(database_url: str, engine: Engine) -> Iterator[Town]:
    codes = open_rounds(engine)
    with a_town(database_url, codes) as town:
        yield town


def document(town: Town, **members: object) -> dict[str, object]:
    return {"code": town.codes["town"], "once": ONCE, "answers": BEST} | members


def send(town: Town, body: object, kind: str = "application/json"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return town.client.post(ADDRESS, content=content, headers={"content-type": kind})


def refused(reply, status: int) -> dict[str, str]:
    """Place → message of a problem document."""
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert SECRET not in reply.text
    body = reply.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"].isascii()
    return {problem["place"]: problem["message"] for problem in body["problems"]}


def test_answers_are_kept_once_and_the_receipt_comes_again(town: Town):
    first = send(town, document(town))
    assert first.status_code == 201
    assert first.json()["status"] == "stored"
    again = send(town, document(town))
    assert again.status_code == 200
    assert again.json() == {"receipt": first.json()["receipt"], "status": "repeated"}
    [row] = town.responses()
    assert row.answers == BEST
    assert row.channel == "api"
    assert town.client.get(f"/r/{first.json()['receipt']}").status_code == 200


def test_nothing_is_known_of_the_sender(town: Town):
    assert send(town, document(town, language="en")).status_code == 201
    [row] = town.responses()
    assert set(row.paradata) == {"slot", "order", "mode"}


def test_the_same_key_with_other_answers_is_refused(town: Town):
    assert send(town, document(town)).status_code == 201
    reply = send(town, document(town, answers={**BEST, "Q3": 1}))
    assert refused(reply, 409) == {}
    assert "-" not in reply.json()["detail"]  # the key may be a guess: no receipt for it
    assert len(town.responses()) == 1


def test_a_key_belongs_to_a_code(town: Town):
    first = send(town, document(town))
    second = send(town, document(town, code=other_code(town.engine)))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["receipt"] != second.json()["receipt"]
    assert len({row.point for row in town.responses()}) == 2


def test_a_page_and_a_program_write_the_same_answers(town: Town):
    page = town.look()
    answers = {f"q-{item}": str(code) for item, code in BEST.items()}
    assert town.press(page, answers).status_code == 303
    assert send(town, document(town)).status_code == 201
    first, second = town.responses()
    assert first.answers == second.answers


def test_items_left_out_are_named_unless_they_are_meant(town: Town):
    reply = send(town, document(town, answers={"Q1": 5, "Q2": None}))
    missing = refused(reply, 422)
    assert set(missing) == {"answers.Q2", "answers.Q3"}
    assert set(missing.values()) == {"is not answered"}
    assert town.responses() == []
    reply = send(town, document(town, answers={"Q1": 5}, accept_missing=True))
    assert reply.status_code == 201
    [row] = town.responses()
    assert row.answers == {"Q1": 5}


@pytest.mark.parametrize(
    "given", ["5", True, 5.5, [5], {"a": 5}, 17, -1, 2**31 - 1, f"{SECRET}"]
)
def test_only_a_code_of_the_scale_is_an_answer(town: Town, given: object):
    problems = refused(send(town, document(town, answers={**BEST, "Q2": given})), 422)
    assert len(problems) == 1
    assert problems.keys() <= {"answers.Q2", "body"}
    assert town.responses() == []


def test_every_mistake_is_said_at_once(town: Town):
    wrong = {
        "code": 5, "once": "short", "answers": [], "language": "fr", "token": 5,
        "accept_missing": "yes", SECRET: SECRET,
    }  # fmt: skip
    places = {"code", "once", "answers", "language", "token", "accept_missing", "body"}
    assert set(refused(send(town, wrong), 422)) == places
    assert set(refused(send(town, {}), 422)) == {"code", "once", "answers"}


def test_an_item_that_is_not_asked_is_said_without_its_name(town: Town):
    problems = refused(send(town, document(town, answers={**BEST, SECRET: 5})), 422)
    assert set(problems) == {"answers"}


@pytest.mark.parametrize(
    "once", ["a" * 15, "a" * 65, "a b" * 6, "ａ" * 16, "a" * 16 + "\n", ""]
)
def test_a_key_has_a_form(town: Town, once: str):
    assert set(refused(send(town, document(town, once=once)), 422)) == {"once"}


@pytest.mark.parametrize("text", ["𠮷㐂䶮·", "👨‍👩‍👧‍👦🏽", "\ue000\U000f0000", "=1+1", "<b>"])
def test_words_are_kept_exactly(town: Town, text: str):
    answers = {"grade": 1, "comment": text}
    hall = document(town, code=town.codes["hall"], answers=answers, accept_missing=True)
    for once, is_ascii in (("a" * 16, True), ("b" * 16, False)):
        body = json.dumps(hall | {"once": once}, ensure_ascii=is_ascii).encode()
        assert send(town, body).status_code == 201
    assert town.texts() == [text, text]


@pytest.mark.parametrize("code", ["nothing", "abcd2345", "5" * 64, "七"])
def test_an_unknown_code_is_not_found(town: Town, code: str):
    assert refused(send(town, document(town, code=code)), 404) == {}


def test_a_code_is_read_as_generously_as_on_the_page(town: Town):
    code = town.codes["town"]
    garbled = f" {code[:4].upper()}-{code[4:]} "
    assert send(town, document(town, code=garbled)).status_code == 201


def test_a_token_that_was_never_issued_is_refused(town: Town):
    assert refused(send(town, document(town, token=SECRET)), 403) == {}
    assert town.responses() == []


def test_a_round_that_is_over_takes_nothing_but_gives_the_receipt_again(town: Town):
    first = send(town, document(town)).json()
    with Session(town.engine) as session, session.begin():
        close_round(session, find_round(session, "town-2026"), now=NOW)
    assert refused(send(town, document(town, once="b" * 16)), 410) == {}
    assert send(town, document(town)).json() == first | {"status": "repeated"}


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"],
)
def test_only_json_is_read(town: Town, kind: str):
    assert refused(send(town, document(town), kind), 415) == {}


def test_json_in_capitals_with_its_charset_is_json(town: Town):
    assert send(town, document(town), "Application/JSON; charset=UTF-8").status_code == 201


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"[" * (DEEPEST + 1), b"\xff"]
)
def test_what_is_no_object_is_said(town: Town, body: bytes):
    assert set(refused(send(town, body), 422)) == {"body"}


def test_a_body_that_is_too_long_is_cut(town: Town):
    body = b'{"code":"' + b"x" * MOST_BODY_BYTES + b'"}'
    assert refused(send(town, body), 413) == {}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_a_problem_too(town: Town, method: str):
    reply = town.client.request(method, ADDRESS)
    assert refused(reply, 405) == {}
    assert reply.headers["allow"] == "POST"


def test_an_address_below_the_interface_that_is_none_is_a_problem(town: Town):
    assert refused(town.client.get(f"/api/v1/{SECRET}"), 404) == {}


def test_the_description_names_every_reply_and_nothing_else(town: Town):
    description = town.client.get("/api/v1/openapi.json").json()
    assert list(description["paths"]) == [ADDRESS]
    assert town.client.get("/openapi.json").status_code == 404
    assert town.client.get("/docs").status_code == 404
