"""What is issued on paper opens the questionnaire: once, there, in time, unless revoked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.database.tables import ResponseRow
from app.errors import TokenRefused
from app.survey.tokens import read_token, token_hash, write_token
from app.workflow.admission import admit
from app.workflow.arrivals import Arrival, Verdict
from app.workflow.rights import TicketOrder, issue_tickets, revoke
from app.workflow.sampling import DrawOrder, draw_sample
from world import NOW, TOWN_PLAN, a_place, a_round, a_submission

PLAN = TOWN_PLAN + "admission: {rights: [invitation, ticket]}\n"
FRAME = "person,unit\n" + "".join(f"p{n},east\n" for n in range(30))


@pytest.fixture
def session(engine: Engine):
    with Session(engine) as session:
        yield session


@pytest.fixture
def row(session):
    return a_round(session, PLAN)


@pytest.fixture
def answer(session, row):
    """Answer with what stands on paper; the reason of the refusal, or `stored`."""

    def send(paper: str, once: str, point: str = "east-hall", now=NOW) -> str:
        token = token_hash(read_token(paper) or "")
        submission = replace(a_submission(once, {"Q1": 4}), token=token)
        arrival = Arrival(a_place(session, row, point), submission)
        (outcome,) = admit(session.connection(), [arrival], now=now)
        if isinstance(outcome, TokenRefused):
            return outcome.reason
        assert isinstance(outcome, Verdict)
        return outcome.outcome

    return send


def test_an_invitation_opens_the_questionnaire_once_and_gives_its_weight(session, row, answer):
    issue = draw_sample(session, row, FRAME.encode(), DrawOrder("spring", 4, "s"), now=NOW)
    paper = write_token(issue.rights[0].token)
    assert answer(paper, "first") == "stored"
    assert answer(paper, "second") == "spent"
    kept = session.scalars(select(ResponseRow)).one()
    assert (kept.evidence, kept.weight, kept.assurance) == ("probability", 7.5, "one_time")


def test_a_ticket_is_good_at_its_point_in_its_time_and_unless_revoked(session, row, answer):
    issue = issue_tickets(session, row, TicketOrder("east-hall", 3, "day"), now=NOW)
    first, second, third = (write_token(right.token) for right in issue.rights)
    assert answer(first, "a", "west-hall") == "invalid"
    assert answer(first, "b", now=NOW + timedelta(hours=72)) == "invalid"
    assert answer(first, "c", now=NOW + timedelta(hours=71)) == "stored"
    assert revoke(session, row, token=second, now=NOW) == 1
    assert answer(second, "d") == "invalid"
    assert revoke(session, row, batch="day", now=NOW) == 1
    assert answer(third, "e") == "invalid"
    kept = session.scalars(select(ResponseRow)).one()
    assert (kept.evidence, kept.weight) == ("transaction", None)
