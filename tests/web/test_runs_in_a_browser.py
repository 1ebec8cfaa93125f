"""The pages of a run in a browser: accessible, and never wider than the screen."""

import pytest

from browser import DESK, PHONE, OpenPage, axe
from colleagues import CHIEF, PASSWORD
from servers import Serve

RUN = "/console/rounds/bloomington-2017/runs/1"
PAGES = ("", "/items", "/groups", "/changes", "/texts", "/method", "/publication", "/preview")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_of_a_run_can_be_used_by_everybody(
    open_application, open_page: OpenPage, serve: Serve, device
):
    url, page = serve(open_application).url, open_page(device)
    page.goto(f"{url}/console/sign-in")
    page.fill("[name=login]", CHIEF)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    for place in PAGES:
        page.goto(f"{url}{RUN}{place}")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, place
    page.goto(f"{url}{RUN}")
    page.click("a[href*='/number?'] >> nth=0")
    page.wait_for_url("**/number?**")
    assert axe(page) == []
    page.goto(f"{url}/console")
    assert axe(page) == []
