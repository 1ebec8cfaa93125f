"""The test browser itself: unless it sees what is there, not seeing it proves nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser import DESK, PHONE, SMALL_PHONE, Device, OpenPage, axe, slow_down
from servers import LiveServer, Serve

PAGE = """<!doctype html><html lang="zh-Hans"><head><title>民心尺</title>{head}</head>
<body><main><h1>您好</h1>{body}</main></body></html>"""
POLICY = b"default-src 'self'"
VISIT = """
from browser import PHONE
from test_browser import page_of

def test_a_visit(open_page, serve):
    page = open_page(PHONE)
    page.goto(serve(page_of(head={head!r})).url + {path!r})
    page.wait_for_timeout(100)
"""


def page_of(*, head: str = "", body: str = ""):
    """An ASGI application whose only page holds `head` and `body`."""
    content = PAGE.format(head=head, body=body).encode()

    async def application(scope, receive, send):
        assert scope["type"] == "http"
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        if scope["path"] == "/strict":
            headers.append((b"content-security-policy", POLICY))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return application


@pytest.fixture
def application():
    return page_of(body="<p id=wide></p>")


@pytest.mark.parametrize("device", [PHONE, SMALL_PHONE, DESK], ids=["390", "320", "1280"])
def test_a_page_is_as_wide_as_its_device(
    open_page: OpenPage, live_server: LiveServer, device: Device
):
    page = open_page(device)
    page.goto(live_server.url)
    assert page.evaluate("[innerWidth, devicePixelRatio]") == [device.width, device.scale]


def test_scripts_and_colours_follow_the_device(open_page: OpenPage, serve: Serve):
    script = "<script>document.title = 'ran'</script>"
    url = serve(page_of(head=script)).url
    dark = open_page(replace(PHONE, colours="dark"))
    dark.goto(url)
    assert dark.title() == "ran"
    assert dark.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    plain = open_page(replace(PHONE, javascript=False))
    plain.goto(url)
    assert plain.title() == "民心尺"


def test_chinese_is_drawn_with_the_packaged_font(phone_page: Page, live_server: LiveServer):
    phone_page.goto(live_server.url)
    tools = phone_page.context.new_cdp_session(phone_page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    heading = tools.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = tools.send("CSS.getPlatformFontsForNode", {"nodeId": heading})["fonts"]
    assert [font["familyName"] for font in fonts] == ["Noto Sans CJK SC"]


def test_axe_is_quiet_about_a_sound_page(desk_page: Page, live_server: LiveServer):
    desk_page.goto(live_server.url)
    assert axe(desk_page, rules=["color-contrast-enhanced"]) == []


def test_axe_finds_mistakes(desk_page: Page, serve: Serve):
    grey = "<p style='color:#888'>打几分都不影响您办事</p>"
    desk_page.goto(serve(page_of(body=f"<input>{grey}")).url)
    found = axe(desk_page)
    assert [line.split(":")[0] for line in found] == ["color-contrast", "label"]


def test_axe_finds_contrast_between_4_5_and_7_only_when_asked(desk_page: Page, serve: Serve):
    desk_page.goto(serve(page_of(body="<p style='color:#666'>打几分都不影响您办事</p>")).url)
    assert axe(desk_page) == []
    found = axe(desk_page, rules=["color-contrast-enhanced"])
    assert [line.split(":")[0] for line in found] == ["color-contrast-enhanced"]


def test_axe_says_that_it_needs_scripts(open_page: OpenPage, live_server: LiveServer):
    page = open_page(replace(PHONE, javascript=False))
    page.goto(live_server.url)
    with pytest.raises(AssertionError, match="without scripts"):
        axe(page)


def test_a_slow_network_is_slow(phone_page: Page, serve: Serve):
    url = serve(page_of(body="字" * 10_000)).url
    slow_down(phone_page)
    phone_page.goto(url)
    load = "performance.getEntriesByType('navigation')[0].responseEnd"
    assert phone_page.evaluate(load) > 900  # 400 ms and 30 kB at 50 kB/s


def test_a_stopped_server_is_gone(phone_page: Page, live_server: LiveServer):
    phone_page.goto(live_server.url)
    live_server.stop()
    with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
        phone_page.goto(live_server.url)


@pytest.mark.parametrize(
    ("head", "path", "complaint"),
    [
        ("<script>nowhere()</script>", "/", "nowhere is not defined"),
        ("<style>h1 { color: red }</style>", "/strict", "Content Security Policy"),
        ("<title>sound</title>", "/strict", None),
    ],
)
def test_a_script_error_or_a_breach_of_policy_fails_the_test(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    head: str,
    path: str,
    complaint: str | None,
):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    pytester.makeconftest('pytest_plugins = ["browser", "servers"]')
    pytester.makepyfile(VISIT.format(head=head, path=path))
    outcome = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    outcome.assert_outcomes(passed=1, errors=0 if complaint is None else 1)
    if complaint:
        outcome.stdout.fnmatch_lines([f"*{complaint}*"])
