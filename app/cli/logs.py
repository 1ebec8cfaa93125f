"""Logs for machines: one JSON object a line, with no answer, address, code or receipt.

What may be logged is decided where it is logged; this module gives it a shape, keeps the
server's own access log silent, which would write addresses, and leaves out the message of an
exception: a database quotes the row it refused, and the row is what somebody answered.
"""

import json
import logging
import logging.config
import traceback
from datetime import UTC, datetime

EXTRA = ("route", "status", "milliseconds", "run", "segment", "alarms", "telemetry", "job")


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
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
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
