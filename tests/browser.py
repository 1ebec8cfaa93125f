"""A real browser for the tests: Debian's Chromium, driven by Playwright.

`open_page` opens a page on a named device, and afterwards no page may have raised an error
or broken its Content-Security-Policy. The browser sees one font, the one from the Python
index, so that a page measures the same on every machine. `slow_down` and `axe` work on a
page that is open.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

MISSING = (
    "Chromium is missing: apt-get install chromium, or name a browser in"
    " MINXIN_TEST_CHROMIUM, or leave these tests out with: make test-fast"
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCRIPTS_ARE_OFF = """() => {
    const probe = document.createElement("div");
    probe.innerHTML = "<noscript><p></p></noscript>";
    return probe.querySelector("p") !== null;
}"""
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Device:
    """What a person holds: size in CSS pixels, pixel density, colours, scripts, language."""

    width: int
    height: int
    scale: float = 1.0
    colours: Literal["light", "dark"] = "light"
    javascript: bool = True
    language: str = "zh-CN"
    touch: bool = False


PHONE = Device(390, 844, scale=2.0, touch=True)
SMALL_PHONE = Device(320, 568, scale=2.0, touch=True)
DESK = Device(1280, 900)

OpenPage = Callable[[Device], Page]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium, one for the whole test process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_find_chromium(),
            args=FLAGS,
            env={**os.environ, "FONTCONFIG_FILE": _font_settings(tmp_path_factory)},
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A function that opens an empty page on a device, as a visitor never seen before."""
    complaints: list[str] = []
    contexts = []

    def open_on(device: Device) -> Page:
        context = browser.new_context(
            viewport={"width": device.width, "height": device.height},
            device_scale_factor=device.scale,
            color_scheme=device.colours,
            java_script_enabled=device.javascript,
            locale=device.language,
            has_touch=device.touch,
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(_policy_breach(message)))
        return page

    yield open_on
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def phone_page(open_page: OpenPage) -> Page:
    """An empty page 390 px wide."""
    return open_page(PHONE)


@pytest.fixture
def desk_page(open_page: OpenPage) -> Page:
    """An empty page 1280 px wide."""
    return open_page(DESK)


def slow_down(page: Page) -> None:
    """Give `page` slow 3G (400 ms, 400 kbit/s each way) and a sixth of the processor."""
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 400,
            "downloadThroughput": 400_000 / 8,
            "uploadThroughput": 400_000 / 8,
        },
    )
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 6})


def axe(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """The accessibility mistakes axe-core finds, one line each: rule, place, what is wrong.

    `rules` names rules beyond AXE_TAGS, such as ``color-contrast-enhanced`` (7:1). axe is a
    script itself: to see a page as it is without scripts, let the page run them and keep
    its files away with ``page.route("**/*.js", lambda route: route.abort())``.
    """
    assert not page.evaluate(SCRIPTS_ARE_OFF), "axe cannot look at a page without scripts"
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": list(AXE_TAGS)},
        "rules": {rule: {"enabled": True} for rule in rules},
        "resultTypes": ["violations"],
    }
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _find_chromium() -> str:
    given = os.environ.get("MINXIN_TEST_CHROMIUM")
    found = given or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return found


def _font_settings(folders: pytest.TempPathFactory) -> str:
    package = find_spec("manimgx_fonts_cjk")
    assert package is not None, "manimgx-fonts-cjk is not installed"
    assert package.origin is not None, "manimgx-fonts-cjk has no folder"
    folder = folders.mktemp("fonts")
    file = folder / "fonts.conf"
    fonts = Path(package.origin).parent
    file.write_text(FONTCONFIG.format(fonts=fonts, cache=folder / "cache"))
    return str(file)


def _policy_breach(message: ConsoleMessage) -> list[str]:
    return [message.text] if "Content Security Policy" in message.text else []
