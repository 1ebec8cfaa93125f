"""A gallery of every chart in a real browser: accessible, whole on a phone, linked to tables.

The gallery is written to the test's own folder; to look at it, run this file with
``--basetemp=FOLDER`` and open ``FOLDER/**/charts.html``.
"""

from dataclasses import replace

import pytest

from app.documents.charts.forms import to_svg, to_table
from app.documents.wording import translator
from app.web.chart_script import FILE
from app.web.rendering import environment
from app.web.stylesheet import stylesheet
from browser import DESK, PHONE, OpenPage, axe
from chart_samples import samples

DEVICES = {
    "phone": PHONE,
    "dark-phone": replace(PHONE, colours="dark"),
    "desk": DESK,
    "dark-desk": replace(DESK, colours="dark"),
}
PAGE = """{% from "charts/figure.html" import chart_figure with context %}<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>图</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src file:; script-src file:; connect-src file:">
<link rel="stylesheet" href="minxin.css"><script src="charts.js" defer></script></head>
<body><main class="page"><h1>图</h1>
{% for svg, table in figures %}<section class="panel"><h2>{{ table.title }}</h2>
{{ chart_figure(svg, table) }}</section>{% endfor %}</main></body></html>"""


@pytest.fixture
def gallery(tmp_path):
    """A page with every kind of chart, for a few and for many units."""

    def write(units: int) -> str:
        figures = [
            (to_svg(chart, "zh-Hans"), to_table(chart, "zh-Hans"))
            for chart in samples(units).values()
        ]
        page = environment().from_string(PAGE).render(figures=figures, _=translator("zh-Hans"))
        (tmp_path / "charts.html").write_text(page, encoding="utf-8")
        (tmp_path / "minxin.css").write_bytes(stylesheet().text)
        (tmp_path / "charts.js").write_bytes(FILE.read_bytes())
        return (tmp_path / "charts.html").as_uri()

    return write


@pytest.mark.parametrize("units", [3, 16])
@pytest.mark.parametrize("device", DEVICES)
def test_charts_are_accessible_and_whole(open_page: OpenPage, gallery, tmp_path, device, units):
    page = open_page(DEVICES[device])
    page.goto(gallery(units))
    page.screenshot(path=tmp_path / f"{device}.png", full_page=True)
    assert page.locator("svg:visible").count() == len(samples(units))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_row_pointed_at_is_lit_in_chart_and_table(open_page: OpenPage, gallery):
    page = open_page(DESK)
    page.goto(gallery(16))
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    chart = page.locator(".chart").nth(1)
    chart.locator("tr[data-row='3'] th").hover()
    assert chart.locator("svg .is-lit").first.get_attribute("data-row") == "3"
    chart.locator(".drawing--wide [data-row='5'] text").first.click()
    page.mouse.move(0, 0)
    assert chart.locator("tr.is-lit").get_attribute("data-row") == "5"


def test_charts_are_whole_without_scripts(open_page: OpenPage, gallery):
    page = open_page(replace(PHONE, javascript=False))
    page.goto(gallery(3))
    assert page.locator("svg:visible").count() == len(samples(3))
    assert page.locator("svg title").first.text_content()
