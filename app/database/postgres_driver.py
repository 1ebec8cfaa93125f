"""PostgreSQL's driver with what it lacks: outages said in one way, statements prepared once.

The driver calls a server that stops or starts a mistake of the program, and lets through what
the operating system says of a broken connection. Here both become what SQLAlchemy knows as a
server that is gone: its connections are thrown away, and the next one is made anew.
"""

import socket
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.legacy import Connection, IntegrityError, PreparedStatement
from sqlalchemy import Engine, ExceptionContext, event
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database.failures import is_gone

TAKEN = "23505"
"""PostgreSQL: another row has this key."""


class TellingConnection(Connection):  # type: ignore[misc]  # the driver has no types
    """A connection that sends at once, and says in the driver's own words that it is broken."""

    def __init__(self, **options: Any) -> None:
        self._prepared: dict[str, PreparedStatement] = {}
        try:
            super().__init__(**options)
        except OSError as error:
            raise InterfaceError("network error") from error
        if self._usock.family != socket.AF_UNIX:
            # A statement goes out in several writes; the system would hold the last one back
            # until the server has confirmed the others, which takes it 40 ms.
            self._usock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run_prepared(self, statement: str, values: dict[str, Any]) -> tuple[Any, ...]:
        """Run a statement that comes again and again, in one journey after the first."""
        known = self._prepared.get(statement)
        if known is None:
            known = self._prepared[statement] = self.prepare(statement)
        try:
            rows: tuple[Any, ...] = known.run(**values)
        except DatabaseError as error:
            report = error.args[0]
            if isinstance(report, dict) and report.get("C") == TAKEN:
                raise IntegrityError(report) from error
            raise
        return rows

    def handle_messages(self, context: Any) -> Any:
        """Read what the server says."""
        try:
            return super().handle_messages(context)
        except OSError as error:
            raise InterfaceError("network error") from error


def expect_outages(engine: Engine) -> Engine:
    """The same engine on PostgreSQL, prepared for the server to go away."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "handle_error", _call_it_gone)
    return engine


def _connect(_dialect: object, _record: object, _where: object, options: Any) -> Connection:
    return TellingConnection(**options)


def _call_it_gone(context: ExceptionContext) -> DBAPIError | None:
    error = context.sqlalchemy_exception
    if not isinstance(error, DBAPIError) or not is_gone(error):
        return None
    context.is_disconnect = True
    return OperationalError(
        None,
        None,
        context.original_exception,
        hide_parameters=True,
        connection_invalidated=True,
    )
