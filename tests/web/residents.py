"""Residents without a script: they read a page's form, fill it in and press a button.

`Paper` is what such a browser knows of a page; `Town` is a served place with three rounds
behind codes: three questions, the service review, and the long demonstration survey.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.engine import make_engine
from app.database.fieldwork import count_responses, load_responses
from app.database.rounds import active_codes, find_round
from app.database.tables import ResponseRow, Table
from app.settings import Settings
from app.web.application import create_app
from app.workflow.preparation import draft_round, open_round
from app.workflow.registry import Registry
from world import DEFINITIONS, NOW, TOWN_PLAN, registry

HALL_PLAN = TOWN_PLAN.replace("town-2026", "hall-2026").replace(
    "three_senses_short@1", "service_review@1"
)
ALL_BEST = {"q-Q1": "5", "q-Q2": "5", "q-Q3": "5"}
ALL_WORST = {"q-Q1": "1", "q-Q2": "1", "q-Q3": "1"}


class Clock:
    """A clock that stands still until a test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Paper:
    """A page as a browser without scripts knows it: where its form goes and what it sends."""

    status: int
    text: str
    action: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)
    """What the form sends as it stands, without a button."""
    offered: dict[str, list[str]] = field(default_factory=dict)
    """Name → the values of its radio buttons and boxes."""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    title: str = ""

    def filled(self, answers: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
        """What is sent after `answers` were given."""
        sent = dict(self.fields)
        for name, given in answers.items():
            sent[name] = [given] if isinstance(given, str) else list(given)
        return sent


class _Reader(HTMLParser):
    def __init__(self, paper: Paper) -> None:
        super().__init__()
        self.paper, self.area, self.in_form, self.in_title = paper, "", False, False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.in_form = True
            self.paper.action = given["action"]
        self.in_title = tag == "title"
        if not (self.in_form or "form" in given) or not given.get("name"):
            return
        name, value = given["name"], given.get("value", "on")
        if tag == "button":
            self.paper.buttons.append((name, value))
        elif tag == "textarea":
            self.area = name
            self.paper.fields[name] = [""]
        elif given.get("type") in {"radio", "checkbox"}:
            self.paper.offered.setdefault(name, []).append(value)
            if "checked" in given:
                self.paper.fields.setdefault(name, []).append(value)
        else:
            self.paper.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self.in_form = self.in_form and tag != "form"
        self.area = "" if tag == "textarea" else self.area
        self.in_title = False

    def handle_data(self, text: str) -> None:
        if self.area:
            # A browser drops a line break that begins a text box and sends the others as CRLF.
            self.paper.fields[self.area][0] += text
        if self.in_title:
            self.paper.title += text


def read(reply: Any) -> Paper:
    """The page in a reply."""
    paper = Paper(reply.status_code, reply.text)
    _Reader(paper).feed(reply.text)
    return paper


@dataclass
class Town:
    """The served product: a visitor, the database, the codes of three rounds."""

    client: TestClient
    engine: Engine
    codes: Mapping[str, str]
    clock: Clock

    def look(self, which: str = "town", query: str = "") -> Paper:
        """The questionnaire of a code as somebody gets it who scans it."""
        return read(self.client.get(f"/s/{self.codes[which]}{query}"))

    def press(
        self, paper: Paper, answers: Mapping[str, Any] | None = None, button: str = "send"
    ) -> Any:
        """The reply to a button of a page after `answers` were given on it."""
        value = dict(paper.buttons)[button]
        sent = paper.filled(answers or {}) | {button: [value]}
        return self.client.post(paper.action, data=sent)

    def turn(
        self, paper: Paper, answers: Mapping[str, Any] | None = None, button: str = "next"
    ) -> Paper:
        """The page that a button leads to."""
        return read(self.press(paper, answers, button))

    def responses(self, which: str = "town") -> Sequence[ResponseRow]:
        """Every response of a round, as stored."""
        with Session(self.engine, expire_on_commit=False) as session:
            row = find_round(session, ROUNDS[which])
            assert len(load_responses(session, row.id)) == count_responses(session, row.id)
            wanted = select(ResponseRow).where(ResponseRow.round_id == row.id)
            return session.scalars(wanted).all()

    def texts(self) -> list[str]:
        """Every text that is stored, sorted."""
        table = Table.metadata.tables["response_text"]
        with self.engine.connect() as connection:
            return sorted(connection.scalars(select(table.c.text)))

    def row_counts(self) -> dict[str, int]:
        """Table → how many rows it has."""
        with self.engine.connect() as connection:
            return {
                name: connection.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Table.metadata.tables.items()
            }


ROUNDS = {"town": "town-2026", "hall": "hall-2026", "senses": "demo-senses"}


def open_rounds(engine: Engine) -> dict[str, str]:
    """Open the three rounds and give a code of each."""
    senses = (DEFINITIONS / "plans" / "demo_senses.yaml").read_text(encoding="utf-8")
    plans = {"town": TOWN_PLAN, "hall": HALL_PLAN, "senses": senses}
    with Session(engine) as session, session.begin():
        for plan in plans.values():
            row = draft_round(session, plan, source="plan", registry=_definitions(), now=NOW)
            open_round(session, row, now=NOW)
        rows = {name: find_round(session, code) for name, code in ROUNDS.items()}
        codes = {name: active_codes(session, row.id) for name, row in rows.items()}
    return {name: found[min(found)] for name, found in codes.items()}


@cache
def _definitions() -> Registry:
    return registry()


def other_code(engine: Engine, which: str = "town") -> str:
    """The code of another point of the same round."""
    with Session(engine) as session:
        found = active_codes(session, find_round(session, ROUNDS[which]).id)
    return found[max(found)]


@contextmanager
def a_town(url: str, codes: Mapping[str, str]) -> Iterator[Town]:
    """The product over a database in which the rounds are open."""
    clock, engine = Clock(), make_engine(url)
    application = create_app(Settings(database_url=url), clock=clock)
    client = TestClient(application, follow_redirects=False, raise_server_exceptions=False)
    with client:
        yield Town(client, engine, codes, clock)
    engine.dispose()


def a_copy(file: Path, folder: Path) -> str:
    """The address of a copy of a SQLite file."""
    copy = folder / file.name
    shutil.copyfile(file, copy)
    return f"sqlite:///{copy}"
