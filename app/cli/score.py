"""The command of an evaluator without the platform: a system and values in, scores out."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.whole_files import refuse_no_place, write_whole
from app.errors import InputRefused, MinxinError
from app.survey.text import LANGUAGES, Language

REFUSED = 2


def add_commands(root: typer.Typer) -> None:
    """The act stands at the top: it needs no database."""
    root.command("score")(score)


def score(  # noqa: PLR0913 - one parameter is one option of the command
    system: Annotated[
        Path, typer.Argument(help="The system's file; docs/composite.md says how.")
    ],
    values: Annotated[Path, typer.Option(help="CSV: unit, indicator, value [, se, status].")],
    out: Annotated[Path, typer.Option(help="Where the scores are written, as JSON.")],
    events: Annotated[
        Path | None, typer.Option(help="CSV: unit, item, count, status, evidence.")
    ] = None,
    covariance: Annotated[
        Path | None, typer.Option(help="CSV of covariances of sampling errors.")
    ] = None,
    units: Annotated[Path | None, typer.Option(help="CSV: unit, region_type [, name].")] = None,
    language: Annotated[
        str | None, typer.Option(help="Of refusals: zh-Hans or en; else as LANG says.")
    ] = None,
) -> None:
    """The composite score of every unit, with every step, from a system and its CSV files.

    Where anything is wrong nothing is written: every problem is named, and the status is 2.
    """
    from app.workflow.score_file.report import Files, score_files  # numpy only where used

    files = Files(system, values, events, covariance, units)
    given = [path for path in (system, values, events, covariance, units) if path]
    try:
        refuse_no_place(out, given)
        found = score_files(files)
        text = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
        write_whole(out, text + "\n")
    except MinxinError as error:
        sys.stderr.write(f"{_said(error, _language(language))}\n")
        raise typer.Exit(REFUSED) from None
    except OSError as error:
        sys.stderr.write(f"{out}: cannot be written ({error.strerror}). Name another file.\n")
        raise typer.Exit(REFUSED) from None


def _language(asked: str | None) -> Language:
    if asked in LANGUAGES:
        return asked
    if asked is not None:
        raise typer.BadParameter(f"{asked}: one of {', '.join(LANGUAGES)}")
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    said = next((name for name in names if name), "")
    return "zh-Hans" if said.lower().startswith("zh") else "en"


def _said(error: MinxinError, language: Language) -> str:
    if language == "zh-Hans" and isinstance(error, InputRefused):
        return error.in_chinese
    return str(error)
