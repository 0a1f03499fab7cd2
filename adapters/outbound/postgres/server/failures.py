"""Translates errors of the database into Jobferry's errors."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
    TimeoutError,
)

from core.model.shared.errors import JobferryError, OperatorMends, TimeMends

_NAMED = 5
_READ_ONLY = "25006"
"""SQLSTATE of a write to a read-only server: it is a replica, or somebody made it read-only."""
READ_ONLY_FIX = (
    "After a failover: set JOBFERRY_DATABASE_URL to the server that accepts writes now.",
    "If somebody made the database read-only, for example because its disk is full, fix that and switch "
    "default_transaction_read_only off.",
)
POOLER_FIX = (
    "Set JOBFERRY_DATABASE_URL to the PostgreSQL server itself, without a pooler in between. Behind a pooler in "
    "session mode, give Jobferry a login that starts with the role and the time-outs: see `Through a pooler` in "
    "docs/operators.md."
)
_OF_POOLERS = ("startup parameter", "statement pooling mode")
"""What pgbouncer says when it refuses a session's options, or a transaction of several statements."""


def unreachable(error: DBAPIError | psycopg.Error) -> JobferryError:
    """Return the error for an administrator: the database cannot be used as configured."""
    said = error.orig if isinstance(error, DBAPIError) else error
    if read_only(said):
        return OperatorMends("The database is read-only.", code="DATABASE_READ_ONLY", fix=" ".join(READ_ONLY_FIX))
    first_line = first_line_of(said)
    if any(words in first_line for words in _OF_POOLERS):
        return unsuitable(f"The database refuses the sessions that Jobferry needs: {first_line}", POOLER_FIX)
    return OperatorMends(
        f"The database cannot be used: {first_line}",
        code="DATABASE_UNREACHABLE",
        fix="Check JOBFERRY_DATABASE_URL. Check that the PostgreSQL server runs and accepts this user.",
    )


def unsuitable(message: str, fix: str) -> OperatorMends:
    """Return the error for a server or a session that lacks what Jobferry relies on."""
    return OperatorMends(message, code="DATABASE_UNSUITABLE", fix=fix)


def first_line_of(error: BaseException | None) -> str:
    """Return the first line of what the server or the driver said, and one line for each of several hosts."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    hosts = [line.removeprefix("- ") for line in lines if line.startswith("- host:")]
    return "; ".join(hosts) or lines[0]


def passing(error: SQLAlchemyError | psycopg.Error) -> JobferryError | None:
    """Return the error for a temporary failure during running work, None for all others.

    Temporary: a lost, refused or awaited connection, a server that starts, stops, recovers or is full, a deadlock or
    another conflict of transactions (the driver reports all of these as OperationalError), and a server that is
    read-only during a failover. PendingRollbackError: the connection was lost before, and the code continued with it.
    """
    lost = isinstance(error, DBAPIError) and (error.connection_invalidated or read_only(error.orig))
    lost = lost or read_only(error)
    if lost or isinstance(error, (OperationalError, PendingRollbackError, TimeoutError, psycopg.OperationalError)):
        return TimeMends("The database does not answer at the moment.", code="DATABASE_UNREACHABLE")
    return None


def read_only(error: BaseException | None) -> bool:
    """Whether the server or this session is read-only."""
    return getattr(error, "sqlstate", None) == _READ_ONLY


def other_key(slugs: Sequence[str], *, of: int) -> JobferryError:
    """Return the error at the start: the given key does not open the stored secrets."""
    named = ", ".join(slugs[:_NAMED]) + (", ..." if len(slugs) > _NAMED else "")
    return OperatorMends(
        f"The stored secrets of {len(slugs)} of {of} tenants ({named}) were encrypted with another key.",
        code="SECRET_UNREADABLE",
        fix="Start with the encryption key that this database was set up with (JOBFERRY_ENCRYPTION_KEY or its file). "
        "If the key was changed after a backup was made, give both: the current one first.",
    )


def violates(error: IntegrityError, *names: str) -> bool:
    """Whether the error is about one of these constraints."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return constraint in names
