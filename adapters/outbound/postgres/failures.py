"""What the database's own errors mean to us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, TimeoutError

from core.model.errors import JobferryError, OperatorMends, TimeMends

_NAMED = 5


def unreachable(error: DBAPIError) -> JobferryError:
    """For an administrator at the keyboard: the database cannot be used as configured."""
    first_line = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    return OperatorMends(
        f"The database cannot be used: {first_line}",
        code="DATABASE_UNREACHABLE",
        fix="Check JOBFERRY_DATABASE_URL and that the PostgreSQL server runs and lets this user in.",
    )


def passing(error: SQLAlchemyError) -> JobferryError | None:
    """For running work: a lost, refused or awaited connection passes by itself; None for everything else."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, (OperationalError, TimeoutError)):
        return TimeMends("The database does not answer at the moment.", code="DATABASE_UNREACHABLE")
    return None


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
