"""Word reports: the standard template, an office's own, refused ones, from order to file."""

import io
import re
from html import unescape

import pytest
from docx import Document
from docx.oxml.ns import qn
from site_parts import site_settings
from sqlalchemy import select
from starlette.testclient import TestClient

from app.cli.worker import make_once
from app.database.console_tables import JobRow, TemplateFileRow
from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow
from app.people.roles import Role
from app.web.application import create_app
from colleagues import add_colleague, add_office, sign_in
from world import NOW

RUN = "bloomington-2017/1"
PAGE = "/console/jobs/templates"


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    yield make_sessions(engine)
    engine.dispose()


def word(*paragraphs):
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def token_of(client):
    page = client.get("/console/account").text
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def put(client, content, name="ours.docx", office="1"):
    return client.post(
        PAGE,
        data={"token": token_of(client), "office": office},
        files={"template": (name, content)},
    )


def report(client, sessions, language="zh-Hans"):
    """A Word report that was asked for and made."""
    values = {"token": token_of(client), "kind": "report_docx", "object": RUN}
    asked = client.post("/console/jobs", data={**values, "language": language})
    place = asked.headers["location"].partition("?")[0]
    assert make_once(sessions, clock=lambda: NOW)
    with sessions() as session:
        job = session.get_one(JobRow, int(place.rsplit("/", 1)[1]))
    assert job.state == "finished", job.failure
    reply = client.get(f"{place}/files/{job.manifest['files'][0]['name']}")
    assert reply.status_code == 200
    return reply.content, job


def text_of(content):
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_a_report_in_word_says_what_the_pages_say_and_describes_its_charts(operator, sessions):
    content, _job = report(operator, sessions)
    document = Document(io.BytesIO(content))
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings[0] == "一、问了什么"
    assert any("筛查" in one for one in headings)
    page = operator.get("/console/rounds/bloomington-2017/runs/1/preview").text
    finding = unescape(re.search(r'class="finding">([^<]+)<', page)[1])
    assert finding in text_of(content)
    pictures = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert pictures
    assert all(pictures)
    for table in document.tables:
        widths = {len(row.cells) for row in table.rows}
        assert len(widths) == 1
    assert "{{" not in text_of(content)
    assert "{%" not in text_of(content)


def test_chinese_in_a_report_has_a_font_of_its_own(operator, sessions):
    content, _job = report(operator, sessions)
    normal = Document(io.BytesIO(content)).styles["Normal"]
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia"))


def test_an_english_report_has_no_chinese(operator, sessions):
    content, _job = report(operator, sessions, "en")
    assert not re.findall(r"[\u4e00-\u9fff]+", text_of(content))


def test_the_same_order_gives_the_same_bytes(operator, sessions):
    first, _job = report(operator, sessions)
    again, _job = report(operator, sessions)
    assert first == again


def test_an_office_writes_with_its_own_template_until_it_goes_back(operator, sessions):
    loop = ("{%p for finding in findings %}", "发现：{{ finding }}", "{%p endfor %}")
    own = word("红头文件 {{ organiser }}", *loop)
    assert put(operator, own).status_code == 303
    page = operator.get(PAGE).text
    assert "ours.docx" in page
    assert operator.get(re.search(rf"{PAGE}/\d+\.docx", page)[0]).content == own
    content, job = report(operator, sessions)
    assert text_of(content).startswith("红头文件 美国印第安纳州布卢明顿市\n发现：")
    assert job.order["template"]
    back = operator.post(f"{PAGE}/standard", data={"token": token_of(operator), "office": "1"})
    assert back.status_code == 303
    assert "一、问了什么" in text_of(report(operator, sessions)[0])
    with sessions() as session:
        lines = session.scalars(
            select(AuditEventRow).where(AuditEventRow.act == "put_template")
        )
        assert [line.detail["name"] for line in lines] == ["ours.docx", ""]


def test_an_order_keeps_the_template_that_was_in_force(operator, sessions):
    put(operator, word("第一版 {{ title }}"))
    values = {"token": token_of(operator), "kind": "report_docx", "object": RUN}
    place = operator.post("/console/jobs", data=values).headers["location"]
    put(operator, word("第二版 {{ title }}"))
    assert make_once(sessions, clock=lambda: NOW)
    with sessions() as session:
        name = session.get_one(JobRow, int(place.rsplit("/", 1)[1])).manifest["files"][0][
            "name"
        ]
    assert text_of(operator.get(f"{place}/files/{name}").content).startswith("第一版")


def test_a_refused_template_says_everything_and_keeps_nothing(operator, sessions):
    reply = put(operator, word("{{ titel }}", "{{ 7 * 7 }}", "{{ organisr }}"))
    assert reply.status_code == 422
    text = unescape(reply.text)
    for said in ("titel", "Mul", "organisr", "是不是 title", "是不是 organiser"):
        assert said in text, said
    assert "有 3 处要改" in text
    assert put(operator, word("x"), "ours.docm").status_code == 422
    assert put(operator, b"nothing").status_code == 422
    with sessions() as session:
        assert session.scalars(select(TemplateFileRow)).all() == []


def test_a_template_that_was_changed_behind_our_back_fails_the_job(operator, sessions):
    put(operator, word("{{ title }}"))
    with sessions.begin() as session:
        session.scalars(select(TemplateFileRow)).one().content = word("{{ ''.__class__ }}")
    values = {"token": token_of(operator), "kind": "report_docx", "object": RUN}
    place = operator.post("/console/jobs", data=values).headers["location"]
    assert make_once(sessions, clock=lambda: NOW)
    assert "重新上传" in operator.get(place).text


def test_templates_belong_to_offices_and_reach_those_below(database, sessions):
    with sessions.begin() as session:
        office = add_office(session, "county")
        add_colleague(session, "there", Role.ROUND_OPERATOR, office_id=office.id)
        add_colleague(session, "auditor", Role.AUDITOR)
        number = office.id
    application = create_app(site_settings(database), clock=lambda: NOW)
    with TestClient(application, follow_redirects=False) as client:
        sign_in(client, "there")
        assert put(client, word("x"), office="1").status_code == 404
        assert put(client, word("{{ title }}"), office=str(number)).status_code == 303
        assert put(client, word("x"), office="").status_code == 404
        own = re.search(rf"{PAGE}/(\d+)\.docx", client.get(PAGE).text)[1]
        with sessions.begin() as session:
            add_colleague(session, "above", Role.EVALUATOR)
    with TestClient(application, follow_redirects=False) as client:
        sign_in(client, "above")
        put(client, word("{{ kind }}"))
    with TestClient(application, follow_redirects=False) as client:
        sign_in(client, "there")
        assert client.get(f"{PAGE}/{int(own) + 1}.docx").status_code == 404


def test_whoever_only_reads_can_take_templates_and_put_none(database, sessions):
    with sessions.begin() as session:
        add_colleague(session, "auditor", Role.AUDITOR)
    application = create_app(site_settings(database), clock=lambda: NOW)
    with TestClient(application, follow_redirects=False) as client:
        sign_in(client, "auditor")
        page = client.get(PAGE)
        assert page.status_code == 200
        assert "检查并使用" not in page.text
        assert client.get(f"{PAGE}/standard.docx").status_code == 200
        assert put(client, word("x")).status_code == 403


def test_the_page_of_templates_is_complete_in_english(operator):
    text = operator.get(f"{PAGE}?l=en").text
    main = text[text.index("<main") : text.index("</main>")]
    assert re.findall(r"[\u4e00-\u9fff]+", main) == []
    assert "{{ title }}" in unescape(main)
