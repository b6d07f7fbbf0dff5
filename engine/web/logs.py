"""No log holds a token: `/d/<token>` and `/sign-in/<token>` are cut in paths, in Referers and in traces (LINK-A16)."""

from __future__ import annotations

import logging
import re

TOKEN = re.compile(r"(?i)((?:/|%2f)(?:d|sign-in)(?:/|%2f))[a-z0-9%._~-]+")
FIELD = re.compile(r"(?i)\b(token=)[a-z0-9%._~-]+")
LOGGERS = ("uvicorn.access", "uvicorn.error", "uvicorn", "fastapi", "trinh", "trinh.web")


def redacted(text: str) -> str:
    return FIELD.sub(r"\1[…]", TOKEN.sub(r"\1[…]", text))


class Redacting(logging.Filter):
    """Cuts tokens out of a record before any handler sees it. Arguments keep their number: uvicorn counts them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redacted(record.msg) if isinstance(record.msg, str) else record.msg
        if isinstance(record.args, tuple):
            record.args = tuple(redacted(a) if isinstance(a, str) else a for a in record.args)
        elif isinstance(record.args, dict):
            record.args = {k: redacted(a) if isinstance(a, str) else a for k, a in record.args.items()}
        if record.exc_info and not record.exc_text:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
        elif record.exc_text:
            record.exc_text = redacted(record.exc_text)
        return True


_filter = Redacting()


def install() -> None:
    """Put the filter on every logger and handler that may write a request. May be called again."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for target in (logger, *logger.handlers):
            if _filter not in target.filters:
                target.addFilter(_filter)
    for handler in logging.getLogger().handlers:
        if _filter not in handler.filters:
            handler.addFilter(_filter)
