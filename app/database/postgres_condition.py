"""The condition of a PostgreSQL server, as the program's own role sees it."""

from collections.abc import Callable

from sqlalchemy import Connection, text

from app.database.findings import Finding, ok, warning, wrong

OLDEST = 130000


def _version(connection: Connection) -> Finding:
    number = int(_setting(connection, "server_version_num"))
    found = f"{_setting(connection, 'server_version')}."
    if number >= OLDEST:
        return ok("PostgreSQL", found)
    return wrong("PostgreSQL", f"{found} That is too old.", "Use version 13 or newer.")


def _forcing(connection: Connection) -> Finding:
    """Whether a commit is on the disk before it is acknowledged, and pages stay whole."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    values = {name: _setting(connection, name) for name in names}
    found = f"{', '.join(f'{name}={value}' for name, value in values.items())}."
    off = [name for name, value in values.items() if value == "off"]
    if not off:
        return ok("keeping", found)
    cure = f"Set {' and '.join(f'{name}=on' for name in off)} in postgresql.conf or the role."
    return wrong("keeping", f"{found} Acknowledged answers can be lost.", cure)


def _checksums(connection: Connection) -> Finding:
    if _setting(connection, "data_checksums") == "on":
        return ok("checksums", "The server notices damaged pages.")
    cure = "Stop the server once and run pg_checksums --enable."
    return warning("checksums", "Off: a page damaged on the disk is not noticed.", cure)


def _encoding(connection: Connection) -> Finding:
    found = _setting(connection, "server_encoding")
    if found == "UTF8":
        return ok("encoding", f"{found}.")
    cure = "Create the database with ENCODING 'UTF8' and restore a backup into it."
    return wrong("encoding", f"{found}: not every character can be kept.", cure)


def _role(connection: Connection) -> Finding:
    asked = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    name = connection.scalar(text("SELECT current_user"))
    if not connection.scalar(asked):
        return ok("role", f"{name} is an ordinary role.")
    cure = "Give the program a role of its own that owns its database and nothing else."
    return warning("role", f"{name} may do anything on the server.", cure)


def _setting(connection: Connection, name: str) -> str:
    return str(connection.scalar(text("SELECT current_setting(:name)"), {"name": name}))


POSTGRES_CHECKS: tuple[Callable[[Connection], Finding], ...] = (
    _version,
    _forcing,
    _checksums,
    _encoding,
    _role,
)
