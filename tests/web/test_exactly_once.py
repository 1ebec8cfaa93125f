"""In a browser, over a network that breaks: one person is one response with one receipt.

And what one person answered is never shown to the next who holds the phone.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from broken_network import Network, broken_network
from playwright.sync_api import Page, expect
from residents import Town, a_town, open_rounds

from app.settings import Settings
from app.web.application import create_app
from browser import PHONE, OpenPage
from servers import Serve
from world import NOW

WITHOUT_STORAGE = """Object.defineProperty(window, 'sessionStorage', {
    get() { throw new DOMException('blocked', 'SecurityError'); },
});"""

with_and_without_scripts = pytest.mark.parametrize("javascript", [True, False])


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """The database of open rounds, to be looked at."""
    with a_town(sqlite_url, {}) as empty:
        codes = open_rounds(empty.engine)
    with a_town(sqlite_url, codes) as town:
        yield town


@pytest.fixture
def network(town: Town, sqlite_url: str, serve: Serve) -> Iterator[Network]:
    """The served product behind a network that can break."""
    served = serve(create_app(Settings(database_url=sqlite_url), clock=lambda: NOW))
    with broken_network(served.port) as network:
        yield network


@pytest.fixture
def address(town: Town, network: Network) -> str:
    """The questionnaire of three questions."""
    return f"{network.url}/s/{town.codes['town']}"


def fill_in(page: Page, level: int = 0) -> None:
    """Choose one level, counted from the best, of each of the three questions."""
    for item in ("Q1", "Q2", "Q3"):
        page.locator(f"[name=q-{item}]").nth(level).check(force=True)


def send(page: Page) -> None:
    """Press the button at the end of the form."""
    page.locator("form#f button[name=send]").click()


def shown_answers(page: Page) -> int:
    """How many answers a page shows, in whatever way."""
    checked = page.locator("#f [name^=q-]:checked").count()
    texts = page.locator("#f textarea").evaluate_all("all => all.map(e => e.value).join('')")
    hidden = page.locator("#f input[type=hidden][name^=q-]").count()
    return checked + hidden + len(texts)


def comes_to_show(page: Page, answers: int) -> bool:
    """Whether a page shows so many answers; a browser may put them back after it has loaded."""
    for _ in range(50):
        if shown_answers(page) == answers:
            return True
        page.wait_for_timeout(100)
    return False


def on_a_phone(open_page: OpenPage, javascript: bool = True) -> Page:
    """A phone with or without scripts."""
    return open_page(replace(PHONE, javascript=javascript))


# The connection breaks


def lose_the_reply(page: Page, network: Network) -> None:
    """Send the form; it arrives, and the person sees that there is no connection."""
    network.is_cut = True
    send(page)
    page.wait_for_url("chrome-error://**")
    network.is_cut = False


@with_and_without_scripts
def test_a_reply_that_was_lost_comes_again_after_back_and_another_tap(
    town: Town, network: Network, address: str, open_page: OpenPage, javascript: bool
):
    page = on_a_phone(open_page, javascript)
    page.goto(address)
    fill_in(page)
    for _ in range(2):
        lose_the_reply(page, network)
        assert len(town.responses()) == 1  # the server kept it, the person does not know
        page.go_back()
        page.wait_for_url(address)
        assert comes_to_show(page, 3)
    send(page)
    page.wait_for_url("**/r/*")
    assert page.url == network.url + network.location()
    assert len(town.responses()) == 1


@with_and_without_scripts
def test_a_lost_reply_comes_again_after_a_reload(
    town: Town, network: Network, address: str, open_page: OpenPage, javascript: bool
):
    page = on_a_phone(open_page, javascript)
    page.goto(address)
    fill_in(page)
    lose_the_reply(page, network)
    page.reload()
    page.wait_for_url("**/r/*")
    assert page.url == network.url + network.location()
    assert len(town.responses()) == 1


def test_back_and_a_reload_after_a_lost_reply_keep_the_key_of_the_form(
    town: Town, network: Network, address: str, open_page: OpenPage
):
    page = on_a_phone(open_page)
    page.goto(address)
    fill_in(page)
    lose_the_reply(page, network)
    page.go_back()
    page.wait_for_url(address)
    page.reload()
    assert comes_to_show(page, 3)
    send(page)
    page.wait_for_url("**/r/*")
    assert page.url == network.url + network.location()
    assert len(town.responses()) == 1


# Fingers


@with_and_without_scripts
def test_two_quick_taps_are_one_response(
    town: Town, address: str, open_page: OpenPage, javascript: bool
):
    page = on_a_phone(open_page, javascript)
    page.goto(address)
    fill_in(page)
    page.locator("form#f button[name=send]").dblclick()
    page.wait_for_url("**/r/*")
    assert len(town.responses()) == 1


def test_without_scripts_back_and_send_again_shows_the_same_receipt(
    town: Town, address: str, open_page: OpenPage
):
    page = on_a_phone(open_page, javascript=False)
    page.goto(address)
    fill_in(page)
    send(page)
    page.wait_for_url("**/r/*")
    receipt = page.url
    page.go_back()
    page.wait_for_url(address)
    send(page)
    page.wait_for_url("**/r/*")
    page.wait_for_load_state()
    assert page.url == receipt
    page.reload()
    assert page.url == receipt
    assert len(town.responses()) == 1


def test_back_and_other_answers_show_the_first_receipt(
    town: Town, address: str, open_page: OpenPage
):
    page = on_a_phone(open_page, javascript=False)
    page.goto(address)
    fill_in(page)
    send(page)
    page.wait_for_url("**/r/*")
    number = page.locator(".num").inner_text()
    page.go_back()
    page.wait_for_url(address)
    fill_in(page, level=4)
    send(page)
    expect(page.locator("h1")).to_have_text("这份问卷已经交过了")
    assert number in page.locator(".card").inner_text()
    assert [one.answers["Q1"] for one in town.responses()] == [5]


# The next person


def test_back_from_a_receipt_leads_to_the_receipt_and_shows_no_answer(
    town: Town, address: str, open_page: OpenPage
):
    page = on_a_phone(open_page)
    page.goto(address)
    fill_in(page)
    send(page)
    page.wait_for_url("**/r/*")
    receipt = page.url
    page.evaluate("history.back()")
    page.wait_for_timeout(500)
    assert page.url == receipt
    assert shown_answers(page) == 0
    assert len(town.responses()) == 1


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_new_visit_shows_nothing_of_the_last(
    address: str, open_page: OpenPage, is_sent: bool
):
    page = on_a_phone(open_page)
    page.goto(address)
    fill_in(page)
    page.locator("textarea").fill("只给自己看")
    first = page.locator("[name=once]").input_value()
    if is_sent:
        send(page)
        page.wait_for_url("**/r/*")
        stored = page.evaluate("JSON.stringify({...sessionStorage})")
        assert "q-" not in stored
        assert "只给自己看" not in stored
    for query in ("", "?l=en", "?mode=step"):
        page.goto(address + query)
        assert shown_answers(page) == 0
        assert page.locator("[name=once]").input_value() != first


def test_a_reload_before_sending_keeps_what_was_given(
    town: Town, address: str, open_page: OpenPage
):
    page = on_a_phone(open_page)
    page.goto(address)
    fill_in(page, level=1)
    page.locator("textarea").fill("路灯 𠮷")
    page.reload()
    assert comes_to_show(page, 3 + len("路灯 𠮷"))
    send(page)
    page.wait_for_url("**/r/*")
    assert [one.answers for one in town.responses()] == [{"Q1": 4, "Q2": 4, "Q3": 4}]
    assert town.texts() == ["路灯 𠮷"]


def test_nothing_but_the_key_of_the_sent_form_stays_in_the_tab(
    address: str, open_page: OpenPage
):
    page = on_a_phone(open_page)
    page.goto(address)
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    once = page.locator("[name=once]").input_value()
    fill_in(page)
    send(page)
    page.wait_for_url("**/r/*")
    path = page.url[page.url.index("/r/") :]
    page.wait_for_function("sessionStorage.length === 1")
    assert page.evaluate("({...sessionStorage})") == {"r": f"{once} {path}"}
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.cookie") == ""


# The optional script


def test_a_browser_that_refuses_storage_can_answer(
    town: Town, address: str, open_page: OpenPage
):
    page = on_a_phone(open_page)
    page.add_init_script(WITHOUT_STORAGE)
    page.goto(address)
    fill_in(page)
    send(page)
    page.wait_for_url("**/r/*")
    assert len(town.responses()) == 1


def test_after_a_mistake_the_summary_has_the_focus(address: str, open_page: OpenPage):
    page = on_a_phone(open_page)
    page.goto(address)
    send(page)
    expect(page.locator("#es")).to_be_focused()
    assert page.title().startswith("有 3 题要再看一下")
    page.locator(".es a").nth(1).click()
    expect(page.locator("#q-Q2-f")).to_be_focused()


def test_only_the_reasons_of_the_chosen_grade_are_seen(
    town: Town, network: Network, open_page: OpenPage
):
    page = on_a_phone(open_page)
    page.goto(f"{network.url}/s/{town.codes['hall']}")
    reasons = page.locator("details.more:visible")
    expect(reasons).to_have_count(0)
    for level in (0, 4, 2):
        page.locator("[name=q-grade]").nth(level).check(force=True)
        expect(reasons).to_have_count(1)
        expect(reasons.locator(".o:visible")).to_have_count(3)
    reasons.locator("details summary").click()
    expect(reasons.locator(".o:visible")).to_have_count(8)
    page.locator("[name=q-grade]").nth(5).check(force=True)
    expect(reasons).to_have_count(0)
    page.locator("[name=q-grade]").nth(3).check(force=True)
    reasons.locator("[name=q-why_2]").first.check(force=True)
    page.locator("button[name=to]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(reasons.locator("input:checked")).to_have_count(1)


def test_seconds_are_counted_by_section_over_all_pages(
    town: Town, address: str, open_page: OpenPage
):
    page = on_a_phone(open_page)
    page.clock.install(time=NOW)
    page.goto(address)
    page.clock.fast_forward(3_000)
    send(page)
    page.clock.fast_forward(4_000)
    fill_in(page)
    send(page)
    page.wait_for_url("**/r/*")
    (kept,) = town.responses()
    assert kept.paradata["section_seconds"]["senses"] in {7, 8}
