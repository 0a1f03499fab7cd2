"""What the database's own errors mean to us."""

from __future__ import annotations

from collections.abc import Sequence

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
"""SQLSTATE of a write to a server that takes none: it follows another one, or somebody made it read-only."""
READ_ONLY_FIX = (
    "After a failover: let JOBFERRY_DATABASE_URL lead to the server that takes writes now.",
    "If somebody made the database read-only, for example because its disk is full, mend that and switch "
    "default_transaction_read_only off.",
)


def unreachable(error: DBAPIError) -> JobferryError:
    """For an administrator at the keyboard: the database cannot be used as configured."""
    if read_only(error.orig):
        return OperatorMends("The database is read-only.", code="DATABASE_READ_ONLY", fix=" ".join(READ_ONLY_FIX))
    first_line = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    return OperatorMends(
        f"The database cannot be used: {first_line}",
        code="DATABASE_UNREACHABLE",
        fix="Check JOBFERRY_DATABASE_URL and that the PostgreSQL server runs and lets this user in.",
    )


def passing(error: SQLAlchemyError) -> JobferryError | None:
    """For running work: what passes by itself, and None for everything else.

    That is a lost, refused or awaited connection, a server that starts, stops, recovers or has no room, a deadlock or
    another conflict of transactions (all of them OperationalError to the driver), and a server that is read-only
    during a failover. PendingRollbackError: the connection was lost before, and somebody went on with it.
    """
    lost = isinstance(error, DBAPIError) and (error.connection_invalidated or read_only(error.orig))
    if lost or isinstance(error, (OperationalError, PendingRollbackError, TimeoutError)):
        return TimeMends("The database does not answer at the moment.", code="DATABASE_UNREACHABLE")
    return None


def read_only(error: BaseException | None) -> bool:
    """Whether the server, or this session with it, takes no writes."""
    return getattr(error, "sqlstate", None) == _READ_ONLY


def other_key(slugs: Sequence[str], *, of: int) -> JobferryError:
    """At the start: what is stored does not open with the given key."""
    named = ", ".join(slugs[:_NAMED]) + (", ..." if len(slugs) > _NAMED else "")
    return OperatorMends(
        f"The stored secrets of {len(slugs)} of {of} tenants ({named}) were encrypted with another key.",
        code="SECRET_UNREADABLE",
        fix="Start with the encryption key that this database was set up with (JOBFERRY_ENCRYPTION_KEY or its file). "
        "If the key was changed after a backup was made, give both, the present one first.",
    )


def violates(error: IntegrityError, *names: str) -> bool:
    """Whether the error is about one of these constraints."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return constraint in names
