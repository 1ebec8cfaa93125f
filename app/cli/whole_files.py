"""A result file of a command: written whole or not at all, never over what was read."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.errors import InputRefused, Problem


def refuse_no_place(out: Path, given: Sequence[Path]) -> None:
    """Say that a result cannot be written there before anybody waits for it.

    `given` are the files that are read.
    """
    problem = None
    if out.resolve() in [path.resolve() for path in given] or out.suffix.lower() == ".csv":
        cure = "The result is JSON: name another file."
        chinese = f"--out：{out} 是读入的文件或表格。结果是 JSON，请另取文件名。"
        problem = Problem("--out", "is read, or a table", cure, str(out), chinese=chinese)
    elif out.is_dir():
        chinese = f"--out：{out} 是文件夹。请写出其中的文件名。"
        problem = Problem(
            "--out", "is a folder", "Name a file in it.", str(out), chinese=chinese
        )
    elif not out.parent.is_dir():
        chinese = f"--out：{out} 所在的文件夹不存在。请先建文件夹。"
        problem = Problem(
            "--out", "has no folder", "Make the folder first.", str(out), chinese=chinese
        )
    if problem is not None:
        raise InputRefused([problem])


def write_whole(out: Path, text: str) -> None:
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
