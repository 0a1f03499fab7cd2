"""The role that the service runs as. Row-level security applies to it, and a reset of the session does not remove it.

It protects against mistakes in our queries. `SET ROLE NONE` still restores the user of the URL, as in every session
that did not log in as the role itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from adapters.outbound.postgres.tables import owners
from core.model.shared.errors import OperatorMends

ROLE = "jobferry_app"
CHANGE_FEED = "jobferry changes"
"""The name of the sessions that only listen."""
TIME_OUTS = {
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
"""A stuck lock or statement, or a process that stalls in a transaction, must not block the others for ever."""
# What our statements mean must not depend on defaults of the role, the database or the server. Names above all: a
# table in a schema that the search path has before ours would be used in silence.
SETTINGS = {
    "search_path": "public",
    "row_security": "on",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "default_transaction_isolation": "read committed",
    "standard_conforming_strings": "on",
    "extra_float_digits": "1",
    "timezone": "UTC",
    "idle_session_timeout": "0",
}
# A session keeps the plans of its statements. One that was made while a table was nearly empty would read all of it at
# every call, until the table is counted again.
_PLANS = {"enable_seqscan": "off"}
_SESSION = {"role": ROLE, **SETTINGS, **TIME_OUTS, **_PLANS}
_OWNERS_SESSION = {**SETTINGS, **dict.fromkeys(TIME_OUTS, "0")}
"""A migration takes as long as it takes."""
# A server that was cut off without a word is noticed, too: it acknowledges nothing, so its session counts as lost.
_NETWORK_TIME_OUTS = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}

# What the service may add to, but not change.
_ONLY_ADDED_TO = ("alias_history", "audit", "operator_audit")
# Tables without a tenant are not among them: the service asks the database's functions about these.
_TABLES = (
    *(table for table in owners() if table not in _ONLY_ADDED_TO),
    "procrastinate_jobs",
    "procrastinate_workers",
    "procrastinate_periodic_defers",
    "procrastinate_events",
)
_RIGHTS = (
    f"GRANT USAGE ON SCHEMA public TO {ROLE}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(_TABLES)} TO {ROLE}",
    f"GRANT SELECT, INSERT ON {', '.join(_ONLY_ADDED_TO)} TO {ROLE}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION number_taken(bytea, bytea), claim_number(bytea, bytea, boolean) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION number_accepted(bytea, bytea), accept_number(bytea, bytea),"
    f" give_back_number(bytea, bytea) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION account_others(bytea, bytea, boolean), account_leave(text[]),"
    f" account_enter(bytea, bytea, text[], bytea[], boolean[]) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION forget_audit(text), forget_person(text, text), forget_old_audit(timestamptz, integer),"
    f" forget_old_operator_audit(timestamptz, integer) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION company_enter(bytea, bytea), company_leave(bytea),"
    f" companies_elsewhere(bytea[], bytea[]) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION admit_due(text[], bigint, integer, integer, interval), lock_due(text, text, boolean),"
    f" wake_due(text, text, text, timestamptz), request_sends(jsonb) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION census(interval), count_jobs(text) TO {ROLE}",
    "GRANT EXECUTE ON FUNCTION search_codes(text, text, text[], text, text, text, boolean, text, text, text, text,"
    f" text, integer) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION take_request_turn(jsonb), count_waiting(text, text[], bigint, bigint) TO {ROLE}",
    f"GRANT EXECUTE ON FUNCTION begin_tenant(text), sends_of_job(text, text), sends_to_do(text),"
    " send_document(sends), connection_document(connections, jsonb),"
    " tenant_document(text, jsonb), line_document(cost_lines, bigint[]),"
    f" entries_of_others(jsonb, bytea, boolean), lines_on_account(text, text, text, text), send_facts(jsonb),"
    f" store_send(jsonb), next_due_send(jsonb), rest_connection(jsonb),"
    f" plan_input(jsonb), aliases_of(jsonb), codes_listed(jsonb), number_standing(jsonb) TO {ROLE}",
    f"GRANT SELECT ON alembic_version TO {ROLE}",
)
# The creator of a role administers it. From PostgreSQL 16 on, this does not include SET ROLE.
_MAY_BECOME = text(
    "SELECT pg_has_role(current_user, oid, CASE WHEN current_setting('server_version_num')::int >= 160000"
    " THEN 'SET' ELSE 'MEMBER' END) FROM pg_roles WHERE rolname = :role"
)
_HAS_RIGHTS = text("SELECT has_table_privilege(:role, 'sends', 'INSERT')")


def make_role(connection: Connection) -> None:
    """Create the role if the cluster lacks it, and allow the current user to use it.

    Raises OperatorMends (DATABASE_ROLE_MISSING), with the SQL to run, if the current user may not do this.
    """
    if connection.scalar(_MAY_BECOME, {"role": ROLE}):
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
            f"The database user may not create the role {ROLE}, which Jobferry uses.",
            code="DATABASE_ROLE_MISSING",
            fix=f"Ask an administrator to run: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO the_user_of_the_url;",
        ) from error


def grant_rights(connection: Connection) -> None:
    """Grant the rights that the service needs. Granting again repairs a database that was restored without them."""
    for right in _RIGHTS:
        connection.execute(text(right))


def require_role(connection: Connection) -> None:
    """Raises OperatorMends (DATABASE_ROLE_MISSING) if the role or its rights are missing.

    A dump contains neither: restored to another server, it has the tables but no access.
    """
    usable = connection.scalar(_MAY_BECOME, {"role": ROLE}) and connection.scalar(_HAS_RIGHTS, {"role": ROLE})
    if not usable:
        raise OperatorMends(
            f"The role {ROLE}, which Jobferry uses, is missing or has no rights in this database.",
            code="DATABASE_ROLE_MISSING",
            fix="Run `jobferry init`, which restores it.",
        )


def address_of(url: str) -> URL:
    """Return `url` for SQLAlchemy. Of several hosts (`host1:5432,host2:5432`) the one that accepts writes is used.

    Raises OperatorMends (DATABASE_UNREACHABLE) for one that cannot be read."""
    try:
        given = _read(url)
    except (ArgumentError, ValueError, ProgrammingError) as error:
        raise OperatorMends(
            "The database's address cannot be read.",
            code="DATABASE_UNREACHABLE",
            fix="Correct JOBFERRY_DATABASE_URL. In the user's name and password, write these characters as codes: "
            "@ is %40, : is %3A, / is %2F, ? is %3F, # is %23, % is %25, a comma is %2C.",
        ) from error
    for port in ",".join(given.normalized_query.get("port", ())).split(","):
        if port and not port.isdecimal():
            raise OperatorMends(
                f"The port {port!a} in the database's address is no number.",
                code="DATABASE_UNREACHABLE",
                fix="Correct JOBFERRY_DATABASE_URL.",
            )
    several = {"target_session_attrs": "read-write"} if "," in str(given.query.get("host", "")) else {}
    return given.set(
        drivername="postgresql+psycopg",
        query={**_NETWORK_TIME_OUTS, **several, **given.query, "client_encoding": "UTF8"},
    )


def _read(url: str) -> URL:
    before, _, after = url.partition("?")[0].partition("@")
    if "@" in after:
        raise ValueError("of a password that holds @, a part would be taken for the host, and shown")
    hosts = (after or before.partition("://")[2]).partition("/")[0]
    if "," not in hosts:
        return make_url(url)
    if "/" in before.partition("://")[2] and after:
        raise ValueError("libpq takes what is before the / for the host")
    # libpq reads such an address, SQLAlchemy only its parts.
    query = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    user, password, database = (query.pop(name, None) for name in ("user", "password", "dbname"))
    return URL.create("postgresql", user, password, database=database, query=query)


def as_owner(url: str) -> URL:
    """Return the same for `jobferry init`, as the user of `url`."""
    return _named(_with_options(url, _OWNERS_SESSION))


def for_backup(url: str) -> URL:
    """Return the same for a backup, which reads every tenant's rows as the user of `url`."""
    return _named(_with_options(url, _OWNERS_SESSION | {"app.backup": "on"}))


