"""Every refusal and every failure ends in a page that helps and gives nothing away."""

import logging
import re
from collections.abc import Iterator
from typing import get_args

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from app.documents.wording import translator
from app.errors import (
    InputRefused,
    KeyReused,
    MinxinError,
    NotFound,
    NotOpenReason,
    Overloaded,
    Problem,
    RoundNotOpen,
    TokenReason,
    TokenRefused,
    TooMany,
)
from app.web.errors import (
    BY_STATUS,
    NOT_OPEN,
    PAGES,
    TOKEN_REFUSED,
    KindPage,
    add_error_pages,
    kind_page,
)
from app.web.protection import BodyTooLarge, Protection

SECRET = "q-Q1=1 长安街 8 号 K3M9-XQ4T-7B2 abcd2345"
KINDS = [*PAGES.values(), *NOT_OPEN.values(), *TOKEN_REFUSED.values(), *BY_STATUS.values()]


def error_classes(above: type[MinxinError] = MinxinError) -> Iterator[type[MinxinError]]:
    """The tree of app/errors.py, the root included."""
    yield above
    for below in above.__subclasses__():
        if below.__module__ == "app.errors":
            yield from error_classes(below)


def error_of(kind: type[Exception]) -> Exception:
    """An instance whose message must not be shown to a resident."""
    arguments = {
        RoundNotOpen: ("over",),
        TokenRefused: ("needed",),
        Overloaded: (5,),
        TooMany: (5,),
        KeyReused: ("K3M9-XQ4T-7B2",),
        InputRefused: ([Problem("row 7", SECRET)],),
        BodyTooLarge: (),
    }
    return kind(*arguments.get(kind, (SECRET,)))


def client_that_raises(error: Exception) -> TestClient:
    """A visitor of an application whose every page fails with `error`."""
    application = FastAPI()
    add_error_pages(application)

    def fail() -> None:
        raise error

    for path in ("/s/{code}", "/console/x"):
        application.add_api_route(path, fail, methods=["GET", "POST"])
    return TestClient(Protection(application), raise_server_exceptions=False)


@pytest.mark.parametrize("error", [*error_classes()], ids=lambda error: error.__name__)
def test_every_class_of_the_tree_has_a_page_of_its_own(error: type[MinxinError]):
    assert error in PAGES


def test_an_error_that_is_new_below_another_gets_the_page_of_that_one():
    class NoSuchPoint(NotFound):
        pass

    assert kind_page(NoSuchPoint) is PAGES[NotFound]


def test_every_reason_not_to_be_open_has_a_page():
    assert set(NOT_OPEN) == set(get_args(NotOpenReason))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.status}-{kind.heading}")
def test_the_words_of_every_page_have_their_english(kind: KindPage):
    english = translator("en")
    for text in (kind.heading, kind.advice):
        assert not re.search(r"[\u3000-\u9fff]", english(text)), text
        assert text.strip()


@pytest.mark.parametrize("error", PAGES, ids=lambda error: error.__name__)
@pytest.mark.parametrize("query", ["", "?l=en"])
def test_a_refusal_shows_its_page_and_not_its_message(error: type[Exception], query: str):
    client = client_that_raises(error_of(error))
    kind = NOT_OPEN["over"] if error is RoundNotOpen else PAGES[error]
    reply = client.get(f"/s/abcd2345{query}")
    assert reply.status_code == kind.status
    heading = translator("en" if query else "zh-Hans")(kind.heading)
    assert f"<h1>{heading}</h1>" in reply.text
    assert f"<title>{heading}</title>" in reply.text
    assert SECRET not in reply.text
    assert "abcd2345" not in reply.text


def test_the_console_says_what_exactly_was_refused():
    reply = client_that_raises(NotFound("There is no round <b>.")).get("/console/x")
    assert "There is no round &lt;b&gt;." in reply.text


def test_the_console_says_in_the_language_of_its_reader_what_was_wrong_with_a_file():
    problem = Problem("nodes[0]", "has no name.", chinese="节点没有名称。请补上。")
    client = client_that_raises(InputRefused([problem]))
    chinese, english = client.get("/console/x"), client.get("/console/x?l=en")
    assert (
        '<p class="quiet" lang="zh-Hans">共 1 处问题：\n  节点没有名称。请补上。'
        in chinese.text
    )
    assert '<p class="quiet" lang="en">1 problem:\n  nodes[0]: has no name.' in english.text


@pytest.mark.parametrize("reason", get_args(NotOpenReason))
def test_a_round_that_is_not_open_says_why(reason: NotOpenReason):
    reply = client_that_raises(RoundNotOpen(reason)).get("/s/x")
    assert NOT_OPEN[reason].heading in reply.text


@pytest.mark.parametrize("reason", get_args(TokenReason))
def test_a_token_that_is_refused_says_why(reason: TokenReason):
    reply = client_that_raises(TokenRefused(reason)).get("/s/x")
    assert TOKEN_REFUSED[reason].heading in reply.text


def test_whoever_comes_when_nothing_can_be_kept_is_told_when_to_come_again():
    reply = client_that_raises(Overloaded(7)).post("/s/x")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "7")


def test_a_form_that_was_used_before_leads_to_its_receipt():
    reply = client_that_raises(KeyReused("K3M9-XQ4T-7B2")).post("/s/x?l=en")
    assert reply.status_code == 409
    assert 'href="/r/K3M9-XQ4T-7B2?l=en"' in reply.text


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 422, 418, 431, 451])
def test_every_status_that_the_framework_knows_has_a_page(status: int):
    reply = client_that_raises(HTTPException(status, SECRET)).get("/s/x")
    assert reply.status_code == (status if status in BY_STATUS else 400)
    assert "<h1>" in reply.text
    assert SECRET not in reply.text


def test_a_page_keeps_the_headers_that_belong_to_its_status():
    error = HTTPException(405, headers={"Allow": "GET, POST"})
    assert client_that_raises(error).get("/s/x").headers["allow"] == "GET, POST"


def test_a_request_of_the_wrong_shape_gets_a_page():
    reply = client_that_raises(RequestValidationError([{"input": SECRET}])).get("/s/x")
    assert reply.status_code == 422
    assert SECRET not in reply.text


@pytest.mark.parametrize("error", [ValueError(SECRET), KeyError(SECRET), OSError(SECRET)])
@pytest.mark.parametrize("query", ["", "?l=en"])
def test_a_failure_nobody_foresaw_shows_a_kind_page_and_leaks_nothing(
    caplog: pytest.LogCaptureFixture, error: Exception, query: str
):
    caplog.set_level(logging.DEBUG)
    reply = client_that_raises(error).post(f"/s/abcd2345{query}")
    assert reply.status_code == 500
    words = "went wrong on our side" if query else "我们这边出了问题"
    assert words in reply.text
    for leak in (SECRET, "Traceback", type(error).__name__, "abcd2345", ".py"):
        assert leak not in reply.text
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert reply.headers["cache-control"] == "no-store"
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert type(error).__name__ in logged
    assert SECRET not in logged
