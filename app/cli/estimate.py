"""The command of a statistician without the platform: a design file in, estimates out."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.whole_files import write_whole
from app.errors import InputRefused, MinxinError, Problem

REFUSED = 2


def add_commands(root: typer.Typer) -> None:
    """The act stands at the top: it needs no database."""
    root.command("estimate")(estimate)


def estimate(
    design: Annotated[
        Path, typer.Argument(help="The design file; docs/estimation.md says how.")
    ],
    out: Annotated[Path, typer.Option(help="Where the estimates are written, as JSON.")],
) -> None:
    """Weights and estimates with their errors, from a design file and its CSV files.

    Where anything is wrong nothing is written: every problem is named, and the status is 2.
    """
    from app.workflow.study.report import estimate_study  # numpy and scipy only where used

    try:
        _refuse_no_place(out, design)
        found = estimate_study(design)
        text = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
        write_whole(out, text + "\n")
    except MinxinError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(REFUSED) from None
    except OSError as error:
        sys.stderr.write(f"{out}: cannot be written ({error.strerror}). Name another file.\n")
        raise typer.Exit(REFUSED) from None


def _refuse_no_place(out: Path, design: Path) -> None:
    """Say that estimates cannot be written there before anybody waits for them."""
    problem = None
    if out.resolve() == design.resolve() or out.suffix.lower() == ".csv":
        cure = "Estimates are JSON: name another file."
        problem = Problem("--out", "is a file of the study or a table", cure, str(out))
    elif out.is_dir():
        problem = Problem("--out", "is a folder", "Name a file in it.", str(out))
    elif not out.parent.is_dir():
        problem = Problem("--out", "has no folder", "Make the folder first.", str(out))
    if problem is not None:
        raise InputRefused([problem])
