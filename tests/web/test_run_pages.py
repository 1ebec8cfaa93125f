"""The pages of a run in the console: by item, by group, against before, number by number."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow

RUN = "/console/rounds/bloomington-2017/runs/1"
PAGES = ("", "/items", "/groups", "/changes", "/method", "/preview", "/preview/method")


def words_of(page):
    main = page[page.index("<main") : page.index("</main>")]
    return unescape(re.sub(r"<[^>]+>", " ", main))


def numbers_in(page):
    return [unescape(found) for found in re.findall(r'href="([^"]*/number\?[^"]*)"', page)]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_run_opens_and_is_complete_in_english(operator, page):
    reply = operator.get(f"{RUN}{page}?l=en")
    assert reply.status_code == 200
    text = re.sub(
        r'<(a|option) [^>]*lang="zh-CN"[^>]*>中文</\1>|<title>[^<]*</title>|示例，[^<]*',
        "",
        reply.text,
    )
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []
    own = re.findall(r'(?:href|action)="(/console[^"]*)"', reply.text)
    assert own
    assert all("l=en" in link for link in own)


def test_imported_answers_are_counted_once_on_the_lists_of_rounds(operator):
    for page in ("/console", "/console/rounds"):
        text = operator.get(page).text
        assert "595" in text, page
        assert "1,190" not in text, page


def test_a_run_begins_with_a_sentence_and_a_chart_and_leads_to_each_part(operator):
    text = operator.get(RUN).text
    assert text.index('class="finding"') < text.index("<svg") < text.index("<table")
    for place in ("/items", "/groups", "/changes", "/texts", "/method"):
        assert f'href="{RUN}{place}"' in text


def test_every_number_opens_what_it_is_and_what_went_in(operator):
    found = numbers_in(operator.get(RUN).text)
    assert len(found) > 3
    page = operator.get(found[0])
    assert page.status_code == 200
    text = words_of(page.text)
    for word in ("口径", "有效样本", "权数", "标准误", "95% 区间", "t 区间", "对外"):
        assert word in text, word
    anchors = set(re.findall(rf'href="{RUN}/method#([\w-]+)"', page.text))
    method = operator.get(f"{RUN}/method").text
    assert anchors
    assert all(f'id="{anchor}"' in method for anchor in anchors)


def test_items_lead_to_units_and_their_numbers_to_definitions(operator):
    text = operator.get(f"{RUN}/items").text
    item = re.search(rf'href="({RUN}/items/[^"]+)"', text)[1]
    page = operator.get(item).text
    assert "回答的分布" in page
    assert "<svg" in page
    assert all(operator.get(one).status_code == 200 for one in numbers_in(text)[:3])
    assert operator.get(f"{RUN}/items/nothing").status_code == 404


def test_a_number_that_does_not_exist_is_not_found(operator):
    assert operator.get(f"{RUN}/number").status_code == 404
    assert operator.get(f"{RUN}/number?s=pooled&m=item&c=x&d=unit&p=y").status_code == 404


def test_the_preview_is_the_public_page_and_says_that_it_is_none(operator):
    public, preview = (
        operator.get(page).text for page in ("/p/bloomington-2017", f"{RUN}/preview")
    )
    assert "公众还看不到这一页" in preview
    assert "公众还看不到这一页" not in public
    same = preview.replace(f"{RUN}/preview", "/p/bloomington-2017")
    part = slice(
        public.index('<section id="indicators"'), public.index('<section id="downloads"')
    )
    assert public[part] in same
    assert "results.xlsx" not in preview
    links = re.findall(rf'href="({RUN}/preview[^"#]*)"', preview)
    assert all(operator.get(link).status_code == 200 for link in set(links[:6]))


def test_a_run_without_a_result_has_no_pages_to_show(operator, database):
    assert operator.get("/console/rounds/bloomington-2017/runs/99/items").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_the_whole_result_is_taken_away_by_a_form_and_that_is_kept(operator, database, kind):
    token = re.search(r'name="token" value="([0-9a-f]{64})"', operator.get(RUN).text)[1]
    address = f"{RUN}/results.{kind}"
    assert operator.get(address).status_code == 405
    reply = operator.post(address, data={"token": token})
    assert reply.status_code == 200
    assert f"bloomington-2017-run-1.{kind}" in reply.headers["content-disposition"]
    assert len(reply.content) > 1000
    with make_sessions(make_engine(f"sqlite:///{database}"))() as session:
        kept = select(AuditEventRow).where(AuditEventRow.act == "export_results")
        line = session.scalars(kept).one()
    assert (line.author, line.detail["kind"]) == ("chief", kind)
