"""The last day on which units may object to a publication that somebody asks for."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.errors import InputRefused, Problem
from app.web.console.reviewing import first
from app.web.dependencies import Form


def objections_until(form: Form, zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """The end of the last day on which units may object; None without such a day."""
    given = first(form, "objections_until").strip()
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        cure = "Write it as 2026-12-31, or leave it empty."
        chinese = f"异议期的最后一天“{given[:20]}”不是日期，请写成 2026-12-31，或者不填。"
        problem = Problem("objections_until", "is not a date", cure, given, chinese=chinese)
        raise InputRefused([problem]) from None
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    if end <= now:
        cure = "Name today or a later day, or leave it empty."
        chinese = "异议期的最后一天已经过去，请写今天或以后的一天，或者不填。"
        problem = Problem("objections_until", "is over", cure, given, chinese=chinese)
        raise InputRefused([problem])
    return end
