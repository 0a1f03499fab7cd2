"""Verifies that a session has the protections that it was opened with.

They are asked for in the session's startup parameters (role.py). A pooler in between may drop these and say nothing:
then row-level security would not apply to a superuser, and nothing would have a time-out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from sqlalchemy import Connection

from adapters.outbound.postgres.server.failures import POOLER_FIX, unsuitable
from adapters.outbound.postgres.server.role import ROLE, SETTINGS, TIME_OUTS
from adapters.outbound.postgres.tables import owners

OLDEST_SERVER = 15
_ENCODING = "UTF8"
_LOOKED_IN = ["pg_catalog", "public"]
_RELIED_ON = ("row_security", "datestyle", "intervalstyle", "default_transaction_isolation")
"""Without these, statements fail or mean something else. The path of names is judged by what it leads to."""
_RLS_FIX = (
    "As the owner, run for each of these tables: ALTER TABLE name ENABLE ROW LEVEL SECURITY; "
    f"ALTER TABLE name FORCE ROW LEVEL SECURITY; As an administrator: ALTER ROLE {ROLE} NOSUPERUSER NOBYPASSRLS;"
)

_SERVER = "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding')"
# A simple statement without parameters, which every server and pooler understands.
_ASKED = f"""
{_SERVER}, current_user::text, current_setting('client_encoding'),
 ARRAY(SELECT name || ' ' || current_setting(name)
  FROM (VALUES {", ".join(f"('{name}', '{most}')" for name, most in TIME_OUTS.items())}) AS asked (name, most)
  WHERE current_setting(name)::interval NOT BETWEEN interval '1 ms' AND most::interval),
 ARRAY(SELECT name || ' ' || current_setting(name)
  FROM (VALUES {", ".join(f"('{name}', '{SETTINGS[name]}')" for name in _RELIED_ON)}) AS asked (name, wanted)
  WHERE NOT starts_with(current_setting(name), wanted)),
 ARRAY(SELECT schema::text FROM unnest(pg_catalog.current_schemas(true)) AS schema WHERE schema NOT LIKE 'pg_temp%'),
 set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply'
  ELSE 'on' END, true),
 ARRAY(SELECT c.relname::text FROM pg_class c
  WHERE c.relnamespace = to_regnamespace('public') AND c.relname IN ({", ".join(f"'{table}'" for table in owners())})
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND row_security_active(c.oid)) ORDER BY 1)
""".encode()  # noqa: S608 - only names of ours


def require_server(connection: Connection) -> None:
    """Raises OperatorMends (DATABASE_UNSUITABLE) for a server or a database that cannot hold Jobferry's schema."""
    version, stored = connection.exec_driver_sql(_SERVER).one()
    _judge_server(version, stored)


async def verify_session(connection: AsyncConnection[Any]) -> None:
    """Raises OperatorMends (DATABASE_UNSUITABLE) if a protection is missing. The connection is then closed."""
    try:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_ASKED, prepare=False)
            row = await cursor.fetchone()
        if not connection.autocommit:
            await connection.rollback()
        _judge(row or ())
    except BaseException:
        await connection.close()
        raise


def verify_new(connection: Any, _: object) -> None:
    """The same for a session that a pool of SQLAlchemy has just opened. The pool closes it if this raises."""
    cursor = connection.cursor()
    try:
        cursor.execute(_ASKED.decode())
        row = cursor.fetchone()
    finally:
        cursor.close()
    connection.rollback()
    _judge(row)


def _judge(row: Sequence[Any]) -> None:
    version, stored, user, sent, time_outs, settings, looked_in, commits, unprotected = row
    wrong: list[str] = []
    if user != ROLE:
        wrong.append(f"it runs as {user}, not as {ROLE}")
    if time_outs:
        wrong.append(f"its time-outs are not those that were asked for: {', '.join(time_outs)}")
    if settings:
        wrong.append(f"its settings are not those that were asked for: {', '.join(settings)}")
    if looked_in != _LOOKED_IN:
        wrong.append(f"names are looked up in {', '.join(looked_in)}, not in {', '.join(_LOOKED_IN)}")
    if wrong:
        raise unsuitable(
            f"A database session is not what Jobferry asked for: {'; '.join(wrong)}. "
            "A pooler, or the database's own settings, replaced what the session was opened with (`options`).",
            POOLER_FIX,
        )
    if unprotected:
        tables = ", ".join(unprotected)
        raise unsuitable(f"Row-level security does not keep tenants apart in these tables: {tables}.", _RLS_FIX)
    _judge_server(version, stored)
    if sent != _ENCODING:
        raise unsuitable(f"A session sends text as {sent}, although {_ENCODING} was asked for.", POOLER_FIX)
    if commits not in ("on", "remote_apply"):
        raise unsuitable(
            f"A session cannot make commits wait for the disk: synchronous_commit stays {commits}.", POOLER_FIX
        )


def _judge_server(version: int, stored: str) -> None:
    if version < OLDEST_SERVER:
        raise unsuitable(f"The server is PostgreSQL {version}.", f"Use PostgreSQL {OLDEST_SERVER} or newer.")
    if stored != _ENCODING:
        raise unsuitable(
            f"The database stores text as {stored}, which lacks letters that jobs contain.",
            "Make the database again: CREATE DATABASE jobferry ENCODING 'UTF8' TEMPLATE template0;",
        )
