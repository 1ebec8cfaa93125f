"""Results and console in a real browser: accessible, whole on a phone, nothing to scroll."""

from dataclasses import replace

import pytest

from browser import DESK, PHONE, OpenPage, axe
from colleagues import CHIEF, DEPUTY, PASSWORD
from servers import Serve

DARK_PHONE = replace(PHONE, colours="dark")
DARK_DESK = replace(DESK, colours="dark")
DEVICES = [PHONE, DARK_PHONE, DESK, DARK_DESK]
NAMES = ["phone", "dark phone", "desk", "dark desk"]
RESULTS = (
    "/p/bloomington-2017", "/p/demo-senses?l=en", "/p/bloomington-2017/method",
    "/p/bloomington-2017/items/q4d",
)  # fmt: skip
CONSOLE = (
    "/console", "/console/rounds/demo-senses", "/console/rounds/bloomington-2017?l=en",
    "/console/rounds/demo-senses/closure", "/console/rounds/bloomington-2017/runs/1",
    "/console/rounds/bloomington-2017/runs/1/publication",
)  # fmt: skip


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("device", DEVICES, ids=NAMES)
def test_the_results_are_accessible(
    open_page: OpenPage, serve: Serve, published_application, device
):
    url, page = serve(published_application).url, open_page(device)
    for address in RESULTS:
        page.goto(url + address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], address
        assert overflow(page) <= 0, address


@pytest.mark.parametrize("device", DEVICES, ids=NAMES)
def test_the_console_is_accessible(open_page: OpenPage, serve: Serve, open_application, device):
    url, page = serve(open_application).url, open_page(device)
    page.goto(f"{url}/console")
    assert axe(page) == []
    page.fill("#login", CHIEF)
    page.fill("#password", PASSWORD)
    page.click("main button")
    for address in CONSOLE:
        page.goto(url + address)
        assert page.title()
        assert axe(page) == [], address
        assert overflow(page) <= 0, address


def test_the_console_works_without_scripts(open_page: OpenPage, serve: Serve, open_application):
    url = serve(open_application).url
    page = open_page(replace(PHONE, javascript=False))
    come_in(page, url, CHIEF)
    page.goto(f"{url}/console/rounds/demo-senses")
    page.click("a:text-is('提前结束收集')")
    page.click("main form button")
    asked = page.url
    assert "/console/approvals/" in asked
    page.click("text=退出")
    come_in(page, url, DEPUTY)
    page.goto(asked)
    page.click("button[value=approve]")
    page.goto(f"{url}/console/rounds/demo-senses")
    assert page.locator(".tag", has_text="已结束收集").count() == 1


def come_in(page, url, login):
    page.goto(f"{url}/console")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button")


def test_one_of_the_two_drawings_of_a_chart_is_shown(
    open_page: OpenPage, serve: Serve, published_application
):
    url = serve(published_application).url
    for device, shown in ((PHONE, "narrow"), (DESK, "wide")):
        page = open_page(device)
        page.goto(f"{url}/p/bloomington-2017")
        for layout in ("narrow", "wide"):
            chart = page.locator(f".interval-chart--{layout}").first
            assert chart.is_visible() == (layout == shown)


def test_a_printed_page_leaves_out_what_can_only_be_pressed(
    open_page: OpenPage, serve: Serve, published_application
):
    page = open_page(DESK)
    page.goto(f"{serve(published_application).url}/p/bloomington-2017")
    page.emulate_media(media="print")
    assert not page.locator(".masthead").is_visible()
    assert not page.locator(".downloads").is_visible()
    assert page.locator(".finding").is_visible()
