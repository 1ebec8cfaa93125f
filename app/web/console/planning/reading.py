"""Reading the fields of a form: every mistake at once, each with the name of its field."""

import re
from collections.abc import Iterable
from datetime import datetime

from app.errors import InputRefused, Problem
from app.survey.text import Text
from app.web.dependencies import Form

LONGEST_LINE = 200
LONGEST_TEXT = 2000


class FormReader:
    """Takes field after field out of a form and gathers what is wrong with them."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.problems: list[Problem] = []

    def one(self, name: str) -> str:
        """The last value of a field, without spaces around it; empty if it is not there."""
        values = self.form.get(name, ())
        return values[-1].strip() if values else ""

    def many(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for value in self.form.get(name, ()) if value]

    def line(self, name: str, what: Text, *, most: int = LONGEST_LINE) -> str:
        """A text that must be there."""
        text = self.one(name)
        if not text:
            self.complain(name, Text(zh=f"请填{what.zh}。", en=f"Fill in the {what.en}."))
        elif len(text) > most:
            said = Text(
                zh=f"{what.zh}最多 {most} 个字。",
                en=f"The {what.en} has at most {most} characters.",
            )
            self.complain(name, said)
        return text

    def both(self, name: str, what: Text, *, most: int = LONGEST_LINE) -> dict[str, str]:
        """A text in Chinese and English; the Chinese stands for an English that is empty."""
        chinese = self.line(name, what, most=most)
        english = self.one(f"{name}-en") or chinese
        return {"zh-Hans": chinese, "en": english}

    def chosen(self, name: str, what: Text, known: Iterable[str]) -> str:
        """One of the values that the form offered."""
        value = self.one(name)
        if value not in known:
            self.complain(name, Text(zh=f"请选{what.zh}。", en=f"Choose the {what.en}."))
        return value

    def whole(self, name: str, what: Text, *, least: int = 1) -> int | None:
        """A whole number, or None where the field is empty."""
        text = re.sub(r"[\s,，]", "", self.one(name))
        if not text:
            return None
        if re.fullmatch(r"\d{1,9}", text) and int(text) >= least:
            return int(text)
        said = Text(
            zh=f"{what.zh}要写 {least} 以上的整数。",
            en=f"The {what.en} is a whole number from {least} on.",
        )
        self.complain(name, said, text)
        return None

    def number(self, name: str, what: Text, low: float, high: float) -> float | None:
        """A number between two others, or None where the field is empty."""
        text = self.one(name).rstrip("%")
        if not text:
            return None
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) and low <= float(text) <= high:
            return float(text)
        said = Text(
            zh=f"{what.zh}在 {low:g} 到 {high:g} 之间。",
            en=f"The {what.en} lies between {low:g} and {high:g}.",
        )
        self.complain(name, said, text)
        return None

    def moment(self, name: str, what: Text) -> str:
        """A wall-clock time as the browser sends it, in the spelling of plans."""
        text = self.one(name)
        for spelling in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"):
            try:
                return datetime.strptime(text, spelling).isoformat()  # noqa: DTZ007 - wall clock
            except ValueError:
                continue
        said = Text(
            zh=f"请填{what.zh}，如 2026-12-01 08:00。",
            en=f"Fill in the {what.en}, as 2026-12-01 08:00.",
        )
        self.complain(name, said, text)
        return text

    def complain(self, name: str, said: Text, value: object = None) -> None:
        """Note that a field is wrong."""
        self.problems.append(_FieldProblem(name, said.en, value=value or None, chinese=said.zh))

    def done(self) -> None:
        """Raise InputRefused if anything was wrong."""
        if self.problems:
            raise InputRefused(self.problems)


class _FieldProblem(Problem):
    """A problem whose sentence says everything: the field is beside it."""

    def __str__(self) -> str:
        return self.message
