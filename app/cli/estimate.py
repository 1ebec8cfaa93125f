"""The command of a statistician without the platform: a design file in, estimates out."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.errors import MinxinError

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
        found = estimate_study(design)
    except MinxinError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(REFUSED) from None
    text = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        _write_whole(out, text + "\n")
    except OSError as error:
        sys.stderr.write(f"{out}: cannot be written ({error.strerror}). Name another file.\n")
        raise typer.Exit(REFUSED) from None


def _write_whole(out: Path, text: str) -> None:
    """The file as a whole or not at all."""
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
