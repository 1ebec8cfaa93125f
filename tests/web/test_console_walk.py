"""Every kind of console page that a link leads to answers, and in English is English."""

import gzip
import re
from html import unescape

import pytest
from console_walk import walk
from site_parts import site_settings
from starlette.testclient import TestClient

from app.web.application import create_app
from colleagues import sign_in
from world import NOW

pytest_plugins = ["walked_world"]

CHINESE = re.compile(r"[\u3400-\u9fff]+")
DATA = re.compile(
    # The other language's own name, the title of the window, names that were given in Chinese
    # only, what somebody wrote, and both languages of a definition where it is edited.
    r'<(?P<tag>\w+)[^>]*\slang="zh[^"]*"[^>]*>.*?</(?P=tag)>|<title>[^<]*</title>'
    r"|<textarea.*?</textarea>|<pre.*?</pre>|中文|<input[^>]*>|<iframe[^>]*>|示例[^<]*",
    re.DOTALL,
)
OF_RESIDENTS = "/preview"
"""Pages as a resident will see them, in the resident's language."""
EDITED = {
    "/console/questionnaires/drafts/{draft}",
    "/console/questionnaires/drafts/{draft}/release",
}
"""Pages that quote words of the Chinese questionnaire which somebody writes."""
FILE = re.compile(r"\.\w{2,5}$")
MOST_BYTES = 60_000


@pytest.fixture(scope="module")
def visited(full_world):
    application = create_app(site_settings(full_world), clock=lambda: NOW)
    with TestClient(
        application, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        sign_in(client)
        yield (
            {
                language: list(walk(client.get, application, language=language, most=1))
                for language in ("", "en")
            },
            client,
        )


def test_no_link_of_the_console_leads_nowhere(visited):
    found, _ = visited
    broken = [
        f"{one.status} {one.address} from {one.came_from}"
        for one in found[""]
        if one.status not in {200, 303}
    ]
    assert not broken, "\n".join(broken)
    assert len({one.kind for one in found[""]}) >= 15


def test_english_pages_hold_no_chinese_but_names_and_what_people_wrote(visited):
    found, _ = visited
    left = [
        f"{one.address}: {', '.join(dict.fromkeys(CHINESE.findall(text)))}"
        for one in found["en"]
        if one.is_page and OF_RESIDENTS not in one.address and one.kind not in EDITED
        for text in [unescape(DATA.sub("", one.text))]
        if CHINESE.search(text)
    ]
    assert not left, "\n".join(left)


def test_a_page_keeps_its_language_in_every_link(visited):
    found, _ = visited
    lost = [
        f"{one.address}: {link}"
        for one in found["en"]
        for link in re.findall(r'(?:href|action)="(/console[^"#]*)', one.text)
        if "l=en" not in link
        and not FILE.search(link)
        and OF_RESIDENTS not in link
        and 'method="get" action="' + link not in one.text
    ]
    assert not lost, "\n".join(dict.fromkeys(lost))


def test_style_and_scripts_of_the_console_stay_small(visited):
    found, client = visited
    files = {
        file
        for one in found[""]
        for file in re.findall(
            r'(?:<script[^>]* src|<link rel="stylesheet" href)="([^"]+)"', one.text
        )
    }
    sizes = {file: len(gzip.compress(client.get(file).content, 9)) for file in sorted(files)}
    assert files
    assert sum(sizes.values()) <= MOST_BYTES, sizes
