"""How a command that needs no database refuses: in the language it speaks, with status 2."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from app.errors import MinxinError
from app.survey.text import Language

REFUSED = 2
"""Status of a command that read what was wrong and wrote nothing."""


@contextmanager
def refusals(language: Language) -> Iterator[None]:
    """Say a refusal in the language of the command and end with status 2."""
    try:
        yield
    except MinxinError as error:
        typer.echo(in_language(error, language), err=True)
        raise typer.Exit(REFUSED) from None


def in_language(error: MinxinError, language: Language) -> str:
    """What an error says; in Chinese where it knows Chinese."""
    return error.in_chinese if language == "zh-Hans" else str(error)
