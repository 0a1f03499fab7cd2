"""One embedded PostgreSQL for the whole run, and a freshly migrated database for whoever asks."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.transactions import make_engine
from tests.support.compiled_once import compile_once
from tests.support.databases import Databases, create_database, database_of
from tests.support.signal_handlers import describe_no_handlers

gc.disable()  # until all is loaded
compile_once()
describe_no_handlers()
os.environ.pop("COLUMNS", None)  # what runs the tests may set it, and then output is as wide as that terminal
# Whoever runs the tests in the background, or with `nohup`, has these ignored, and so would every command that a test
# starts and stops. What is handled here is as usual there.
signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)
_END = float(os.environ.get("TESTS_END", "inf"))
_TEMPLATE = "jobferry_template"
_LONG_FOLDERS = {"faults", "life"}
_LONG_FILES = {"test_python_versions.py", "test_install_page.py", "test_author_path.py"}

# For every test: how long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("jobferry", deadline=None)
settings.load_profile("jobferry")

# An error in the log is plain text: to colour its code and all its variables would take up to five seconds.
for _processor in structlog.get_config()["processors"]:
    if isinstance(_processor, structlog.dev.ConsoleRenderer):
        _processor.exception_formatter = structlog.dev.plain_traceback


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A command that a test runs in this process sets up the log for itself, and not for the tests after it."""
    before = structlog.get_config()
    yield
    if structlog.get_config() != before:
        structlog.configure(**before)


@pytest.fixture(autouse=True)
def _usual_umask() -> None:
    """Commands that ran in this process have set their own."""
    os.umask(0o022)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The server's own database, as superuser. Stopped at the end of the run."""
    with tempfile.TemporaryDirectory(prefix="jobferry-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        postgres = EmbeddedPostgres.start(Path(folder))
        try:
            do_not_wait_for_the_disk(postgres.url)
            yield postgres.url
        finally:
            postgres.close()


@pytest.fixture(scope="session")
def databases(server_url: str) -> Iterator[Databases]:
    """The migrated databases of the run."""
    create_database(server_url, _TEMPLATE)
    with ThreadPoolExecutor(1) as apart:  # a loop may run here already
        apart.submit(lambda: asyncio.run(migrate(database_of(server_url, _TEMPLATE)))).result()
    with closing(Databases(server_url, _TEMPLATE)) as databases:
        yield databases


@pytest.fixture
def new_database(databases: Databases) -> Iterator[Callable[[], str]]:
    """Makes migrated databases of this test's own, as many as it calls for."""
    with databases.lend() as make:
        yield make


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """A migrated database of this test's own."""
    return new_database()


@pytest.fixture(scope="module")
def database_of_module(databases: Databases) -> Iterator[str]:
    """A migrated database that the tests of a file share."""
    with databases.lend() as make:
        yield make()


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool on this test's database, as the role the service runs as."""
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


def do_not_wait_for_the_disk(server_url: str) -> None:
    """A server that is killed loses nothing by it: what it wrote is with the system. It saves half of the waiting."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: files are shared out in this order, so that all processes end at about the same time."""
    items.sort(key=lambda item: not (_LONG_FOLDERS & set(item.path.parts) or item.path.name in _LONG_FILES))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`TESTS_END` is in seconds since 1970: a long test that would begin later is left out, and the run says so."""
    if item.get_closest_marker("long") and time.time() > _END:
        pytest.skip(f"LEFT OUT: the time for the run was over (TESTS_END): {item.path.name}")


def pytest_collection_finish() -> None:
    """What is loaded by now lives to the end, so the garbage collector need not look through it again and again: it
    would stop a test for up to a second. Of what tests make, nearly all goes away without it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()
