"""What every reply carries, what no request may do, and what is never written down."""

import asyncio
import base64
import hashlib
import json
import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from residents import ALL_BEST, Town, a_copy, a_town, open_rounds
from starlette.types import Message

from app.cli.logs import JsonLines
from app.settings import Settings
from app.web.application import create_app
from app.web.protection import HEADERS, MOST_BODY_BYTES, BodyTooLarge, Protection
from app.web.resident.pages import script_address
from servers import Serve

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """The product over open rounds."""
    with a_town(sqlite_url, {}) as empty:
        codes = open_rounds(empty.engine)
    with a_town(sqlite_url, codes) as town:
        yield town


def kinds_of_reply(town: Town) -> dict[str, object]:
    """One reply of every kind that a resident can get."""
    code, client = town.codes["town"], town.client
    receipt = town.press(town.look(), ALL_BEST)
    return {
        "questionnaire": client.get(f"/s/{code}"),
        "refused": town.press(town.look()),
        "redirect": receipt,
        "receipt": client.get(receipt.headers["location"]),
        "start": client.get("/"),
        "privacy": client.get("/privacy"),
        "report": client.get(f"/s/{code}/report"),
        "script": client.get(script_address()),
        "not found": client.get("/nowhere"),
        "wrong method": client.put(f"/s/{code}"),
        "too large": client.post(
            f"/s/{code}", content=b"x" * (MOST_BODY_BYTES + 1), headers=FORM
        ),
        "wrong type": client.post(f"/s/{code}", json={}),
        "health": client.get("/healthz"),
    }


def test_every_kind_of_reply_is_protected_and_sets_no_cookie(town: Town):
    for name, reply in kinds_of_reply(town).items():
        for header in HEADERS:
            assert header in reply.headers, name
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; "), name
        assert "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert reply.headers["referrer-policy"] == "no-referrer", name
        assert reply.headers["x-content-type-options"] == "nosniff", name
        assert "set-cookie" not in reply.headers, name
        assert reply.headers.get_list("content-security-policy") == [policy], name
        assert "uvicorn" not in reply.headers.get("server", ""), name


def test_what_belongs_to_one_person_is_not_kept_by_anybody(town: Town):
    replies = kinds_of_reply(town)
    for name in ("questionnaire", "refused"):
        assert replies[name].headers["cache-control"] == "private, no-cache"
    for name in ("receipt", "report", "not found", "too large"):
        assert replies[name].headers["cache-control"] == "no-store", name
    assert "immutable" in replies["script"].headers["cache-control"]


def test_the_policy_lets_in_exactly_the_style_of_the_page_and_no_script_in_it(town: Town):
    for reply in kinds_of_reply(town).values():
        if not reply.headers.get("content-type", "").startswith("text/html"):
            continue
        styles = re.findall(r"<style>(.*?)</style>", reply.text, flags=re.DOTALL)
        assert len(styles) == 1
        digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
        policy = reply.headers["content-security-policy"]
        assert f"style-src 'sha256-{digest}';" in policy
        assert " style=" not in reply.text
        assert not re.search(r"\son[a-z]+=", reply.text)
        assert all(
            tag.startswith("<script src=") for tag in re.findall("<script[^>]*>", reply.text)
        )


def test_a_script_of_another_version_is_not_served(town: Town):
    assert town.client.get("/static/answering-00000000.js").status_code == 404


# Size


def bodies(chunk: bytes, count: int) -> tuple[list[int], list[Message]]:
    """Feed `count` chunks through the protection; give how many were read, and the reply."""
    read, replies = [], []

    async def reader(scope, receive, send) -> None:
        while True:
            message = await receive()
            read.append(len(message["body"]))
            if not message["more_body"]:
                return

    async def receive() -> Message:
        return {"type": "http.request", "body": chunk, "more_body": len(read) + 1 < count}

    async def send(message: Message) -> None:
        replies.append(message)

    asyncio.run(Protection(reader)({"type": "http"}, receive, send))
    return read, replies


