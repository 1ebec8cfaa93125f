"""The files of a study: the design file and what lies beside it, each read once."""

from pathlib import Path

from app.errors import InputRefused, Problem
from app.workflow.study.table import Table, read_table


class Files:
    """A design file's folder, and the tables read from it so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tables: dict[str, Table] = {}

    @property
    def source(self) -> str:
        """Name of the design file."""
        return self.path.name

    def design(self) -> str:
        """Text of the design file. Raises InputRefused."""
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            cure = "Name a JSON file in UTF-8."
            raise InputRefused([_fault(error, str(self.path), cure)]) from None

    def read(self, name: str) -> Table:
        """A CSV file beside the design file. Raises InputRefused."""
        if name not in self.tables:
            try:
                content = (self.path.parent / name).read_bytes()
            except (OSError, ValueError) as error:
                cure = "Put it beside the design file."
                raise InputRefused([_fault(error, name, cure)]) from None
            self.tables[name] = read_table(content, name)
        return self.tables[name]


def _fault(error: Exception, source: str, cure: str) -> Problem:
    said = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
    if isinstance(error, FileNotFoundError):
        said = "is not there"
    return Problem("file", said, cure, source=source)
