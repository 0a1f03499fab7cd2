"""What the database's own errors mean to us."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, TimeoutError

from core.model.errors import JobferryError, OperatorMends, TimeMends


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


def violates(error: IntegrityError, *names: str) -> bool:
    """Whether the error is about one of these constraints."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return constraint in names
