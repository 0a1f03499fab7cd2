"""No secret is in the log, also where a text holds it. What the queue and its pool repeat while the database is away
stays out of it; everything else is in it."""

from __future__ import annotations

import logging
import sys

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException

from adapters.bootstrap.log import LONGEST_TEXT, _is_worth_a_line, escape, mask_secrets
from core.model.access.api_key import SECRET_BYTES, new_key_text
from core.model.webhooks.webhook_endpoint import new_secret


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


TOKEN = "Zo2iET1NESKRHg9T2uRbTU1BcmXLNcDgyoaWtV4Q1Lk"
"""As of a session, a link or a webhook's address."""


@pytest.mark.parametrize(
    ("before", "secret", "after"),
    [
        ("the key ", new_key_text(bytes(range(SECRET_BYTES))), " is refused"),
        ("signs with ", new_secret(bytes(range(32))).reveal(), "."),
        ("GET /sign-in/", TOKEN, " HTTP/1.1"),
        ("POST /hooks/servicetrade/cardinal.", TOKEN, " HTTP/1.1"),
        ("__Host-jobferry=", TOKEN, "; a=b"),
        ("jobferry-local=", TOKEN, ""),
        ("__Host-jobferry-known=nonce.", TOKEN, ""),
        ("Authorization: Bearer ", TOKEN, ""),
        ("authorization: basic ", "dXNlcjpwYXNzd29yZA==", ""),
        ("postgresql://ann:", "pass/word", "@db/jobferry"),
        ("postgresql://ann:", "p@ss", "@db/jobferry"),
        ("postgresql://ann:", "two words", "@db/jobferry"),
        ("postgresql+psycopg://ann:", "1 two w@rds", "@db:5432/jobferry failed"),
        ("postgresql:///jobferry?user=ann&password=", "p4ss", "&x=y"),
        ("host=db password=", "p4ss", " user=ann"),
        ("host=db password=", "'two words'", " user=ann"),
    ],
)
def test_a_secret_inside_a_text_is_masked(before: str, secret: str, after: str) -> None:
    told = mask_secrets(None, "", {"event": "x", "why": [{"text": f"{before}{secret}{after}"}]})
    assert secret not in str(told)
    assert str(told).endswith(f"***{after}'}}]}}")


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8480/t/cardinal",
        "GET /sign-in/oidc/back",
        "ann@example.com: jobferry serves",
        "basic",
        "postgresql://db:5432/jobferry of ann@example.com",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert mask_secrets(None, "", {"event": text}) == {"event": text}


def test_of_a_text_that_is_too_long_beginning_and_end_are_kept_and_no_part_of_a_secret() -> None:
    key = new_key_text(bytes(range(SECRET_BYTES)))
    for before in range(LONGEST_TEXT // 2 - len(key) - 5, LONGEST_TEXT // 2 + 5):
        text = f"begins {'a ' * (before // 2)} {key} {'b ' * LONGEST_TEXT} ends"
        told = str(mask_secrets(None, "", {"exception": text})["exception"])
        assert len(told) < LONGEST_TEXT + 50
        assert told.startswith("begins")
        assert told.endswith(" ends")
        assert " characters left out] " in told
        assert key[3:9] not in told


def test_on_a_terminal_foreign_text_moves_no_cursor_and_begins_no_line() -> None:
    event = {"event": "x\nforged", "detail": "\x1b[2J\x9bü\u202e", "count": 3, "exception": "one\n  two\x1b[2J"}
    assert escape(None, "", event) == {
        "event": r"x\nforged",
        "detail": r"\x1b[2J\x9bü\u202e",
        "count": 3,
        "exception": "one\n  two\\x1b[2J",
    }
