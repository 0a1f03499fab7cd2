"""Migrated databases for tests. One that a test gives back is emptied and lent to the next test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import make_url

_numbers = itertools.count(1)
_SCHEMA = """
SELECT (SELECT max(xmin::text::bigint) FROM pg_class), (SELECT max(xmin::text::bigint) FROM pg_attribute),
       (SELECT max(xmin::text::bigint) FROM pg_proc), (SELECT max(xmin::text::bigint) FROM pg_trigger),
       (SELECT max(xmin::text::bigint) FROM pg_policy), (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_proc),
       (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_policy), (SELECT count(*) FROM pg_constraint),
       (SELECT min(version_num) FROM alembic_version),
       (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
         WHERE d.datname = current_database())
"""
"""Another row after any change of the schema, of rights, or of the database's settings."""
OTHER_SESSIONS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' AND application_name <> 'emptying'"
)
"""Those of a test; the one that empties the database stays open."""
_END_SESSIONS = f"SELECT pg_terminate_backend(pid, 5000) {OTHER_SESSIONS}"


class Databases:
    """Copies of the migrated database `template` of one server."""

    def __init__(self, server_url: str, template: str) -> None:
        self._server_url = server_url
        self._template = template
        self._free: list[str] = []
        self._emptiers: dict[str, psycopg.Connection[Any]] = {}
        with psycopg.connect(database_of(server_url, template)) as connection:
            self._schema = connection.execute(_SCHEMA).fetchone()
            self._emptying = _emptying(connection)

    @contextmanager
    def lend(self) -> Iterator[Callable[[], str]]:
        """Return the addresses of databases, as many as are called for, until the end of the block."""
        lent: list[str] = []

        def make() -> str:
            lent.append(self._free.pop() if self._free else self._copy())
            return database_of(self._server_url, lent[-1])

        try:
            yield make
        finally:
            for name in lent:
                self._give_back(name)

    def _copy(self) -> str:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        create_database(self._server_url, name, self._template)
        return name

    def close(self) -> None:
        """End the sessions that empty the databases."""
        for connection in self._emptiers.values():
            connection.close()

    def _give_back(self, name: str) -> None:
        """Empty the database and keep it. One that is not as it was made is dropped."""
        connection = self._emptier(name)
        connection.execute(_END_SESSIONS)
        if connection.execute(_SCHEMA).fetchone() == self._schema:
            connection.execute(self._emptying)
            self._free.append(name)
        else:
            self._emptiers.pop(name).close()
            with psycopg.connect(self._server_url, autocommit=True) as server:
                server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def _emptier(self, name: str) -> psycopg.Connection[Any]:
        """The session that empties this database. It stays open between tests: a new one would first read all that is
        known of the tables, which takes longer than to empty them. A test may have cut it."""
        if kept := self._emptiers.get(name):
            try:
                kept.execute("SELECT 1")
            except psycopg.OperationalError:
                kept.close()
            else:
                return kept
        address = database_of(self._server_url, name)
        self._emptiers[name] = made = psycopg.connect(address, autocommit=True, application_name="emptying")
        made.execute("SET default_transaction_read_only = off")
        return made


def create_database(server_url: str, name: str, template: str = "template1") -> None:
    statement = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement.format(Identifier(name), Identifier(template)))


def database_of(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _emptying(connection: psycopg.Connection[Any]) -> Composed:
    """The statements that remove all rows and set all sequences back. Without triggers, since rows refer to rows."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    ).fetchall()
    sequences = connection.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()
    return SQL("; ").join(
        [
            SQL("SET session_replication_role = replica"),
            *(SQL("DELETE FROM {}").format(Identifier(table)) for (table,) in tables),
            *(SQL("SELECT setval({}, 1, false)").format(Literal(sequence)) for (sequence,) in sequences),
            # What this session read is counted now, and not while the next test looks at what was counted.
            SQL("SELECT pg_stat_force_next_flush()"),
        ]
    )
