"""Runs migrations against the database that the settings name, or one that is handed in."""

from alembic import context

from app.database import console_tables  # noqa: F401 - its tables belong to the metadata
from app.database.engine import make_engine
from app.database.tables import Moment, Table
from app.settings import Settings


def run() -> None:
    """Migrate over a given connection, or open one."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    url = context.config.attributes.get("url") or Settings().database_url
    with make_engine(url).connect() as connection:
        _migrate(connection)
        connection.commit()


def _migrate(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=Table.metadata,
        render_as_batch=True,
        render_item=_plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()


def _plain_types(kind: str, item: object, _context: object) -> str | bool:
    # A migration must not import the application, whose types change under it.
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


run()
