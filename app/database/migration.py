"""Bringing a database to the tables of this version, and asking whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

PROJECT = Path(__file__).parent.parent.parent


def migrate(engine: Engine) -> None:
    """Create or upgrade every table, in one transaction; a current database is left alone."""
    if is_current(engine):
        return
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Whether the last migration here is the last one there."""
    with engine.connect() as connection:
        return found_revision(connection) == known_revisions()[0]


def found_revision(connection: Connection) -> str:
    """The last migration the database went through; empty if it never saw one."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def known_revisions() -> list[str]:
    """Every migration this program knows, the newest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in scripts.walk_revisions()]


def _config() -> Config:
    config = Config(toml_file=str(PROJECT / "pyproject.toml"))
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    return config
