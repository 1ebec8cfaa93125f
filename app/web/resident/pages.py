"""Resident pages: one light page with its style inside, allowed by its hash.

The style sheet is written by hand in `templates/resident/style.css` for browsers as old as
Chrome 57 and loses its spaces when the process starts.
"""

import base64
import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from app.settings import HOME
from app.survey.text import Language
from app.web.protection import POLICY
from app.web.rendering import HTMLReply, render

STYLE = HOME / "templates" / "resident" / "style.css"
SCRIPTS = HOME / "app" / "web" / "static"

# Back shows the kept page with its key; a new visit asks the server. A form goes to another
# address than its page, because a browser drops what it kept of an address it posted to.
FORM_CACHE = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Look:
    """How a person wants to see pages: large type, the other ground colour."""

    big: bool = False
    dark: bool = False

    @classmethod
    def of(cls, names: Container[str]) -> Self:
        """The look asked for by the fields of a form or an address."""
        return cls("big" in names, "dk" in names)

    def query(self, language: Language) -> str:
        """What an address must carry to keep look and language."""
        wanted = {"l=en": language == "en", "big=1": self.big, "dk=1": self.dark}
        kept = "&".join(name for name, is_wanted in wanted.items() if is_wanted)
        return f"?{kept}" if kept else ""


PLAIN = Look()


@cache
def style() -> str:
    """The style of resident pages without comments and needless spaces."""
    text = re.sub(r"/\*.*?\*/", "", STYLE.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\s*([{};,>])\s*", r"\1", text).replace(": ", ":").replace(";}", "}").strip()


@cache
def script(name: str) -> bytes:
    """An optional script, `answering` or `working`, without comments and indents."""
    return minified(SCRIPTS / f"{name}.js")


def minified(path: Path) -> bytes:
    """A script of ours without its opening comment, comment lines and indents."""
    text = re.sub(r"^/\*.*?\*/\n", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"^ *(//.*\n)?", "", text, flags=re.MULTILINE).encode()


def script_address() -> str:
    """The address of the questionnaire's optional script."""
    return _address("answering")


def working_address() -> str:
    """The address of the script that does a pressed place's proof of work."""
    return _address("working")


@cache
def _address(name: str) -> str:
    return f"/static/{name}-{hashlib.sha256(script(name)).hexdigest()[:8]}.js"


@cache
def policy() -> str:
    """The Content-Security-Policy that lets exactly this style in."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return POLICY.format(style=f"'sha256-{digest}'")


def resident_page(
    template: str,
    language: Language,
    *,
    status: int = 200,
    cache_control: str = "no-store",
    look: Look = PLAIN,
    **values: Any,
) -> HTMLReply:
    """A resident page as a reply."""
    text = resident_text(template, language, look=look, **values)
    return resident_reply(text, status=status, cache_control=cache_control)


def resident_text(template: str, language: Language, *, look: Look, **values: Any) -> str:
    """A resident page as text."""
    return render(template, language, style=style(), look=look, **values)


def resident_reply(text: str, *, status: int = 200, cache_control: str) -> HTMLReply:
    """A page as a reply, with the policy that lets its style in."""
    headers = {"Content-Security-Policy": policy(), "Cache-Control": cache_control}
    return HTMLReply(text, status_code=status, headers=headers)
