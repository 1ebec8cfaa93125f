"""The console in a browser, one page of each kind along its links.

Each is whole, quiet and accessible, and whatever can be pressed or written into can be reached
by keyboard and shows that it was.
"""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from console_walk import walk

from browser import DESK, PHONE, Device, OpenPage, axe
from colleagues import CHIEF, PASSWORD
from servers import Serve

pytest_plugins = ["walked_world"]

MOST_KINDS = 120
SCROLL = "document.documentElement.scrollWidth - innerWidth"

UNREACHED = """() => {
    const shown = element => element.checkVisibility({visibilityProperty: true});
    const ring = element => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
            || style.boxShadow !== 'none';
    };
    const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary,'
        + ' [tabindex="0"]';
    const words = element => (element.innerText || element.name || element.id).slice(0, 40);
    const wrong = [];
    for (const element of document.querySelectorAll(wanted)) {
        if (!shown(element) || element.disabled || element.ariaHidden) continue;
        element.focus({preventScroll: true});
        const near = [element, element.parentElement, element.nextElementSibling];
        if (document.activeElement !== element || element.tabIndex < 0)
            wrong.push(`${element.tagName} "${words(element)}" cannot be reached by keyboard`);
        else if (!near.some(one => one && ring(one)))
            wrong.push(`${element.tagName} "${words(element)}" does not show its focus`);
    }
    return wrong;
}"""
"""What a keyboard cannot reach, or reaches without a sign, in sentences."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the browser got when it asked for an address without showing it."""

    status_code: int
    headers: dict[str, str]
    text: str


@pytest.mark.parametrize(
    "device", [replace(PHONE, language="zh-CN"), DESK], ids=["390", "1280"]
)
def test_every_kind_of_page_is_whole_quiet_and_accessible(
    open_page: OpenPage, serve: Serve, full_application: Any, device: Device
):
    url, page = serve(full_application).url, open_page(device)
    sign_in(page, url)
    strangers, said = listen(page, url)
    addresses = addresses_of(page, url, full_application)
    assert len(addresses) <= MOST_KINDS
    wrong = [fault for address in addresses for fault in faults_of(page, url, address)]
    heard = [f"{address} was asked for" for address in strangers]
    assert not [*heard, *said, *wrong], "\n".join([*heard, *said, *wrong])


def sign_in(page, url):
    page.goto(f"{url}/console/sign-in")
    page.fill("#login", CHIEF)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/console")


def listen(page, url):
    """What the page asks of other hosts, and what the browser complains about, as it comes."""
    host, strangers, said = urlsplit(url).netloc, [], []

    def hear(request):
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host:
            strangers.append(request.url)

    def note(message):
        if message.type in {"error", "warning"}:
            said.append(f"{page.url}: {message.text}")

    page.on("request", hear)
    page.on("console", note)
    return strangers, said


def addresses_of(page, url, application):
    """The pages to show, found along the links without showing any."""

    def get(address):
        reply = page.context.request.get(url + address, max_redirects=0)
        is_page = reply.headers.get("content-type", "").startswith("text/html")
        return Reply(reply.status, reply.headers, reply.text() if is_page else "")

    found = walk(get, application, most=1)
    return [one.address for one in found if one.is_page and one.status == 200]


def faults_of(page, url, address):
    """What is wrong with one page, in sentences."""
    page.goto(url + address)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    if page.evaluate(SCROLL) > 0:
        yield f"{address} is wider than the window by {page.evaluate(SCROLL)} px"
    page.keyboard.press("Tab")  # from here on the browser shows focus as to a keyboard
    for fault in page.evaluate(UNREACHED):
        yield f"{address}: {fault}"
    for fault in axe(page):
        yield f"{address}: {fault[:300]}"


def test_the_look_for_a_keyboard_finds_what_it_is_for(desk_page):
    desk_page.set_content(
        "<style>button { outline: none !important }</style><input name='fine'>"
        "<a href='#' tabindex='-1'>away</a><button>dark</button><button hidden>no</button>"
    )
    desk_page.keyboard.press("Tab")
    assert desk_page.evaluate(UNREACHED) == [
        'A "away" cannot be reached by keyboard',
        'BUTTON "dark" does not show its focus',
    ]