def test_a_body_is_refused_while_it_streams_in_and_not_after():
    chunk = b"x" * 1024
    assert len(bodies(chunk, MOST_BODY_BYTES // 1024)[0]) == MOST_BODY_BYTES // 1024
    with pytest.raises(BodyTooLarge):
        bodies(chunk, 100_000_000)


@pytest.mark.parametrize("size", [MOST_BODY_BYTES - 100, MOST_BODY_BYTES + 100])
def test_the_largest_form_is_taken_and_a_larger_one_gets_a_page(town: Town, size: int):
    body = b"q-why=" + b"x" * (size - 6)
    reply = town.client.post(f"/s/{town.codes['town']}", content=body, headers=FORM)
    assert reply.status_code == (422 if size <= MOST_BODY_BYTES else 413)
    assert "内容太长" in reply.text or size <= MOST_BODY_BYTES


@pytest.mark.parametrize(
    "length", [f"content-length: {20_000_000}", "transfer-encoding: chunked"]
)
def test_over_a_real_connection_the_page_comes_before_the_body_is_whole(
    sqlite_url: str, serve: Serve, length: str
):
    served = serve(create_app(Settings(database_url=sqlite_url)))
    head = (
        "POST /s/00000000 HTTP/1.1\r\nhost: x\r\n"
        f"content-type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n"
    )
    part = b"q-why=" + b"x" * (MOST_BODY_BYTES * 2)
    if "chunked" in length:
        part = f"{len(part):x}\r\n".encode() + part + b"\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(head.encode() + part)
        assert connection.recv(12) == b"HTTP/1.1 413"


# The log


def test_the_log_has_the_route_the_status_and_the_time_and_nothing_of_the_person(
    town: Town, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    secrets = [
        town.codes["town"],
        "K3M9-XQ4T-7B2",
        "203.0.113.7",
        "Honor 9X",
        "路灯",
        "nowhere",
    ]
    agent = {"user-agent": "Honor 9X", "x-forwarded-for": "203.0.113.7"}
    page = town.look(query="?l=en")
    town.client.post(page.action, data=page.filled({"q-Q1": "5"}), headers=agent)
    sent = page.filled({**ALL_BEST, "q-why": "路灯"}) | {"send": ["1"]}
    reply = town.client.post(page.action, data=sent, headers=agent)
    number = reply.headers["location"].removeprefix("/r/").partition("?")[0]
    town.client.get(f"/r/{number}", headers=agent)
    town.client.get("/r/K3M9-XQ4T-7B2", headers=agent)
    town.client.get("/nowhere", headers=agent)
    ours = [record for record in caplog.records if record.name.startswith("app.")]
    lines = [json.loads(JsonLines().format(record)) for record in ours]
    # A page, a plain answer and its receipt leave no line at all: a line says when.
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/s/{code}", 422),
        ("/r/{number}", 404),
        ("unknown", 404),
    ]
    assert all(line["milliseconds"] >= 0 for line in lines)
    text = json.dumps(lines, ensure_ascii=False)
    for secret in [*secrets, number, page.fields["once"][0]]:
        assert secret not in text


def test_nothing_of_a_visit_is_found_in_the_database_file(
    tmp_path: Path, sqlite_template: Path
):
    url = a_copy(sqlite_template, tmp_path)
    with a_town(url, {}) as empty:
        codes = open_rounds(empty.engine)
    with a_town(url, codes) as town:
        page = town.look()
        agent = {"user-agent": "Honor-9X-unmistakable"}
        sent = page.filled(ALL_BEST) | {"send": ["1"]}
        reply = town.client.post(page.action, data=sent, headers=agent)
        number = reply.headers["location"].removeprefix("/r/")
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert b"east-hall" in kept
    for trace in (
        "Honor-9X",
        "testclient",
        number,
        number.replace("-", ""),
        page.fields["once"][0],
    ):
        assert trace.encode() not in kept
