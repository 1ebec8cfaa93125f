"""From an empty installation to a public result: each role in its own browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import walked_answers as residents
import walked_review as review
import walked_round as the_round
from walked_office import (
    Installation,
    Position,
    Seat,
    add_office,
    first_administrator,
    installed,
    take_on,
)

from app.database.results import claim_run
from app.people.roles import Role
from app.workflow.processing import run_to_the_end
from browser import PHONE, OpenPage, axe
from servers import Serve

DESIGNER = Position("lin", "林设计", (Role.SURVEY_DESIGNER,))
OPERATOR = Position("zhao", "赵组织", (Role.ROUND_OPERATOR,))
SECOND = Position("qian", "钱组织", (Role.ROUND_OPERATOR,))
REVIEWER = Position("sun", "孙核定", (Role.ANOMALY_REVIEWER,), "县审计局")
OTHER_REVIEWER = Position("li", "李核定", (Role.ANOMALY_REVIEWER,), "县统计局")


@pytest.fixture
def installation(sqlite_url: str, serve: Serve, open_page: OpenPage) -> Iterator[Installation]:
    """A migrated database with nothing in it, served."""
    with installed(sqlite_url, serve, open_page) as place:
        yield place


def test_a_round_from_an_empty_installation_to_its_public_result(
    installation: Installation, tmp_path: Path
):
    place = installation
    chief = first_administrator(place)
    chief.looks("第一次用：四步开始第一轮调查", "至少要两位调查组织；现在有 0 位")
    for code, name in (("audit", "县审计局"), ("statistics", "县统计局")):
        add_office(chief, code, name)
    designer, operator, second = (take_on(chief, one) for one in (DESIGNER, OPERATOR, SECOND))
    for one in (REVIEWER, OTHER_REVIEWER):
        take_on(chief, one)
    survey = the_round.design(designer)
    the_round.plan(operator, survey, tmp_path)
    the_round.ask_to_open(operator)
    the_round.approve(second, "打开调查")

    codes = the_round.print_codes(operator)
    east, west = codes.values()
    residents.answer_on_a_phone(place, east, comment="叫号机坏了，等了很久。")
    receipt = residents.answer_on_a_phone(place, west, comment="")
    residents.answer_for_days(place, {east: 0.55, west: 0.7}, each=120)
    the_round.watch(place.at_work("zhao", PHONE))

    place.later(days=20)
    the_round.ask_to_close(place.at_work("zhao"))
    the_round.approve(place.at_work("qian"), "结束调查")
    operator = place.at_work("zhao")
    compute(place, operator)
    place.later(minutes=5)
    reviewer, other = place.at_work("sun"), place.at_work("li")
    review.judge(reviewer)
    review.confirm(other)
    the_round.is_told_to_compute_again(operator)
    compute(place, operator)
    the_round.read_results(operator)
    the_round.ask_to_publish(operator)
    the_round.approve(place.at_work("qian"), "公布计算")
    read_the_result(place, receipt)


def compute(place: Installation, seat: Seat) -> None:
    """Ask for a run in the console, and let the worker compute it."""
    the_round.ask_for_run(seat)
    with place.sessions.begin() as session:
        run = claim_run(session, now=place.clock.now)
        assert run is not None
        number = run.id
    run_to_the_end(place.sessions, number, now=place.clock.now)
    seat.follow("再看一次")


def read_the_result(place: Installation, receipt: str) -> None:
    """A resident follows the receipt to the public result."""
    page = place.open_page(PHONE)
    page.goto(receipt)
    assert "您的回答已经计入" in page.inner_text("h1")
    page.click("text=看公布的结果")
    said = page.inner_text("main")
    assert the_round.TITLE in said
    assert "服务得分" in said
    assert axe(page) == []
