"""A failover as sessions see it: all are cut, and new ones find a database that takes no writes."""

from __future__ import annotations

import psycopg

_CUT = (
    b"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    b"WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def set_for_new_sessions(database_url: str, setting: str, value: str) -> None:
    """As somebody does who changes the default of the whole database."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("SET default_transaction_read_only = off")
        name = connection.info.dbname
        await connection.execute(f"ALTER DATABASE {name} SET {setting} = {value}".encode())


async def cut_all(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(_CUT)


async def make_read_only(database_url: str) -> None:
    await set_for_new_sessions(database_url, "default_transaction_read_only", "on")
    await cut_all(database_url)


async def make_writable(database_url: str) -> None:
    """For new sessions: nobody is cut, and those that began read-only stay so."""
    await set_for_new_sessions(database_url, "default_transaction_read_only", "off")