def as_role(url: str) -> URL:
    """Return the same for the service. Sessions start with the role, so RESET ROLE does not leave it."""
    return _with_options(url, _SESSION)


def _named(address: URL) -> URL:
    """So that a migration tells the sessions of commands such as itself from those of the service."""
    return address.update_query_dict({"application_name": "jobferry owner"})


def name_of_service(url: str) -> str:
    """The `application_name` of the service's sessions: the one that the address gives, or none."""
    return str(address_of(url).query.get("application_name", ""))


def _with_options(url: str, settings: Mapping[str, str]) -> URL:
    """Of two options for one setting the later applies."""
    given = address_of(url)
    own_options = given.normalized_query.get("options", ())
    ours = ("-c " + f"{name}={value}".replace(" ", r"\ ") for name, value in settings.items())
    return given.update_query_dict({"options": " ".join((*own_options, *ours))})


def as_role_dsn(url: str) -> str:
    """Return the same for psycopg."""
    return dsn_of(as_role(url))


def dsn_of(address: URL) -> str:
    """Return `address` for psycopg."""
    query = {name: ",".join(values) for name, values in address.normalized_query.items()}
    return make_conninfo(**address.translate_connect_args(database="dbname", username="user") | query)


def dsn_and_password(address: URL) -> tuple[str, str]:
    """Return `address` for a program whose arguments everybody on this machine can read, and its password."""
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn_of(address)).items() if value is not None}
    password = parts.pop("password", "")
    return make_conninfo(**parts), password
