"""From an empty installation to a public result: each role in its own browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import walked_round as the_round
from walked_office import Installation, Position, first_administrator, installed, take_on

from app.people.roles import Role
from browser import OpenPage
from servers import Serve

DESIGNER = Position("lin", "林设计", (Role.SURVEY_DESIGNER,))
OPERATOR = Position("zhao", "赵组织", (Role.ROUND_OPERATOR,))
SECOND = Position("qian", "钱组织", (Role.ROUND_OPERATOR,))


@pytest.fixture
def installation(sqlite_url: str, serve: Serve, open_page: OpenPage) -> Iterator[Installation]:
    """A migrated database with nothing in it, served."""
    with installed(sqlite_url, serve, open_page) as place:
        yield place


def test_a_round_from_an_empty_installation_to_its_public_result(
    installation: Installation, tmp_path: Path
):
    chief = first_administrator(installation)
    designer, operator, second = (take_on(chief, one) for one in (DESIGNER, OPERATOR, SECOND))
    survey = the_round.design(designer)
    the_round.plan(operator, survey, tmp_path)
    the_round.ask_to_open(operator)
    the_round.approve(second, "打开调查")
