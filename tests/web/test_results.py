"""The public results: what is published can be read, what is withheld is nowhere."""

import gzip
import hashlib
import io
import json
import re
import shutil
import zipfile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.engine import make_engine, make_sessions
from app.database.results import latest_published, result_of
from app.database.rounds import find_round
from app.database.tables import RunRow
from app.settings import Settings
from app.web.application import create_app
from world import NOW

REAL = "/p/bloomington-2017"
OPT_IN = "/p/demo-senses"
PAGES = (REAL, OPT_IN, f"{REAL}/method", f"{OPT_IN}/method", f"{REAL}/items/q1a")
MOST_BYTES = 60_000
MOST_STATEMENTS = 7
NUMBERS = (
    "value", "low", "high", "n", "effective_n", "standard_error", "df", "design_effect",
    "count", "share", "not_answered",
)  # fmt: skip


@pytest.fixture(scope="module")
def full(all_published):
    """The whole result of a round, withheld numbers included."""
    engine = make_engine(f"sqlite:///{all_published}")

    def load(code):
        with Session(engine) as session:
            found = latest_published(session, find_round(session, code).id)
            assert found is not None
            return result_of(found[1])

    yield load
    engine.dispose()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("query", ["", "?l=en"])
def test_a_page_is_complete_without_scripts_styles_or_cookies(public, page, query):
    reply = public.get(page + query)
    assert reply.status_code == 200
    for forbidden in ("<script", "style=", "<style", "onclick", "{{", ">None<", "None)"):
        assert forbidden not in reply.text
    assert "set-cookie" not in reply.headers
    assert "unsafe" not in reply.headers["content-security-policy"]
    language = "en" if query else "zh-CN"
    assert f'<html lang="{language}">' in reply.text


@pytest.mark.parametrize("page", PAGES)
def test_an_english_page_has_no_chinese_but_its_way_back(public, page):
    text = re.sub(r'<a [^>]*lang="zh-CN"[^>]*>中文</a>', "", public.get(f"{page}?l=en").text)
    # A score map's source may cite a Chinese text by its own title, an event its evidence.
    text = re.sub(
        r"\([^()]*粤府[^()]*\)[^<]*|示例，[^<]*|<title>[^<]*</title>|非常[^<]*", "", text
    )
    found = set(re.findall(r"[\u4e00-\u9fff]+", text))
    assert found <= {
        "很满意",
        "比较满意",
        "一般",
        "不太满意",
        "很不满意",
        "满意",
        "基本满意",
        "不满意",
        "不了解",
    }, found


def test_the_headline_names_who_stands_out_and_who_cannot_be_compared(public):
    text = public.get(REAL).text
    assert "与全体相比，第一区的幸福感和三感总分明显较高" in text
    assert "样本不足，不作比较" in text


def test_an_opt_in_round_is_compared_with_nothing_and_says_why(public):
    text = public.get(OPT_IN).text
    assert "自愿扫码，不能推断全体；虚线是敏感性范围，不是误差范围" in text
    body = text[: text.index('id="composite"')]
    for claim in ("明显高于", "明显低于", "误差以内", "95% 区间"):
        assert claim not in body
    assert "interval-chart__mark--band" in body


def test_every_heading_of_a_number_leads_to_a_section_that_exists(public):
    text = (
        public.get(REAL).text + public.get(OPT_IN).text + public.get(f"{REAL}/items/q1a").text
    )
    linked = set(re.findall(r'/method#([\w-]+)"', text))
    method = public.get(f"{REAL}/method").text
    assert linked >= {"precision", "sample-size", "indicators", "score-maps"}
    assert all(f'id="{anchor}"' in method for anchor in linked)


def test_a_composite_score_shows_its_sum_line_by_line(public):
    text = public.get(OPT_IN).text
    composite = text[text.index('id="composite"') :]
    assert "折算分 × 权数 = 计入得分" in composite
    assert "敏感性范围" in composite
    assert "不给名次" in composite


def test_both_rates_of_the_satisfied_stand_side_by_side(public):
    text = public.get(REAL).text
    assert "满意率（含基本满意）" in text
    assert "满意率（前两级）" in text


@pytest.mark.parametrize("page", [REAL, OPT_IN, f"{REAL}/items/q1a"])
def test_a_page_stays_small(public, page):
    assert len(gzip.compress(public.get(page).content)) < MOST_BYTES
    plain = public.get(page, headers={"accept-encoding": "gzip"})
    assert plain.headers["content-encoding"] == "gzip"


