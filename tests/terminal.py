"""Commands of the terminal, run within the process of the tests."""

import gc
import warnings
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from app.cli import main


def run_command(*words: str | Path) -> Result:
    """Run a command as the terminal would, and let go of what a process leaves to its end.

    A command does not close its connections, because its process ends with it. Here it does
    not end, and whatever test ran when that was noticed would be blamed for it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        result = CliRunner().invoke(main.application, [str(word) for word in words])
        gc.collect()
    return result
