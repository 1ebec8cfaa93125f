"""Phones as old as Chrome 57 (2017) get a page in which nothing is newer than they are.

They ignore a media query or a property that they do not know; what is looked for here would
break the layout or stop the script.
"""

import re
from collections.abc import Iterator

import pytest
from residents import Town, a_town, open_rounds

from app.web.resident.pages import SCRIPTS, STYLE, script, style

NEWER_STYLE = {
    "relational selector": r":(has|is|where|not\([^)]*,)\b",
    "focus-visible": r":focus-(visible|within)",
    "inset and logical shorthands": r"[;{](inset|(margin|padding)-(inline|block))\b",
    "aspect-ratio": r"aspect-ratio",
    "gap": r"[;{](row-gap|column-gap|gap):",
    "functions": r"\b(min|max|clamp|env|color-mix|light-dark|oklch|hwb)\(",
    "accent, appearance": r"(accent-color|[;{]appearance):",
    "new units": r"\d(dvh|svh|lvh|cqw|lh|rlh)\b",
    "layers, containers, nesting": r"@(layer|container|property|scope|starting-style)|&",
    "overflow: clip": r"overflow[^:]*:clip",
    "content-visibility": r"content-visibility",
    "place shorthands": r"place-(items|content|self)",
    "overflow-wrap: anywhere": r"overflow-wrap:anywhere",
    "colours with spaces or alpha": r"rgb\([^,)]*\)|#[0-9a-f]{8}\b|#[0-9a-f]{4}\b",
}
NEWER_SCRIPT = {
    "let, const, class": r"\b(let|const|class|async|await|import|export|yield)\b",
    "arrows": r"=>",
    "templates": r"`",
    "chaining, nullish": r"\?\.(?!\d)|\?\?",
    "spread": r"\.\.\.",
    "exponent": r"\*\*",
    "fetch and friends": r"\b(fetch|Promise|Proxy|Symbol|Map|Set|URLSearchParams|FormData)\b",
    "newer methods of lists": r"\.(flat|flatMap|at|includes|entries|fromEntries|forEach)\(",
    "newer methods": r"\.(replaceAll|matchAll|closest|append|replaceChildren)\(",
    "optional catch": r"catch\s*\{",
    "named groups and look-behind": r"\(\?<",
    "regular expression flags": r"/[gimy]*[suvd][gimsuyvd]*[.,;)]",
    "submitter": r"submitter|requestSubmit",
}
NEWER_MARKUP = {
    "modules": r"type=.?module",
    "popover, dialog, inert": r"<dialog|popover|\binert\b",
    "loading, fetchpriority": r"\b(loading|fetchpriority|enterkeyhint)=",
}


@pytest.mark.parametrize("what", NEWER_STYLE)
def test_the_style_holds_nothing_newer(what: str):
    assert re.findall(NEWER_STYLE[what], style()) == []


@pytest.mark.parametrize("what", NEWER_SCRIPT)
def test_the_script_holds_nothing_newer(what: str):
    assert re.findall(NEWER_SCRIPT[what], script("answering").decode()) == []


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """The product over open rounds."""
    with a_town(sqlite_url, {}) as empty:
        codes = open_rounds(empty.engine)
    with a_town(sqlite_url, codes) as town:
        yield town


def test_the_pages_hold_nothing_newer(town: Town):
    for code in town.codes.values():
        for query in ("", "?l=en", "?mode=step"):
            text = town.client.get(f"/s/{code}{query}").text
            for what, pattern in NEWER_MARKUP.items():
                assert not re.search(pattern, text), what


@pytest.mark.parametrize(
    ("where", "sample"),
    [
        (NEWER_STYLE, sample)
        for sample in (
            "a:has(b){}", "a{inset:0}", "a{gap:4px}", "a{width:min(1px,2px)}", "a{top:env(x)}",
            "a:focus-visible{}", "a{aspect-ratio:1}", "a{color:light-dark(#000,#fff)}",
            "a{&:hover{}}", "@layer a{}", "a{height:100dvh}", "a{color:rgb(0 0 0)}",
        )
    ]
    + [
        (NEWER_SCRIPT, sample)
        for sample in ("let a = 1;", "a?.b", "a ?? b", "() => 1", "`a`", "[...a]", "a.at(-1)",
            "try {} catch {}", "a ** 2", "fetch(a)")
    ],
)  # fmt: skip
def test_the_search_finds_what_is_newer(where: dict[str, str], sample: str):
    assert any(re.search(pattern, sample) for pattern in where.values())


def test_what_is_served_is_what_was_written_without_comments():
    assert "/*" not in style()
    assert not re.search(r"^\s*(//|/\*)", script("answering").decode(), flags=re.MULTILINE)
    words = [re.findall(r"[a-z-]{3,}", text) for text in (_without_comments(STYLE), style())]
    assert words[0] == words[1]
    lines = [line.strip() for line in _without_comments(SCRIPTS / "answering.js").splitlines()]
    written = [line for line in lines if line and not line.startswith("//")]
    assert script("answering").decode().split("\n")[: len(written)] == written


def _without_comments(path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
