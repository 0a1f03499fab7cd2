"""Databases as an earlier release left them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic import command
from sqlalchemy import create_engine, make_url

from adapters.outbound.postgres.server.migrate import _config
from adapters.outbound.postgres.server.role import make_role

_numbers = itertools.count(1)


@contextmanager
def database_of(server_url: str, revision: str) -> Iterator[str]:
    """The URL of a new database with the tables of that revision, and nothing in them."""
    name = f"old_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = make_url(server_url).set(database=name)
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            make_role(connection)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        yield url.render_as_string(hide_password=False)
    finally:
        engine.dispose()
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
