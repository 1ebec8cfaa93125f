"""Who reviews at a desk: the signed-in person, for the office where they work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.database.engine import Session
from app.database.offices import path_of
from app.database.signatures import all_names_of, names_of_offices, names_of_people
from app.database.tables import CampaignDecisionRow, RoundRow
from app.people.roles import Permission
from app.survey.text import Language
from app.web.console.pages import Desk
from app.web.dependencies import Form
from app.workflow.review.impartiality import Reviewer


@dataclass(frozen=True, slots=True)
class Signatures:
    """What logins and codes of offices stand for; what was typed stands as it was typed."""

    people: Mapping[str, str] = field(default_factory=dict)
    offices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def person(self, author: str) -> str:
        """The name of who signed."""
        return self.people.get(author, author)

    def office(self, code: str, language: Language) -> str:
        """The name of the office that they signed for."""
        names = self.offices.get(code, {})
        return names.get(language) or names.get("zh-Hans") or code


def reviewer_at(session: Session, desk: Desk) -> Reviewer:
    """The person at the desk as the rules of review see them."""
    office = desk.person.office
    return Reviewer(
        author=desk.person.login,
        office=office.code,
        also_called=all_names_of(session, office.path),
        reach=desk.person.scope(Permission.SEE_CAMPAIGNS),
    )


def reaches(session: Session, desk: Desk, permission: Permission, row: RoundRow) -> bool:
    """Whether the person may do something with this very round."""
    return desk.person.scope(permission).reaches(path_of(session, row.office_id))


def signatures(session: Session, rows: Iterable[CampaignDecisionRow]) -> Signatures:
    """Names for those who signed these decisions."""
    signed = list(rows)
    return Signatures(
        names_of_people(session, (row.author for row in signed)),
        names_of_offices(session, (row.office for row in signed)),
    )


def first(form: Form, name: str) -> str:
    """The first value of a field; empty where there is none."""
    return next(iter(form.get(name, ())), "")
