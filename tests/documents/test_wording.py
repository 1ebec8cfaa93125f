"""Words and figures: every text has its English, every number is written one way."""

import ast
import re
import string
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from app.documents.wording import (
    CATALOGUES,
    calendar_day,
    count,
    difference,
    interval,
    moment,
    percent,
    percent_interval,
    points,
    rounded,
    translator,
)

HOME = Path(__file__).parents[2]
TEMPLATE_METHODS = [(f"**.{ending}", "jinja2") for ending in ("html", "xml", "txt", "jinja")]


def messages_used(home=HOME):
    """Every text inside ``_("…")`` in code and templates, with the places it stands."""
    strict = {"silent": "false"}
    places = {}
    for folder, methods in [("app", [("**.py", "python")]), ("templates", TEMPLATE_METHODS)]:
        options = {pattern: strict for pattern, method in methods if method == "jinja2"}
        found = extract_from_dir(home / folder, methods, options, keywords={"_": None})
        for file, line, message, *_ in found:
            places.setdefault(message, []).append(f"{folder}/{file}:{line}")
    return places


def texts_in_code(home=HOME):
    """Every text that code holds: what a page is called may be said later, by another name."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (home / "app").rglob("*.py"))
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def fields(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.fixture(scope="module")
def entries():
    with (CATALOGUES / "en.po").open("rb") as file:
        return {
            one_text(entry.id): entry
            for entry in read_po(file, locale="en", abort_invalid=True)
            if entry.id
        }


def one_text(said):
    """The text of an entry, the form for many where it has two."""
    return said if isinstance(said, str) else said[-1]


def test_every_text_in_code_and_templates_has_its_english(entries):
    missing = [
        f"{', '.join(places)}: {message!r}"
        for message, places in messages_used().items()
        if message not in entries
        or not (said := entries[message].string)
        or not all(said)
        or entries[message].fuzzy
    ]
    assert not missing, (
        "These texts lack English. Add each to app/documents/catalogue/en.po as\n"
        '  msgid "…"\n  msgstr "…"\n' + "\n".join(missing)
    )


def test_the_search_for_texts_finds_them_in_code_and_templates(tmp_path):
    assert "请用手机扫码" in messages_used()
    (tmp_path / "app").mkdir()
    (tmp_path / "templates" / "console").mkdir(parents=True)
    page = tmp_path / "templates" / "console" / "page.html"
    page.write_text("<p>{{ _('共 {n} 份').format(n=3) }}</p>\n{{ _(title) }}", "utf-8")
    assert messages_used(tmp_path) == {"共 {n} 份": ["templates/console/page.html:1"]}


def test_english_keeps_the_placeholders_of_the_chinese(entries):
    wrong = [
        f"{chinese!r} has {fields(chinese)}, its English {fields(english)}"
        for chinese, entry in entries.items()
        for english in ([entry.string] if isinstance(entry.string, str) else entry.string)
        if fields(chinese) != fields(english)
    ]
    assert not wrong, "\n".join(wrong)


SEVERAL = re.compile(r"\{n\} (?!and )(?:\w+ )??(?!is |was |has |its |this |less )\w{3,}s\b")
NO_COUNT = {"同类 {n} 个中第 {best} 名", "同类 {n} 个中第 {best}–{worst} 名"}


def test_what_is_counted_in_english_has_a_form_for_one(entries):
    wrong = [
        f"{chinese!r}: {entry.string!r}"
        for chinese, entry in entries.items()
        if isinstance(entry.string, str) and SEVERAL.search(entry.string)
        if chinese not in NO_COUNT
    ]
    assert not wrong, (
        "One of them would be told as several. Write\n"
        '  msgid "…"\n  msgid_plural "…"\n  msgstr[0] "{n} answer"\n'
        '  msgstr[1] "{n} answers"\n' + "\n".join(wrong)
    )


def test_one_is_told_as_one():
    for language, one, many in [("zh-Hans", "1 行", "2 行"), ("en", "1 row", "2 rows")]:
        say = translator(language)("{n} 行").format
        assert (say(n=count(1)), say(n=count(2))) == (one, many)
    assert translator("en")("{n} 行").format(n=1_000) == "1000 rows"
    page = Environment(autoescape=True).from_string("{{ _('{n} 行').format(n=1) }}")
    assert page.render(_=translator("en")) == "1 row"


def test_every_text_of_the_catalogue_is_said_somewhere(entries):
    said = messages_used().keys() | texts_in_code()
    unused = [text for text in entries if text not in said]
    assert not unused, "Nobody says these any more; take them out of en.po:\n" + "\n".join(
        map(repr, unused)
    )


def test_chinese_is_its_own_text_and_english_comes_from_the_catalogue():
    assert translator("zh-Hans")("请用手机扫码") == "请用手机扫码"
    assert translator("en")("请用手机扫码") == "Scan with your phone"


def test_a_text_without_english_stays_readable():
    assert translator("en")("没有的话") == "没有的话"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (points(84.25), "84.3"),
        (points(84.15), "84.2"),
        (points(2.675, decimals=2), "2.68"),
        (points(-3.25), "−3.3"),
        (points(-0.04), "0.0"),
        (points(None), "—"),
        (points(100, decimals=0), "100"),
        (percent(0.8415), "84.2%"),
        (percent(0.285, decimals=0), "29%"),
        (percent(None), "—"),
        (count(1234567), "1,234,567"),
        (count(None), "—"),
        (interval(85.66, 92.94), "85.7–92.9"),
        (interval(-1.25, 0.5), "−1.3 – 0.5"),
        (interval(None, 1), "—"),
        (percent_interval(0.123, 0.456), "12.3%–45.6%"),
        (percent_interval(0.1, None), "—"),
        (difference(1.25), "+1.3"),
        (difference(-1.25), "−1.3"),
        (difference(0.04), "0.0"),
        (difference(None), "—"),
        (calendar_day(date(2026, 11, 2), "zh-Hans"), "2026年11月2日"),
        (calendar_day(date(2026, 11, 2), "en"), "2 November 2026"),
        (calendar_day(None, "en"), "—"),
        (moment(datetime(2026, 11, 2, 8, 5, tzinfo=UTC), "zh-Hans"), "2026年11月2日 08:05"),
        (moment(datetime(2026, 11, 2, 8, 5, tzinfo=UTC), "en"), "2 November 2026, 08:05"),
        (moment(None, "en"), "—"),
    ],
)
def test_figures_are_written_as_a_reader_expects(shown, expected):
    assert shown == expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_rounding_moves_a_number_by_half_a_unit_at_most(value, decimals):
    text = rounded(value, decimals=decimals)
    assert "e" not in text.lower()
    assert not text.startswith("-0") or float(text) != 0
    assert abs(float(text) - value) <= 0.5000001 * 10**-decimals + abs(value) * 1e-12


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_not_shown(value):
    with pytest.raises(ValueError, match="can be shown"):
        points(value)
