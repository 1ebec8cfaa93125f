"""Templates of reports: the newest of an office counts, else that of the nearest above."""

import hashlib

import pytest

from app.database.console_tables import OfficeRow, TemplateFileRow
from app.database.engine import make_sessions
from app.database.offices import ROOT_OFFICE
from app.database.template_files import (
    add_template,
    find_template,
    list_templates,
    template_in_force,
)
from app.errors import NotFound
from app.people.offices import EVERYWHERE, Scope
from colleagues import add_colleague, add_office
from world import NOW

KIND = "report_docx"


@pytest.fixture
def offices(engine):
    """Sessions, and a line of three offices with a sibling of the last: number and path."""
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        add_colleague(session, "somebody")
        city = add_office(session, "city")
        county = add_office(session, "county", under=city.id)
        other = add_office(session, "other", under=city.id)
        numbers = {row.code: row.id for row in (city, county, other)}
    return sessions, {"root": ROOT_OFFICE, **numbers}


def put(sessions, office_id, name="a.docx", kind=KIND):
    content = name.encode()
    row = TemplateFileRow(
        office_id=office_id,
        kind=kind,
        name=name,
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        put_by=1,
    )
    with sessions.begin() as session:
        return add_template(session, row, now=NOW).id


def in_force(sessions, office_id):
    with sessions() as session:
        row = template_in_force(session, office_id, kind=KIND)
        return row.name if row else None


def test_the_nearest_office_above_with_a_template_decides_and_its_newest_counts(offices):
    sessions, office = offices
    assert in_force(sessions, office["county"]) is None
    put(sessions, office["root"], "root.docx")
    assert in_force(sessions, office["county"]) == "root.docx"
    put(sessions, office["city"], "city.docx")
    put(sessions, office["city"], "city-2.docx")
    assert in_force(sessions, office["county"]) == "city-2.docx"
    assert in_force(sessions, office["root"]) == "root.docx"
    put(sessions, office["county"], "county.docx")
    assert in_force(sessions, office["county"]) == "county.docx"
    assert in_force(sessions, office["other"]) == "city-2.docx"
    put(sessions, office["other"], "x.docx", kind="another")
    assert in_force(sessions, office["other"]) == "city-2.docx"


def test_an_office_that_went_back_to_the_standard_uses_it_whatever_stands_above(offices):
    sessions, office = offices
    put(sessions, office["city"], "city.docx")
    standard = put(sessions, office["county"], "")
    assert in_force(sessions, office["county"]) is None
    assert in_force(sessions, office["other"]) == "city.docx"
    with sessions() as session, pytest.raises(NotFound):
        find_template(session, standard, within=EVERYWHERE)


def test_templates_outside_a_scope_do_not_exist(offices):
    sessions, office = offices
    above, own = put(sessions, office["city"]), put(sessions, office["county"], "own.docx")
    with sessions() as session:
        within = Scope((session.get_one(OfficeRow, office["county"]).path,))
        kept = list_templates(session, within=within, kind=KIND)
        assert [(one.row.name, one.office.code, one.author.login) for one in kept] == [
            ("own.docx", "county", "somebody")
        ]
        assert find_template(session, own, within=within).content == b"own.docx"
        for number in (above, 0, 2**31):
            with pytest.raises(NotFound):
                find_template(session, number, within=within)
