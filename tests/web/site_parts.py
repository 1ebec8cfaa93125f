"""What the served demonstration is made with: its settings, a count of statements."""

from pathlib import Path

from sqlalchemy import Engine, event

from app.settings import Settings


class Counter:
    """How many statements an engine was asked to execute."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[str] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, *arguments: object) -> None:
        self.statements.append(str(arguments[2]))


def site_settings(file: Path) -> Settings:
    """Settings over a database file, without anything else."""
    return Settings(database_url=f"sqlite:///{file}")
