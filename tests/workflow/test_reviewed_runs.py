"""From a stuffed round to a reviewed one: found, decided by two, computed anew, and again."""

import hashlib

import numpy as np
import pytest
from sqlalchemy import select

from app.database.campaigns import list_campaigns
from app.database.engine import make_sessions
from app.database.fieldwork import response_id
from app.database.results import find_run, influences_of_run, result_of
from app.database.rounds import find_round, hold
from app.database.tables import AuditEventRow, CanaryFoundRow, CanaryRow, ResponseRow
from app.workflow.processing import process_now, recompute
from app.workflow.publication import public_view, publish
from app.workflow.review.deciding import Judgement, Ruling, confirm, decide, revoke
from app.workflow.review.viewing import list_entries
from reviews import AN, CUI
from reviews import PLAN as TWO_SIDES
from terminal import run_command
from world import NOW, a_round

PLAN = TWO_SIDES.replace("screening: {}", "screening: {company: {version: 1}}")
CODE = "town-2026"
HONEST, STUFFED = 300, 14


@pytest.fixture
def sessions(engine):
    """A closed round: people all through November, and fourteen answers of one half hour."""
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        row = a_round(session, PLAN)
        dice = np.random.default_rng(3)
        for number in range(HONEST):
            codes = dice.choice([1, 2, 3, 4, 5], 3, p=[0.1, 0.15, 0.35, 0.25, 0.15]).tolist()
            slot = f"2026-11-{1 + number % 20:02}T{1 + number % 9:02}:{5 * (number % 12):02}Z"
            seconds = int(dice.integers(40, 200))
            _add(session, row, f"honest {number}", codes, slot, f"n{number}", seconds)
        for number in range(STUFFED):
            slot = f"2026-11-21T06:{5 * (number % 6):02}Z"
            _add(session, row, f"stuffed {number}", [5, 5, 5], slot, "office", 6)
        hold(session, row).state = "closed"
    return sessions


def _add(session, row, name, codes, slot, network, seconds):
    side = "east" if name.startswith("stuffed") or len(name) % 2 else "west"
    session.add(
        ResponseRow(
            id=response_id(row.id, name), round_id=row.id, unit=side, point=f"{side}-hall",
            evidence="opt_in", survey="three_senses_short@1", channel="qr", assurance="open",
            answers=dict(zip(("Q1", "Q2", "Q3"), codes, strict=True)), background={},
            weight=None, submission_hash="0" * 64, body_digest="0" * 64,
            paradata={"seconds": seconds, "slot": slot, "device": "phone",
                      "network": hashlib.sha256(network.encode()).hexdigest()},
        )
    )  # fmt: skip


def stuffed_influence(sessions, run):
    with sessions() as session:
        influence = influences_of_run(session, run.id)
        row = find_round(session, CODE)
        names = [response_id(row.id, f"stuffed {number}") for number in range(STUFFED)]
    return np.array([influence[name] for name in names])


def judge(sessions, reviewer, verdict, reason, code):
    with sessions.begin() as session:
        row = find_round(session, CODE)
        judgement = Judgement(code, verdict, reason, "log of the hall")
        return decide(session, row, reviewer, judgement, now=NOW).number


def rule(sessions, act, reviewer, number):
    with sessions.begin() as session:
        ruling = Ruling(number, "log of the hall")
        return act(session, find_round(session, CODE), reviewer, ruling, now=NOW)


def verdict_in(sessions, run, code):
    with sessions() as session:
        found = result_of(find_run(session, run.id))["screening"]["company"]["campaigns"]
    return next(one.get("verdict") for one in found if one["code"] == code)


