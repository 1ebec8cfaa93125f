"""People and offices for administrators: who works here, with which roles, where."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.console_tables import PersonRow
from app.database.engine import Session
from app.database.offices import list_offices
from app.database.people import find_person_within, grants_in_force, list_people
from app.errors import InputRefused, NotFound
from app.people.roles import Permission, Role
from app.web.console.faults import Faults, faults_of
from app.web.console.pages import Acting, Desk, Looking
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.people.administering import (
    Gift,
    Hire,
    NewOffice,
    deactivate,
    give_role,
    mark_assessed,
    new_code,
    open_office,
    take_back_role,
    take_on,
)

router = APIRouter(prefix="/console")

ManagingDesk = Annotated[Desk, Depends(Acting(Permission.MANAGE_PEOPLE))]
LookingDesk = Annotated[Desk, Depends(Looking(Permission.MANAGE_PEOPLE))]


@router.get("/people")
def show_people(desk: LookingDesk, session: ReadingSession) -> HTMLReply:
    """Everybody of the scope, and a form for somebody new."""
    return _list(desk, session)


@router.post("/people", response_model=None)
def add(
    desk: ManagingDesk, form: SubmittedForm, now: Now, session: ActingSession
) -> HTMLReply | Response:
    """Take somebody on; their code is shown once."""
    hire = Hire(_field(form, "login"), _field(form, "name"), _number(form, "office"))
    try:
        person, code = take_on(session, desk.person, hire, now=now)
    except InputRefused as refused:
        faults = faults_of(refused, desk.language)
        return _list(desk, session, typed=hire, faults=faults)
    return desk.page(
        "console/person_code.html", login=person.login, name=person.name, code=code
    )


@router.get("/people/{login}")
def show_person(login: str, desk: LookingDesk, session: ReadingSession) -> HTMLReply:
    """One person: roles, and what can be done."""
    person = find_person_within(session, login, within=desk.scope)
    offices = {office.id: office for office in list_offices(session)}
    return desk.page(
        "console/person.html",
        one=person,
        office=offices[person.office_id],
        grants=[(one, offices[one.office_id]) for one in grants_in_force(session, person.id)],
        offices=list_offices(session, within=desk.scope),
        roles=list(Role),
    )


@router.post("/people/{login}/roles")
def give(
    login: str, desk: ManagingDesk, form: SubmittedForm, now: Now, session: ActingSession
) -> Response:
    """Give a role at an office."""
    role = _field(form, "role")
    if role not in set(Role):
        raise NotFound(f"There is no role {role[:40]!r}.")
    office = _number(form, "office")
    give_role(session, desk.person, Gift(login, Role(role), office), now=now)
    return desk.lead_to(f"/console/people/{login}")


@router.post("/people/{login}/roles/{grant_id}")
def take_back(
    login: str, grant_id: int, desk: ManagingDesk, now: Now, session: ActingSession
) -> Response:
    """Take a role back."""
    take_back_role(session, desk.person, login, grant_id, now=now)
    return desk.lead_to(f"/console/people/{login}")


@router.post("/people/{login}/deactivation")
def keep_out(login: str, desk: ManagingDesk, now: Now, session: ActingSession) -> Response:
    """Keep somebody out from now on."""
    deactivate(session, desk.person, login, now=now)
    return desk.lead_to("/console/people")


@router.post("/people/{login}/code")
def renew(login: str, desk: ManagingDesk, now: Now, session: ActingSession) -> HTMLReply:
    """A new code for somebody, shown once."""
    code = new_code(session, desk.person, login, now=now)
    person = find_person_within(session, login, within=desk.scope)
    return desk.page(
        "console/person_code.html", login=person.login, name=person.name, code=code
    )


@router.get("/offices")
def show_offices(desk: LookingDesk, session: ReadingSession) -> HTMLReply:
    """The tree of offices in the scope, and a form for a new one."""
    return _offices(desk, session)


@router.post("/offices", response_model=None)
def add_office(
    desk: ManagingDesk, form: SubmittedForm, now: Now, session: ActingSession
) -> HTMLReply | Response:
    """Keep a new office."""
    name = {key: _field(form, f"name-{key}").strip() for key in ("zh-Hans", "en")}
    new = NewOffice(_field(form, "code").strip(), name, _number(form, "parent"))
    try:
        open_office(session, desk.person, new, now=now)
    except InputRefused as refused:
        return _offices(desk, session, typed=form, faults=faults_of(refused, desk.language))
    return desk.lead_to("/console/offices")


@router.post("/offices/{office_id}")
def change_office(
    office_id: int, desk: ManagingDesk, form: SubmittedForm, now: Now, session: ActingSession
) -> Response:
    """Say whether an office is assessed."""
    assessed = _field(form, "assessed") == "yes"
    mark_assessed(session, desk.person, office_id, assessed=assessed, now=now)
    return desk.lead_to("/console/offices")


def _code_page(desk: Desk, person: PersonRow, code: str) -> HTMLReply:
    template = "console/person_code.html"
    return desk.page(template, login=person.login, name=person.name, code=code)


def _list(
    desk: Desk, session: Session, *, typed: Hire | None = None, faults: Faults | None = None
) -> HTMLReply:
    return desk.page(
        "console/people.html",
        status=422 if faults else 200,
        lines=list_people(session, within=desk.scope),
        offices=list_offices(session, within=desk.scope),
        typed=typed or Hire("", "", 0),
        faults=faults,
    )


def _offices(
    desk: Desk, session: Session, *, typed: Form | None = None, faults: Faults | None = None
) -> HTMLReply:
    names = ("code", "name-zh-Hans", "name-en", "parent")
    return desk.page(
        "console/offices.html",
        status=422 if faults else 200,
        offices=list_offices(session, within=desk.scope),
        typed={name: _field(typed or {}, name) for name in names},
        faults=faults,
    )


def _field(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _number(form: Form, name: str) -> int:
    """A number of an office; one that no office has for anything else."""
    given = _field(form, name)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
