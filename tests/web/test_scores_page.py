"""The public scores of an assessment: in both languages, whole, and to take away."""

import csv
import io
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook
from site_parts import site_settings
from starlette.testclient import TestClient

from app.database.assessments import find_assessment
from app.database.engine import make_engine, make_sessions
from app.web.application import create_app
from app.workflow.assessment.importing import import_values
from app.workflow.assessment.package import read_package
from app.workflow.assessment.running import publish_scores, run_scores
from browser import DESK, PHONE, OpenPage, axe
from servers import Serve
from streets import PLAN, assessment, table
from world import NOW

ADDRESS = "/a/demo-hqd-2025"
TWO_DECIMALS = re.compile(r"[+−]?\d+\.\d\d")
DEVICES = [PHONE, DESK, replace(PHONE, colours="dark")]


class Tables(HTMLParser):
    """Caption and rows of every table of a page, cells as text."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self._cell = None
        self._is_caption = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.found.append(("", []))
        elif tag == "tr":
            self.found[-1][1].append([])
        elif tag in {"td", "th"}:
            self.found[-1][1][-1].append("")
            self._cell = self.found[-1][1][-1]
        elif tag == "caption":
            self._is_caption = True

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self._cell = None
        elif tag == "caption":
            self._is_caption = False

    def handle_data(self, text):
        if self._cell is not None:
            self._cell[-1] += text.strip()
        elif self._is_caption:
            caption, rows = self.found.pop()
            self.found.append((caption + text.strip(), rows))

    def captioned(self, words):
        return [rows for caption, rows in self.found if caption == words]


def number(text):
    return float(TWO_DECIMALS.search(text)[0].replace("−", "-"))


def page_of(public, query=""):
    reply = public.get(ADDRESS + query)
    assert reply.status_code == 200
    return reply.text


def small_site(file, *, plan=PLAN, values=("east,60,80", "west,70,50"), publish=True):
    """A site with one small assessment in the database `file`."""
    engine = make_engine(f"sqlite:///{file}")
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        row = assessment(session, plan)
        import_values(session, row, table("unit,jobs,air", *values), now=NOW)
    run_scores(sessions, "streets-2026", now=NOW)
    if publish:
        with sessions.begin() as session:
            publish_scores(session, find_assessment(session, "streets-2026"), 1, now=NOW)
    engine.dispose()
    return TestClient(create_app(site_settings(file), clock=lambda: NOW))


@pytest.fixture
def empty(sqlite_template, tmp_path):
    """A database file with nothing in it."""
    return shutil.copyfile(sqlite_template, tmp_path / "scores.sqlite3")


def test_the_lines_of_every_sum_lead_to_its_final_score(public):
    sums = Tables(page_of(public)).captioned("折算分 × 权数 = 计入得分")
    assert len(sums) == 12
    for rows in sums:
        lines = [(row[0], number(row[-1])) for row in rows[1:]]
        names = [name for name, _ in lines]
        amounts = [amount for _, amount in lines]
        total = names.index("合计")
        parts, gross, ledger = amounts[:total], amounts[total], amounts[total + 1 : -1]
        assert sum(parts) == pytest.approx(gross, abs=0.005 * len(parts))
        assert gross + sum(ledger) == pytest.approx(amounts[-1], abs=0.0151)


def test_the_lines_of_every_change_lead_to_its_difference(public):
    changes = Tables(page_of(public)).captioned("各指标使得分变动多少")
    assert len(changes) == 12
    for rows in changes:
        lines = {
            row[0]: [number(cell) for cell in row[-3:] if TWO_DECIMALS.fullmatch(cell)]
            for row in rows[1:]
        }
        final = next(name for name in lines if name.startswith("最后得分"))
        before, now = (float(figure) for figure in re.findall(TWO_DECIMALS, final))
        assert now - before == pytest.approx(lines[final][-1], abs=0.0151)
        others = sum(lines[name][-1] for name in ("扣分", "加分") if name in lines)
        whole = sum(lines["各指标合计"]) + others
        assert whole == pytest.approx(lines[final][-1], abs=0.0251)


def test_the_heading_and_the_sum_say_the_same_score(public):
    text = page_of(public)
    sums = Tables(text).captioned("折算分 × 权数 = 计入得分")
    assert re.findall(r'total__score">([^<]+)<', text) == [rows[-1][-1] for rows in sums]


def test_the_english_page_has_no_chinese_but_the_way_back(public):
    text = re.sub(r"<head>.*?</head>", "", page_of(public, "?l=en"), flags=re.DOTALL)
    left = set(re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<[^>]*>", " ", text)))
    # The name of the product, the other language, and the evidence as the clerk wrote it.
    assert left <= {"民心尺", "中文", "示例"}


def test_the_page_never_says_that_draws_made_something_sure(public):
    assert not re.search(r"概率 (0|100)%", page_of(public))


def test_the_files_are_in_the_language_of_the_page(public):
    for query, heading in (("", "最后得分"), ("?l=en", "Final score")):
        reply = public.get(f"{ADDRESS}/scores.csv{query}")
        rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
        assert any(heading in cell for row in rows[:2] for cell in row), rows[:2]
        book = load_workbook(io.BytesIO(public.get(f"{ADDRESS}/scores.xlsx{query}").content))
        assert len(book.sheetnames) >= 2
    assert 'filename="demo-hqd-2025-scores.csv"' in reply.headers["content-disposition"]


def test_the_package_of_the_page_passes_every_check(public):
    one = public.get(f"{ADDRESS}/package.zip").content
    assert one == public.get(f"{ADDRESS}/package.zip?l=en").content
    assert read_package(one)


def test_no_such_page_and_no_public_scores_look_the_same(empty):
    site = small_site(empty, publish=False)
    for path in ("", "/scores.csv", "/scores.xlsx", "/package.zip"):
        unpublished = site.get(f"/a/streets-2026{path}")
        unknown = site.get(f"/a/nowhere{path}")
        assert unpublished.status_code == unknown.status_code == 404
        kinds = [one.headers["content-type"] for one in (unpublished, unknown)]
        assert kinds[0] == kinds[1]
        assert "streets" not in unpublished.text.replace("/a/streets-2026", "")


def test_a_file_of_another_kind_is_not_there(public):
    assert public.get(f"{ADDRESS}/scores.pdf").status_code in {404, 422}


def test_a_type_with_one_unit_is_compared_with_nothing(empty):
    plan = PLAN.replace(
        "  - {code: west, name: {zh-Hans: 西街, en: West street}, region_type: old}\n", ""
    )
    text = small_site(empty, plan=plan, values=("east,60,80",)).get("/a/streets-2026").text
    assert "只有一个单位有名次，没有可比的单位。" in text


def test_units_without_a_rank_are_said_to_have_none(empty):
    values = ("east,60,80", "west,,")
    site = small_site(empty, values=values)
    text = site.get("/a/streets-2026?l=en").text
    assert "None" not in re.sub(r"None of these units", "", text)
    assert "nan" not in text


def test_a_place_without_a_grade_ends_without_a_dot(empty):
    assert "名 · <" not in small_site(empty).get("/a/streets-2026").text


@pytest.mark.parametrize("device", DEVICES, ids=["phone", "desk", "dark phone"])
def test_the_scores_are_accessible(
    open_page: OpenPage, serve: Serve, published_application, device
):
    url, page = serve(published_application).url, open_page(device)
    for query in ("", "?l=en"):
        page.goto(url + ADDRESS + query)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], query
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