def test_found_decided_by_two_and_computed_again(sessions):
    first = process_now(sessions, CODE, now=NOW)
    found = stuffed_influence(sessions, first)
    assert found.max() < 0.5
    with sessions() as session:
        campaigns = list_campaigns(session, first.round_id)
    kept = campaigns[0]  # the largest; a few others may stand beside it
    # One honest answer of the same point, flagged by its own sum, goes with them.
    assert kept.row.size - STUFFED in {0, 1}
    code = kept.row.code

    number = judge(sessions, AN, "exclude", "CONCENTRATION", code)
    assert (stuffed_influence(sessions, process_now(sessions, CODE, now=NOW)) == found).all()

    judge(sessions, CUI, "audit", "UNCLEAR", code)
    rule(sessions, confirm, CUI, number)
    excluded = process_now(sessions, CODE, now=NOW)
    assert verdict_in(sessions, first, code) is None
    assert verdict_in(sessions, excluded, code) == "exclude"
    assert (stuffed_influence(sessions, excluded) == 0).all()

    rule(sessions, revoke, AN, number)
    number = judge(sessions, AN, "keep", "KNOWN_EVENT", code)
    rule(sessions, confirm, CUI, number)
    kept_again = process_now(sessions, CODE, now=NOW)
    assert (stuffed_influence(sessions, kept_again) >= found).all()
    assert stuffed_influence(sessions, kept_again).max() > found.max()

    with sessions() as session:
        used = [result_of(find_run(session, run.id))["run"] for run in (first, kept_again)]
        assert used[0]["decisions"]["last"] == 0
        assert used[1]["decisions"]["last"] == number + 1
        for run in (first, excluded, kept_again):
            assert recompute(session, run.id)
        assert len(list_campaigns(session, first.round_id)) == len(campaigns)


def a_test_rating_is_found(sessions, name):
    """One of the responses turns out to be an auditor's."""
    with sessions.begin() as session:
        row, mark = find_round(session, CODE), "m" * 64
        session.add(
            CanaryRow(
                mark=mark, round_id=row.id, unit="east", point="east-hall", channel="qr",
                evidence="opt_in", purpose="open", grade="g" * 64, day="2026-11-21",
            )
        )  # fmt: skip
        session.flush()
        found = response_id(row.id, name)
        session.add(
            CanaryFoundRow(mark=mark, outcome="arrived", response_id=found, found_at=NOW)
        )


def test_a_decision_holds_for_responses_that_come_under_another_code(sessions):
    first = process_now(sessions, CODE, now=NOW)
    with sessions() as session:
        campaign = list_campaigns(session, first.round_id)[0].row
    code, size = campaign.code, campaign.size
    number = judge(sessions, AN, "exclude", "CONCENTRATION", code)
    judge(sessions, CUI, "audit", "UNCLEAR", code)
    rule(sessions, confirm, CUI, number)
    a_test_rating_is_found(sessions, "stuffed 0")

    run = process_now(sessions, CODE, now=NOW)
    with sessions() as session:
        influence = influences_of_run(session, run.id)
        names = [response_id(run.round_id, f"stuffed {n}") for n in range(1, STUFFED)]
        assert [influence[name] for name in names] == [0.0] * (STUFFED - 1)
        document = result_of(find_run(session, run.id))
        assert document["screening"]["company"]["no_longer_found"] == [
            {"code": code, "verdict": "exclude", "by": number, "n": size - 1}
        ]
        public = public_view(document)["screening"]["company"]
        assert public["no_longer_found"] == [{"verdict": "exclude"}]
        assert recompute(session, run.id)
    with sessions.begin() as session:
        entries = list_entries(session, find_round(session, CODE), AN, now=NOW)
    lost = [entry.look.code for entry in entries if not entry.is_found]
    assert code in lost
    assert len(lost) < len(entries), "what is found now waits to be decided"


def test_publishing_before_review_says_how_many_wait(sessions):
    run = process_now(sessions, CODE, now=NOW)
    with sessions.begin() as session:
        found = len(list_campaigns(session, run.round_id))
        assert publish(session, find_run(session, run.id), now=NOW) == found
        session.flush()
        newest = select(AuditEventRow).order_by(AuditEventRow.id.desc()).limit(1)
        assert session.scalar(newest).detail["waiting_campaigns"] == found


def test_the_command_that_processes_says_what_waits_for_people(sessions, engine, monkeypatch):
    monkeypatch.setenv("MINXIN_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    said = run_command("process", CODE).output
    with sessions.begin() as session:
        found = len(list_campaigns(session, find_round(session, CODE).id))
    assert f"Campaigns that nobody decided: {found}." in said
    assert f"minxin review list {CODE} --author" in said
