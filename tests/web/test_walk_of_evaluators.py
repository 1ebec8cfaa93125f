"""Evaluators at work: a system, an assessment, scores, a report; two people for each act."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import walked_scores as scores
from walked_office import Installation, Position, first_administrator, installed, take_on
from walked_round import approve

from app.cli.worker import make_once, score_once
from app.people.roles import Role
from browser import PHONE, OpenPage, axe
from servers import Serve

EVALUATOR = Position("zhou", "周考核", (Role.EVALUATOR,))
SECOND = Position("wu", "吴考核", (Role.EVALUATOR,))


@pytest.fixture
def installation(sqlite_url: str, serve: Serve, open_page: OpenPage) -> Iterator[Installation]:
    """A migrated database with nothing in it, served."""
    with installed(sqlite_url, serve, open_page) as place:
        yield place


def test_evaluators_score_towns_and_export_a_report(installation: Installation, tmp_path: Path):
    place = installation
    chief = first_administrator(place)
    evaluator, second = (take_on(chief, one) for one in (EVALUATOR, SECOND))
    system = scores.build(evaluator)
    approve(second, "定稿指标体系")
    scores.assess(evaluator, system, tmp_path)
    let_work(place)
    scores.read_scores(evaluator)
    scores.try_what_if(evaluator)
    let_work(place)
    scores.read_what_if(evaluator)
    scores.order_a_report(evaluator)
    let_work(place)
    assert scores.download(evaluator).startswith(b"PK")
    scores.ask_to_publish(evaluator)
    approve(second, "公布考核")
    read_the_scores(place)


def let_work(place: Installation) -> None:
    """Let the worker do everything that was asked for."""
    while any(act(place.sessions, clock=place.clock) for act in (score_once, make_once)):
        pass


def read_the_scores(place: Installation) -> None:
    """Anybody reads the scores."""
    page = place.open_page(PHONE)
    page.goto(f"{place.url}/a/{scores.CODE}")
    said = page.inner_text("main")
    assert scores.TITLE in said
    assert "南山乡" in said
    assert axe(page) == []
