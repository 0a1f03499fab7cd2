"""What the queue and its pool repeat while the database is away stays out of the log; everything else is in it."""

from __future__ import annotations

import logging
import sys

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from adapters.bootstrap.log import _is_worth_a_line


@pytest.mark.parametrize(
    ("name", "cause", "told"),
    [
        ("procrastinate.worker", psycopg.OperationalError("connection refused"), False),
        ("procrastinate.worker", psycopg.errors.AdminShutdown("the server stops"), False),
        ("procrastinate.worker", psycopg.errors.UndefinedTable("no such table"), True),
        ("procrastinate.worker", None, True),
        ("jobferry", psycopg.OperationalError("connection refused"), True),
    ],
)
def test_errors_of_the_queue_are_told_unless_the_database_is_away(
    name: str, cause: Exception | None, told: bool
) -> None:
    try:
        raise ConnectorException from cause
    except ConnectorException:
        record = logging.LogRecord(name, logging.ERROR, "", 0, "failed", (), sys.exc_info())
    assert _is_worth_a_line(record) is told


@pytest.mark.parametrize(("level", "told"), [(logging.WARNING, False), (logging.ERROR, True)])
def test_tries_of_the_queues_pool_are_not_told(level: int, told: bool) -> None:
    assert _is_worth_a_line(logging.LogRecord("psycopg.pool", level, "", 0, "error connecting", (), None)) is told
