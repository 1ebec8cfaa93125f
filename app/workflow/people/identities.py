"""Coming in through a provider of identities, and linking or unlinking oneself with one.

Nobody gets an account by it: an identity opens the account of whoever linked it while signed
in. A second factor of our own is asked for as after a password.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from app.database.identities import (
    Identity,
    add_identity,
    find_linked,
    is_linked,
    remove_identity,
)
from app.database.rounds import act_as, record
from app.database.visits import Beginning, begin_visit
from app.errors import WrongState
from app.people.colleague import Colleague
from app.workflow.people.signing_in import SignedIn, note_sign_in


def sign_in_with(
    session: Session, identity: Identity, browser: str, *, now: datetime
) -> SignedIn:
    """Begin a visit of whoever linked the identity; none for anybody else."""
    person = find_linked(session, identity)
    if person is None:
        return SignedIn()
    is_complete = not (person.needs_second_factor or person.totp_secret)
    token = begin_visit(session, person, Beginning("oidc", is_complete, browser), now=now)
    if is_complete:
        note_sign_in(session, person, now=now)
    return SignedIn(token, is_complete)


def link_identity(
    session: Session, person: Colleague, identity: Identity, *, now: datetime
) -> None:
    """Let an identity open the account of whoever is signed in."""
    if is_linked(session, identity):
        raise WrongState(
            "This identity is linked with an account already.",
            chinese="这个身份已经关联了一个账号。",
        )
    add_identity(session, person.id, identity, now=now)
    act_as(session, login=person.login, office=person.office.code)
    detail: dict[str, object] = {"issuer": identity.issuer}
    record(session, "link identity", subject=person.login, now=now, detail=detail)


def unlink_identity(session: Session, person: Colleague, number: int, *, now: datetime) -> None:
    """Let an identity open nothing any more."""
    remove_identity(session, person.id, number)
    detail: dict[str, object] = {"number": number}
    record(session, "unlink identity", subject=person.login, now=now, detail=detail)