@pytest.fixture
def marked(all_published, tmp_path):
    """A visitor of results whose every withheld number begins with 5432."""
    file = tmp_path / "marked.sqlite3"
    shutil.copyfile(all_published, file)
    engine = make_engine(f"sqlite:///{file}")
    with make_sessions(engine).begin() as session:
        for run in session.scalars(select(RunRow)):
            document = json.loads(run.document)
            for entry in (*document["estimates"], *document["distributions"]):
                mark_withheld(entry)
            run.document = json.dumps(document)
            # Pages are kept by the digest, so another document needs another one.
            run.document_digest = hashlib.sha256(run.document.encode()).hexdigest()
    engine.dispose()
    settings = Settings(database_url=f"sqlite:///{file}")
    with TestClient(create_app(settings, clock=lambda: NOW)) as client:
        yield client


def mark_withheld(entry):
    for part in (entry, *(entry.get("choices") or ())):
        if entry["withheld"] or part["withheld"]:
            part.update({name: 54321.5 for name in NUMBERS if name in part})


@pytest.mark.parametrize(
    "path", ["", "/method", "/items/q1a", "/items/q5i", "/results.csv", "/results.json"]
)
@pytest.mark.parametrize("query", ["", "?l=en"])
def test_a_withheld_number_is_in_no_page_and_no_file(marked, path, query):
    text = marked.get(REAL + path + query).text.replace(",", "")
    assert not re.findall(r"(?<![0-9a-f.])5432[0-9.]", text)


def test_a_withheld_number_is_in_no_sheet(marked):
    with zipfile.ZipFile(io.BytesIO(marked.get(f"{REAL}/results.xlsx").content)) as book:
        sheets = [book.read(n).decode() for n in book.namelist() if n.endswith(".xml")]
    assert len(sheets) > 4
    assert not any(re.search(r"(?<![0-9a-f.])5432[0-9.]", sheet) for sheet in sheets)


def test_the_search_for_withheld_numbers_would_find_one(marked, full):
    document = full("bloomington-2017")
    for entry in document["estimates"]:
        mark_withheld(entry)
    assert re.search(r"(?<![0-9a-f.])5432[0-9.]", json.dumps(document))


def test_every_withheld_line_of_the_csv_is_empty_but_for_its_reason(public, full):
    withheld = [entry for entry in full("bloomington-2017")["estimates"] if entry["withheld"]]
    rows = public.get(f"{REAL}/results.csv").content.decode("utf-8-sig").splitlines()[1:]
    hidden = [row for row in rows if not row.endswith(',""')]
    assert len(hidden) == len(withheld) > 0
    for row in hidden:
        cells = row.strip('"').split('","')
        assert cells[7:16] == [""] * 9


def test_the_workbook_and_the_csv_are_for_spreadsheets(public):
    csv = public.get(f"{REAL}/results.csv")
    assert csv.content.startswith(b"\xef\xbb\xbf")
    assert csv.headers["content-disposition"].startswith("attachment;")
    book = public.get(f"{REAL}/results.xlsx")
    assert "spreadsheetml" in book.headers["content-type"]
    with zipfile.ZipFile(io.BytesIO(book.content)) as archive:
        names = archive.read("xl/workbook.xml").decode()
    for sheet in ("得分", "分布", "综合分", "方法说明"):
        assert f'name="{sheet}"' in names


def test_an_unpublished_round_looks_like_one_that_does_not_exist(console):
    unpublished = console.get("/p/demo-senses")
    unknown = console.get("/p/no-such-round")
    assert unpublished.status_code == unknown.status_code == 404
    assert unpublished.text == unknown.text
    for path in ("method", "items/G1", "results.csv", "results.xlsx", "results.json"):
        assert console.get(f"/p/demo-senses/{path}").text == unknown.text


@pytest.mark.parametrize("path", ["items/nothing", "results.pdf", "results.exe", "items/"])
def test_what_does_not_exist_is_refused_kindly(public, path):
    assert public.get(f"{REAL}/{path}").status_code in {404, 422}


def test_a_page_asks_the_database_only_a_few_things(all_published, counter_for):
    for page in PAGES:
        counter, client = counter_for(all_published)
        client.get(page)
        assert 0 < len(counter.statements) <= MOST_STATEMENTS, counter.statements


def test_the_style_sheet_is_one_file_that_may_be_kept_for_ever(public):
    (address,) = set(
        re.findall(r'href="(/static/minxin-[0-9a-f]+\.css)"', public.get(REAL).text)
    )
    reply = public.get(address)
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in reply.headers["cache-control"]
    assert reply.text.startswith("@layer reset, tokens, base, components, print;")
    assert public.get("/static/minxin-000000000000.css").status_code == 404


def test_the_watchman_gets_his_answers(public, tmp_path):
    assert public.get("/healthz").text == "alive\n"
    assert public.get("/readyz").text == "ready\n"
