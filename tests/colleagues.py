"""People who work here, for tests: made with few words, signed in with one call."""

from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.console_tables import OfficeRow, PersonRow
from app.database.offices import ROOT_OFFICE
from app.database.offices import add_office as keep_office
from app.database.people import Newcomer, add_person, grant_role
from app.people.roles import Role
from world import NOW

PASSWORD = "correct horse battery staple"
# As weak as the library allows, so that signing in takes no time.
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
CHIEF = "chief"
DEPUTY = "deputy"
"""Two with every role at the root: what two people must want takes both."""


def add_colleague(
    session: Session, login: str, *roles: Role, office_id: int = ROOT_OFFICE
) -> PersonRow:
    """Somebody with a password and these roles at their office."""
    person = add_person(session, Newcomer(login, login.capitalize(), office_id), now=NOW)
    person.password_hash = _QUICK
    for role in roles:
        grant_role(session, person, role, office_id=office_id, now=NOW)
    return person


def add_office(
    session: Session, code: str, *, under: int = ROOT_OFFICE, assessed: bool = False
) -> OfficeRow:
    """An office under another one."""
    name = {"zh-Hans": code, "en": code}
    row = keep_office(session, code, name=name, parent_id=under, now=NOW)
    row.assessed = assessed
    return row


def sign_in(client: TestClient, login: str = CHIEF) -> TestClient:
    """A visitor of the console who is signed in."""
    reply = client.post("/console/sign-in", data={"login": login, "password": PASSWORD})
    assert reply.status_code in {200, 303}, reply.text
    return client
