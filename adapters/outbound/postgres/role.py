"""The role that the service runs as: row-level security binds it, and it cannot become anything more."""

from __future__ import annotations

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from core.model.errors import OperatorMends

ROLE = "jobferry_app"
_AS_ROLE = f"-c role={ROLE}"


def make_role(connection: Connection) -> None:
    """Create the role if the cluster lacks it and let the current user take it on.

    Raises OperatorMends (DATABASE_ROLE_MISSING) with the SQL to run where the current user may not.
    """
    usable = text("SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = :role")
    if connection.scalar(usable, {"role": ROLE}):
        return
    try:
        connection.execute(
            text(
                f"DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        )
        connection.execute(text(f"GRANT {ROLE} TO CURRENT_USER"))
    except DBAPIError as error:
        raise OperatorMends(
            f"The database user may not create the role {ROLE}, as which Jobferry runs.",
            code="DATABASE_ROLE_MISSING",
            fix=f"Let an administrator run: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO the_user_of_the_url;",
        ) from error


def as_role(url: str) -> URL:
    """`url` for SQLAlchemy, connecting as the role from the start, so that RESET ROLE climbs nowhere."""
    return make_url(url).set(drivername="postgresql+psycopg").update_query_dict({"options": _AS_ROLE})


def as_role_dsn(url: str) -> str:
    """The same for psycopg itself."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return make_conninfo(plain, options=_AS_ROLE)
