"""Rights to answer once: who was drawn, what is kept of it, and what is gone at the close."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.engine import make_engine
from app.database.rounds import active_codes
from app.database.tables import (
    AuditEventRow,
    InviteeRow,
    PointCodeRow,
    SampleDrawRow,
    TokenRow,
)
from app.errors import InputRefused, NotFound, WrongState
from app.survey.tokens import token_hash, write_token
from app.workflow.fieldwork import close_round
from app.workflow.preparation import draft_round
from app.workflow.rights import TicketOrder, issue_tickets, keep_issue, revoke, stand_on
from app.workflow.sampling import DrawOrder, draw_sample, prepare_sample, replay_draw
from world import NOW, TOWN_PLAN, a_round, registry

PLAN = TOWN_PLAN + "admission: {rights: [open, invitation, ticket]}\n"
FRAME = (
    "person,unit,stratum,phone\n"
    + "".join(f"e{n},east,old town,+86 1{n:03}\n" for n in range(40))
    + "".join(f"w{n},west,new town,+86 2{n:03}\n" for n in range(20))
).encode()
ORDER = DrawOrder("spring", {"old town": 8, "new town": 5}, "lottery 2026-11-22")


@pytest.fixture
def session(engine: Engine):
    with Session(engine) as session:
        yield session


@pytest.fixture
def row(session):
    return a_round(session, PLAN)


def all_of(session, table):
    return session.scalars(select(table)).all()


def test_whoever_is_drawn_gets_an_invitation_of_which_only_the_hash_is_kept(session, row):
    issue = draw_sample(session, row, FRAME, ORDER, now=NOW)
    kept = {token.hash: token for token in all_of(session, TokenRow)}
    assert len(issue.rights) == len(kept) == 13
    for right in issue.rights:
        token = kept[token_hash(right.token)]
        assert (token.purpose, token.batch, token.round_id) == ("invitation", "spring", row.id)
        assert token.point == right.point == f"{right.person.unit}-hall"
        assert token.weight == (5.0 if right.person.unit == "east" else 4.0)
        assert (token.spent, token.revoked) == (False, False)
        assert token.expires_at.isoformat() == "2026-12-31T16:00:00+00:00"
        assert right.code == active_codes(session, row.id)[right.point]


def test_the_link_to_the_person_stands_apart_and_the_draw_can_be_made_again(session, row):
    issue = draw_sample(session, row, FRAME, ORDER, now=NOW)
    links = {link.person: link.token_hash for link in all_of(session, InviteeRow)}
    assert links == {r.person.person: token_hash(r.token) for r in issue.rights}
    (kept,) = all_of(session, SampleDrawRow)
    assert (kept.batch, kept.frame_size, kept.seed) == ("spring", 60, ORDER.seed)
    assert kept.sizes == {"old town": [40, 8], "new town": [20, 5]}
    event = session.scalars(select(AuditEventRow).order_by(AuditEventRow.id.desc())).first()
    assert event.act == "draw_sample"
    assert event.detail == {
        "batch": "spring",
        "count": 13,
        "frame": kept.frame_digest,
        "seed": kept.seed,
        "sample": kept.sample_digest,
    }


def test_a_draw_is_replayed_from_frame_and_seed(session, row):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    replay = replay_draw(session, row, FRAME, batch="spring")
    assert (replay.same_frame, replay.same_people, replay.people) == (True, True, 13)


def test_the_same_people_in_another_file_are_told_from_the_same_file(session, row):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    header, *lines = FRAME.splitlines(keepends=True)
    replay = replay_draw(session, row, header + b"".join(reversed(lines)), batch="spring")
    assert (replay.same_frame, replay.same_people) == (False, True)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME.replace(b"\ne", b"\nE"),
        FRAME.replace(b"e7,east,old town", b"e7,east,new town"),
        FRAME + b"w99,west,new town,\n",
    ],
)
def test_another_frame_does_not_replay(session, row, frame):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    replay = replay_draw(session, row, frame, batch="spring")
    assert (replay.same_frame, replay.same_people) == (False, False)


def test_a_draw_that_was_never_made_is_not_replayed(session, row):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    with pytest.raises(NotFound, match=r"no draw 'autumn'\. Draws: spring\."):
        replay_draw(session, row, FRAME, batch="autumn")


def test_one_number_is_shared_among_the_strata_in_proportion(session, row):
    order = DrawOrder("spring", 12, "s")
    sample = draw_sample(session, row, FRAME, order, now=NOW).drawn
    assert sample.sizes == {"new town": (20, 4), "old town": (40, 8)}


def test_a_second_draw_of_one_name_is_refused(session, row):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    with pytest.raises(WrongState, match="has a batch 'spring' already"):
        draw_sample(session, row, FRAME, DrawOrder("spring", 2, "other"), now=NOW)


def test_nobody_is_invited_twice_to_a_round(session, row):
    first = draw_sample(session, row, FRAME, ORDER, now=NOW)
    names = {right.person.person for right in first.rights}
    with pytest.raises(InputRefused) as refusal:
        draw_sample(session, row, FRAME, DrawOrder("again", 60, "s", "f.csv"), now=NOW)
    assert {problem.value for problem in refusal.value.problems} == names
    assert all(problem.place.endswith(", person") for problem in refusal.value.problems)
    assert len(all_of(session, TokenRow)) == 13


def test_two_draws_of_one_name_at_one_moment_are_one(engine):
    with Session(engine) as session:
        row = a_round(session, PLAN)
        session.commit()
        ground = stand_on(session, row, "invitation", NOW)
        round_id = row.id
    outcomes = []

    def keep(issue):
        with Session(engine) as session:
            try:
                keep_issue(session, session.get_one(type(row), round_id), issue, now=NOW)
                session.commit()
                outcomes.append("kept")
            except (WrongState, IntegrityError) as error:
                outcomes.append(type(error).__name__)

    issues = [prepare_sample(ground, FRAME, ORDER) for _ in range(4)]
    threads = [threading.Thread(target=keep, args=(issue,)) for issue in issues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["WrongState", "WrongState", "WrongState", "kept"]


def test_tickets_are_good_for_a_point_and_three_days(session, row):
    issue = issue_tickets(session, row, TicketOrder("west-hall", 50, "monday"), now=NOW)
    kept = all_of(session, TokenRow)
    assert {token.hash for token in kept} == {token_hash(r.token) for r in issue.rights}
    assert len(kept) == 50
    assert {(t.purpose, t.point, t.weight) for t in kept} == {("ticket", "west-hall", None)}
    assert {token.expires_at for token in kept} == {NOW + timedelta(hours=72)}
    assert all_of(session, InviteeRow) == all_of(session, SampleDrawRow) == []


def test_a_ticket_does_not_outlive_its_round(session, row):
    order = TicketOrder("west-hall", 1, "monday", timedelta(days=400))
    issue = issue_tickets(session, row, order, now=NOW)
    assert issue.expires_at.isoformat() == "2026-12-31T16:00:00+00:00"


def test_tickets_of_one_day_may_be_issued_in_several_goes_but_not_into_a_draw(session, row):
    for _ in range(2):
        issue_tickets(session, row, TicketOrder("west-hall", 2, "monday"), now=NOW)
    assert len(all_of(session, TokenRow)) == 4
    with pytest.raises(WrongState, match="has a batch 'monday' already"):
        draw_sample(session, row, FRAME, DrawOrder("monday", 2, "s"), now=NOW)
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    with pytest.raises(WrongState, match="has a batch 'spring' already"):
        issue_tickets(session, row, TicketOrder("west-hall", 2, "spring"), now=NOW)


def test_every_mistake_of_an_order_of_tickets_is_named_at_once(session, row):
    order = TicketOrder("moon", 0, " ", timedelta())
    with pytest.raises(InputRefused) as refusal:
        issue_tickets(session, row, order, now=NOW)
    places = [problem.place for problem in refusal.value.problems]
    assert places == ["batch", "point", "count", "hours"]


@pytest.mark.parametrize("purpose", ["invitation", "ticket"])
def test_a_right_that_the_plan_does_not_give_is_refused_with_the_cure(session, purpose):
    row = a_round(session, TOWN_PLAN)
    with pytest.raises(WrongState, match=f"Write {purpose} into admission.rights"):
        stand_on(session, row, purpose, NOW)


def test_rights_belong_to_an_open_round(session):
    row = draft_round(session, PLAN, source="town", registry=registry(), now=NOW)
    with pytest.raises(WrongState, match=r"is draft; .* Open it first\."):
        draw_sample(session, row, FRAME, ORDER, now=NOW)


def test_rights_are_refused_when_nobody_could_use_them(session, row):
    later = NOW + timedelta(days=60)
    with pytest.raises(WrongState, match="window of round town-2026 is over"):
        draw_sample(session, row, FRAME, ORDER, now=later)
    early = NOW - timedelta(days=400)
    with pytest.raises(InputRefused, match="end before answers are taken"):
        issue_tickets(session, row, TicketOrder("west-hall", 1, "b"), now=early)


def test_a_point_without_a_code_leads_nowhere(session, row):
    session.execute(update(PointCodeRow).values(revoked_at=NOW))
    with pytest.raises(WrongState, match=r"no code in force.*minxin codes town-2026"):
        draw_sample(session, row, FRAME, ORDER, now=NOW)


def test_a_revoked_batch_is_worthless_and_its_people_may_be_drawn_again(session, row):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    issue_tickets(session, row, TicketOrder("west-hall", 3, "monday"), now=NOW)
    assert revoke(session, row, batch="spring", now=NOW) == 13
    assert revoke(session, row, batch="spring", now=NOW) == 0
    revoked = {token.batch: token.revoked for token in all_of(session, TokenRow)}
    assert revoked == {"spring": True, "monday": False}
    assert all_of(session, InviteeRow) == []
    again = DrawOrder("spring-2", ORDER.sizes, ORDER.seed)
    draw_sample(session, row, FRAME, again, now=NOW)
    assert len(all_of(session, InviteeRow)) == 13


def test_one_token_is_revoked_as_it_is_read_from_paper(session, row):
    issue = draw_sample(session, row, FRAME, ORDER, now=NOW)
    lost = issue.rights[4]
    assert revoke(session, row, token=write_token(lost.token), now=NOW) == 1
    revoked = [token.hash for token in all_of(session, TokenRow) if token.revoked]
    assert revoked == [token_hash(lost.token)]
    assert lost.person.person not in {link.person for link in all_of(session, InviteeRow)}


def test_a_spent_token_is_not_revoked_and_its_holder_not_drawn_again(session, row):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    first = all_of(session, TokenRow)[0].hash
    session.execute(update(TokenRow).where(TokenRow.hash == first).values(spent=True))
    assert revoke(session, row, batch="spring", now=NOW) == 12
    assert [link.token_hash for link in all_of(session, InviteeRow)] == [first]


def test_what_was_never_issued_cannot_be_revoked(session, row):
    issue = issue_tickets(session, row, TicketOrder("west-hall", 1, "monday"), now=NOW)
    other = a_round(session, PLAN.replace("town-2026", "town-2027"))
    with pytest.raises(NotFound, match=r"no batch 'tuesday'\. Batches: monday\."):
        revoke(session, row, batch="tuesday", now=NOW)
    for token in ("", "not a token", "0" * 27):
        with pytest.raises(NotFound, match="has no such token"):
            revoke(session, row, token=token, now=NOW)
    with pytest.raises(NotFound, match="town-2027 has no such token"):
        revoke(session, other, token=issue.rights[0].token, now=NOW)
    with pytest.raises(InputRefused, match="Name one of the two"):
        revoke(session, row, now=NOW)


def test_nobody_can_tell_after_the_close_who_was_invited(session, row):
    draw_sample(session, row, FRAME, ORDER, now=NOW)
    other = a_round(session, PLAN.replace("town-2026", "town-2027"))
    draw_sample(session, other, FRAME, ORDER, now=NOW)
    close_round(session, row, now=NOW)
    session.flush()
    assert {link.round_id for link in all_of(session, InviteeRow)} == {other.id}
    assert len(all_of(session, TokenRow)) == 26
    with pytest.raises(WrongState, match=r"is closed; .* open nothing any more"):
        revoke(session, row, batch="spring", now=NOW)


def test_tokens_lie_in_the_order_of_their_hashes_not_of_the_draw(session, row):
    issue = draw_sample(session, row, FRAME, ORDER, now=NOW)
    if session.get_bind().dialect.name == "postgresql":
        stored = session.connection().exec_driver_sql("SELECT hash FROM token ORDER BY ctid")
        hashes = list(stored.scalars())
        assert hashes == sorted(hashes)
        assert hashes != [token_hash(right.token) for right in issue.rights]


def test_no_token_stands_in_the_database_and_no_person_after_the_close(sqlite_url, tmp_path):
    engine = make_engine(sqlite_url)
    frame = b"person,unit,stratum,phone\n" + b"".join(
        b"canary-%d,east,old town,canary-phone-%d\n" % (n, n) for n in range(60)
    )
    with Session(engine, expire_on_commit=False) as session:
        row = a_round(session, PLAN)
        issue = draw_sample(session, row, frame, DrawOrder("spring", 30, "s"), now=NOW)
        tickets = issue_tickets(session, row, TicketOrder("west-hall", 30, "day"), now=NOW)
        session.commit()

        def found(needle: str) -> bool:
            files = tmp_path.glob("minxin.sqlite3*")
            return any(needle.lower().encode() in f.read_bytes().lower() for f in files)

        assert found("canary-")
        assert found(token_hash(issue.rights[0].token))
        for right in (*issue.rights, *tickets.rights):
            assert not found(right.token)
            assert not found(write_token(right.token))
        assert not found("canary-phone")
        close_round(session, row, now=NOW)
        session.commit()
    engine.dispose()
    assert not found("canary-")
