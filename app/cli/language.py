"""The language in which a command speaks: as asked, else as the terminal's own."""

import os

import typer

from app.survey.text import LANGUAGES, Language


def spoken(asked: str | None) -> Language:
    """zh-Hans or en; where nothing is asked, by LC_ALL, LC_MESSAGES or LANG."""
    if asked in LANGUAGES:
        return asked
    if asked is not None:
        raise typer.BadParameter(f"{asked}: one of {', '.join(LANGUAGES)}")
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    said = next((name for name in names if name), "")
    return "zh-Hans" if said.lower().startswith("zh") else "en"
