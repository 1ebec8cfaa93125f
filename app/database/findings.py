"""A finding: one thing that was looked at, how it stands, and what would cure it."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, the verdict, what was found, and one sentence that would cure it."""

    subject: str
    verdict: Verdict
    found: str
    cure: str = ""


def ok(subject: str, found: str) -> Finding:
    """As it should be."""
    return Finding(subject, "ok", found)


def warning(subject: str, found: str, cure: str) -> Finding:
    """It works, and will one day cost something."""
    return Finding(subject, "warning", found, cure)


def wrong(subject: str, found: str, cure: str) -> Finding:
    """Answers, secrets or numbers are in danger now."""
    return Finding(subject, "wrong", found, cure)
