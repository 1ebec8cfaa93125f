"""A round under review and those who may, and may not, decide about its campaigns."""

from sqlalchemy.orm import Session

from app.database.console_tables import OfficeRow
from app.database.offices import ROOT_OFFICE
from app.database.people import grant_role
from app.people.roles import Role
from colleagues import add_colleague, add_office
from reviews import a_reviewed_round
from world import NOW


def open_review(session: Session) -> None:
    """A reviewed round, two reviewers of one office, one of another, and others beside them.

    An and Bo are of the audit office, Cui of that of statistics; Dong works under the
    assessed unit, Xi in an office that is rated; Shen audits and Guan only looks.
    """
    a_reviewed_round(session)
    audit, statistics = (add_office(session, name) for name in ("audit", "statistics"))
    for login, office in (("an", audit), ("bo", audit), ("cui", statistics)):
        add_reviewer(session, login, office)
    hall = add_office(session, "hall-office", under=add_office(session, "east").id)
    add_reviewer(session, "dong", hall)
    add_reviewer(session, "xi", add_office(session, "rated", assessed=True))
    add_reviewer(session, "shen", audit, role=Role.AUDITOR)
    add_reviewer(session, "guan", audit, role=Role.VIEWER)


def add_reviewer(
    session: Session, login: str, office: OfficeRow, *, role: Role = Role.ANOMALY_REVIEWER
) -> None:
    """Somebody of this office who holds the role for the whole tree."""
    person = add_colleague(session, login, office_id=office.id)
    grant_role(session, person, role, office_id=ROOT_OFFICE, now=NOW)
