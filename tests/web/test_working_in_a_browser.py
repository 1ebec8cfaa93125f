"""The proof of work in a real browser: solved unseen, never in the way, never needed."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Route
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route as Path

from app.settings import HOME
from app.web.protection import Protection
from app.web.resident.once import new_once
from app.web.resident.pages import minified
from app.web.resident.work import challenge_for, is_solved
from browser import PHONE, OpenPage, slow_down
from servers import LiveServer, Serve
from world import NOW

KEY = b"k" * 32
ONCE = new_once(KEY, "7k3m9xq4", NOW)
PAGE = """<!doctype html><title>t</title>
<form id="f" method="post"><input type="hidden" name="once" value="{once}">
<input type="radio" name="q-Q1" value="5"><button name="send" value="1">send</button></form>
<input type="hidden" name="work" form="f"{challenge}>
<script src="/static/working.js" defer></script>"""
IS_FILLED = "() => document.querySelector('[name=work]').value !== ''"
FOLLOW = """(() => {
    let last, longest = 0;
    window.longest = () => longest;
    const tick = () => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
        setTimeout(tick, 0);
    };
    addEventListener('load', () => { last = window.began = performance.now(); tick(); });
})()"""


class Office:
    """A page with a challenge, and what was sent from it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, list[str]]] = []
        self.challenge = f' data-challenge="{challenge_for(KEY, ONCE, now=NOW)}"'
        self.application = Protection(
            Starlette(
                routes=[
                    Path("/", self.show),
                    Path("/", self.take, methods=["POST"]),
                    Path("/static/working.js", self.script),
                ]
            )
        )

    def page(self) -> str:
        """The form with the field for the work."""
        return PAGE.format(once=ONCE, challenge=self.challenge)

    async def show(self, _: Request) -> Response:
        return HTMLResponse(self.page())

    async def script(self, _: Request) -> Response:
        script = minified(HOME / "app" / "web" / "static" / "working.js")
        return Response(script, media_type="text/javascript")

    async def take(self, request: Request) -> Response:
        body = (await request.body()).decode()
        self.sent.append(parse_qs(body, keep_blank_values=True))
        return HTMLResponse("<!doctype html><title>taken</title>")

    def work(self) -> str:
        """The work that came with the only form sent."""
        (form,) = self.sent
        return form["work"][0]


@pytest.fixture
def office() -> Office:
    """An office nobody has been to."""
    return Office()


@pytest.fixture
def served(office: Office, serve: Serve) -> LiveServer:
    """The office on a real port."""
    return serve(office.application)


def answer(page: Page) -> None:
    """Choose and send."""
    page.locator("[name=q-Q1]").check()
    page.locator("button").click()
    page.wait_for_function("() => document.title === 'taken'")


def test_the_browser_finds_a_solution_that_holds(
    office: Office, served: LiveServer, phone_page: Page
):
    phone_page.goto(served.url)
    phone_page.wait_for_function(IS_FILLED, timeout=30_000)
    answer(phone_page)
    assert is_solved(KEY, ONCE, office.work(), now=NOW)


def test_who_sends_before_it_is_found_is_not_held_up(
    office: Office, served: LiveServer, phone_page: Page
):
    hardest = office.challenge.replace(" 50000 ", " 900000000 ")
    office.challenge = hardest[: hardest.index("&") + 2] + "0" * 64 + hardest[-84:]
    phone_page.goto(served.url)
    answer(phone_page)
    assert office.work() == ""
    assert not is_solved(KEY, ONCE, office.work(), now=NOW)


def test_a_slow_phone_stays_usable_meanwhile(
    office: Office, served: LiveServer, phone_page: Page
):
    slow_down(phone_page)
    phone_page.add_init_script(FOLLOW)
    phone_page.goto(served.url)
    phone_page.wait_for_function(IS_FILLED, timeout=60_000)
    longest, whole = phone_page.evaluate("[longest(), performance.now() - began]")
    assert longest < whole / 2
    assert is_solved(KEY, ONCE, phone_page.locator("[name=work]").input_value(), now=NOW)


def without_subtle(page: Page, served: LiveServer) -> None:
    """A browser that is too old."""
    page.add_init_script(
        "Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})"
    )
    page.goto(served.url)


def without_crypto(page: Page, served: LiveServer) -> None:
    """A browser that is much too old."""
    page.add_init_script("Object.defineProperty(window, 'crypto', {value: undefined})")
    page.goto(served.url)


def refusing(page: Page, served: LiveServer) -> None:
    """A browser that has the tool and refuses to use it, as Chrome 57 does without TLS."""
    page.add_init_script("crypto.subtle.digest = () => Promise.reject(new Error('insecure'))")
    page.goto(served.url)


def without_tls(page: Page, served: LiveServer) -> None:
    """A page that came over a network without TLS."""

    def bring(route: Route) -> None:
        address = route.request.url.replace("http://hall.example", served.url)
        route.fulfill(response=route.fetch(url=address))

    page.route("http://hall.example/**", bring)
    page.goto("http://hall.example/")
    assert page.evaluate("isSecureContext") is False


def without_the_script(page: Page, served: LiveServer) -> None:
    """A network on which the script got lost."""
    page.route("**/working.js", lambda route: route.abort())
    page.goto(served.url)


@pytest.mark.parametrize(
    "visit", [without_subtle, without_crypto, refusing, without_tls, without_the_script]
)
def test_where_it_cannot_be_solved_the_answer_is_sent_all_the_same(
    office: Office,
    served: LiveServer,
    phone_page: Page,
    visit: Callable[[Page, LiveServer], None],
):
    visit(phone_page, served)
    answer(phone_page)
    assert office.work() == ""
    assert office.sent[0]["q-Q1"] == ["5"]


def test_without_scripts_the_answer_is_sent_all_the_same(
    office: Office, served: LiveServer, open_page: OpenPage
):
    page = open_page(replace(PHONE, javascript=False))
    page.goto(served.url)
    page.locator("[name=q-Q1]").check()
    page.locator("button").click()
    assert page.title() == "taken"
    assert office.work() == ""


@pytest.mark.parametrize("challenge", ["", ' data-challenge=""'])
def test_a_page_without_a_challenge_sends_none(
    office: Office, served: LiveServer, phone_page: Page, challenge: str
):
    office.challenge = challenge
    phone_page.goto(served.url)
    answer(phone_page)
    assert office.work() == ""
