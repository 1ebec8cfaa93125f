"""Bringing a database to the tables of this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

PROJECT = Path(__file__).parent.parent.parent


def migrate(engine: Engine) -> None:
    """Create or upgrade every table, in one transaction; a current database is left alone."""
    config = Config(toml_file=str(PROJECT / "pyproject.toml"))
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
