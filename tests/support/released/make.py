"""Writes the rows that a release leaves behind, for the tests of the next one. Run once for each release, by its code:

python -m tests.support.released.make > tests/support/released/0001.sql
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from adapters.bootstrap.log import configure_log
from adapters.outbound.postgres.server.backup import program
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.transactions import make_engine
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from tests.support.released.scene import live, open_office
from tests.support.storage_scene import fill, furnish

# What the scene leaves no row of.
_REST = """
INSERT INTO closed_days VALUES ('ten_1', '2026-11-22T00:00Z', '2026-11-23T00:00Z', '{"sent": 3}');
INSERT INTO due_turns VALUES ('ten_1', now());
INSERT INTO console_sessions VALUES ('\\x01', 'per_1', 'ten_1', now(), now());
INSERT INTO sign_in_links VALUES ('\\x02', 'per_1', 'ten_1', '/t/tenant-1', now());
INSERT INTO procrastinate_workers DEFAULT VALUES;
INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('drain', 'drain', '{"subject": "con_1"}');
INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES ('sweep', 1);
INSERT INTO procrastinate_events (job_id, type) SELECT id, 'deferred' FROM procrastinate_jobs;
"""
_EMPTY = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


async def _fill(url: str) -> str:
    """Returns the text of an operator key."""
    await migrate(url)
    engine = make_engine(url)
    office = open_office(engine)
    await live(office)
    key = await office.services.use_cases.api_keys.create(KeyRequest(name="init"), Caller(who="init"))
    async with (await furnish(engine)).begin("ten_1") as t:
        await fill(t)
    await engine.dispose()
    return key.text


def main() -> None:
    configure_log("error")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres.start(Path(folder))
        try:
            key = asyncio.run(_fill(server.url))
            with psycopg.connect(server.url) as connection:
                connection.execute("SET session_replication_role = replica")
                connection.execute(_REST)
                connection.execute("SET session_replication_role = origin")
                for (table,) in connection.execute(_EMPTY).fetchall():
                    if not connection.execute(f"SELECT 1 FROM {table} LIMIT 1".encode()).fetchone():
                        sys.exit(f"{table} is empty")
            options = ("--data-only", "--inserts", "--rows-per-insert=100", "--schema=public", "--no-owner")
            dump = subprocess.run(
                (program("pg_dump"), *options, server.url), check=True, capture_output=True, text=True
            )
        finally:
            server.close()
    print(f"-- operator key: {key}")
    print("\n".join(line for line in dump.stdout.splitlines() if line and not line.startswith(("--", "\\"))))


if __name__ == "__main__":
    main()
