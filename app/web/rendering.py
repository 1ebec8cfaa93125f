"""One template environment: nothing unescaped, nothing undefined, one format for a number."""

import re
from functools import cache
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.documents import wording
from app.settings import HOME
from app.survey.text import Language
from app.web.chart_script import chart_script_address
from app.web.stylesheet import stylesheet

HTMLReply = HTMLResponse
BREAKS_AFTER = re.compile(
    r"^(很(?=不)|非常|比较|不太|明显|有所|基本|几乎|没遇到，|不了解/)(?=.{2,}$)"
)


@cache
def environment() -> Environment:
    """The environment of every page."""
    made = Environment(
        loader=FileSystemLoader(HOME / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["breakable"] = breakable
    made.globals["channel_names"] = wording.channel_names
    for name in (
        "points",
        "difference",
        "percent",
        "count",
        "interval",
        "percent_interval",
        "calendar_day",
        "moment",
        "beijing_moment",
    ):
        made.filters[name] = getattr(wording, name)
    return made


def render(template: str, language: Language, **values: Any) -> str:
    """A page as text; templates say their words with ``_`` in the page's language."""
    return (
        environment()
        .get_template(template)
        .render(
            language=language,
            html_language="zh-CN" if language == "zh-Hans" else "en",
            _=wording.translator(language),
            stylesheet=stylesheet().address,
            chart_script=chart_script_address(),
            **values,
        )
    )


def page(template: str, language: Language, *, status: int = 200, **values: Any) -> HTMLReply:
    """A page as a reply that nobody keeps a copy of."""
    reply = HTMLReply(render(template, language, **values), status_code=status)
    reply.headers["Cache-Control"] = "no-store"
    return reply


def breakable(label: str) -> Markup:
    """A label that may break where its meaning does: 非常|不满意."""
    return Markup(BREAKS_AFTER.sub(r"\1<wbr>", str(escape(label))))  # noqa: S704 - escaped above
