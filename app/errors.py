"""Every way the platform says no.

MinxinError
├── NotFound              no such round, point, code, receipt, run …
├── NotAllowed            this person may not do this
│   └── TokenRefused      a one-time right is needed, was used before, or is not valid here
├── WrongState            the round or run is in another state than the act needs
│   └── RoundNotOpen      not begun, over, full, or the code is withdrawn
├── Overloaded            nothing can be kept at this moment; the same again later will be
│   └── TooMany           far more came from one network at one code than people can send
├── PlanFrozen            an opened round's plan cannot be changed
├── KeyReused             one submission key came with two different bodies
├── AlreadyImported       the same file was taken in before
├── InputRefused          a file or form breaks rules; carries every Problem found
├── CannotEstimate        a weight or an estimate is impossible on these data; names why
└── DocumentFailed        a poster or code could not be made or could not be read back

Bad input that was expected is a value, `Problem`; an error only carries a list of them.
No error knows about HTTP: `web/errors.py` holds the one table that does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in what a person gave us: where it is, what is wrong, what would cure it.

    `place` is a path such as ``sections[0].items[2].scale`` or a cell such as ``row 7, q12a``;
    `line` is the line in the file, counted from 1, where there is one.
    """

    place: str
    message: str
    cure: str = ""
    value: object = None
    source: str = ""
    line: int | None = None
    chinese: str = ""
    """The whole sentence in Chinese, place, value and cure in it; empty where there is none."""

    def __str__(self) -> str:
        found = "" if self.value is None else f" (found {_short(self.value)})"
        cure = f" {self.cure}" if self.cure else ""
        return f"{self._where}{self.place}: {self.message}{found}.{cure}"

    @property
    def in_chinese(self) -> str:
        """The problem for a Chinese reader; in English where nobody wrote it in Chinese."""
        return f"{self._where}{self.chinese}" if self.chinese else str(self)

    @property
    def _where(self) -> str:
        where = ":".join(str(part) for part in (self.source, self.line) if part)
        return f"{where}: " if where else ""


class MinxinError(Exception):
    """The platform refuses an act; the message is written for the person who asked for it.

    `chinese` is the same message in Chinese; empty where nobody wrote it.
    """

    def __init__(self, *message: object, chinese: str = "") -> None:
        self._chinese = chinese
        super().__init__(*message)

    @property
    def in_chinese(self) -> str:
        """The message for a Chinese reader; in English where nobody wrote it in Chinese."""
        return self._chinese or str(self)


class NotFound(MinxinError):
    """The thing named does not exist."""


class NotAllowed(MinxinError):
    """The person may not do this."""


TokenReason = Literal["needed", "spent", "invalid"]

TOKEN_REFUSED = {
    "needed": "This survey needs an invitation or a ticket.",
    "spent": "This invitation or ticket was used before.",
    "invalid": "This invitation or ticket is not valid here, or no longer.",
}


class TokenRefused(NotAllowed):
    """A one-time right is needed, was used before, or is not valid here: see `reason`."""

    def __init__(self, reason: TokenReason) -> None:
        self.reason = reason
        super().__init__(TOKEN_REFUSED[reason])


class WrongState(MinxinError):
    """The act needs another state of the round or run."""


NotOpenReason = Literal["not_yet", "over", "withdrawn", "full"]

NOT_OPEN = {
    "not_yet": "This survey has not begun yet.",
    "over": "This survey is over.",
    "withdrawn": "This code is no longer in use.",
    "full": "This survey has all the answers that were asked for here.",
}


class RoundNotOpen(WrongState):
    """Not begun, over, full, or this code is withdrawn: `reason` says which."""

    def __init__(self, reason: NotOpenReason) -> None:
        self.reason = reason
        super().__init__(NOT_OPEN[reason])


class Overloaded(MinxinError):
    """Nothing can be kept now: too many wait, or the disk is full. Nothing was kept in part."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        """Seconds after which to try again."""
        super().__init__(f"Nothing was kept. Send the same again in {retry_after} seconds.")


class TooMany(Overloaded):
    """Far more came from one network at one code than a hall full of people can send."""


class PlanFrozen(MinxinError):
    """A plan was frozen when its round opened and differs from what is given now."""


class KeyReused(MinxinError):
    """The submission key was used before with other answers; the first ones stand."""

    def __init__(self, receipt: str) -> None:
        self.receipt = receipt
        super().__init__("This form was already sent with other answers; the first ones stand.")


class AlreadyImported(MinxinError):
    """The same file was imported into the same round before; nothing was added."""


class InputRefused(MinxinError):
    """A file or form breaks rules; `problems` lists every mistake, and nothing was kept."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'}:\n{lines}")

    @property
    def in_chinese(self) -> str:
        """All problems for a Chinese reader."""
        lines = "\n".join(f"  {problem.in_chinese}" for problem in self.problems)
        return f"共 {len(self.problems)} 处问题：\n{lines}"


class CannotEstimate(MinxinError):
    """A weight or an estimate is impossible on these data."""


class DocumentFailed(MinxinError):
    """A document could not be made, or a printed code could not be read back."""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
