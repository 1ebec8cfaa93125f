"""Logs for machines: one JSON object a line, with no answer, address, code or receipt.

What may be logged is decided where it is logged; this module only gives it a shape and
keeps the server's own access log, which would write addresses, silent.
"""

import json
import logging
import logging.config
from datetime import UTC, datetime

EXTRA = ("route", "status", "milliseconds", "run")


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, message, and the few known extra keys."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: getattr(record, key) for key in EXTRA if hasattr(record, key)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_config(level: str) -> dict[str, object]:
    """The configuration for `logging.config.dictConfig` and for the server."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "uvicorn.access": {"handlers": [], "propagate": False},
            # Alembic narrates every start.
            "alembic": {"level": "WARNING"},
        },
    }


def configure_logs(level: str) -> None:
    """Use `log_config` in this process."""
    logging.config.dictConfig(log_config(level))
