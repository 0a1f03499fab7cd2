"""Due work of made-up subjects, and work that tests can hold, count and wait for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.inbound.worker.worker import Heartbeat, Serve, run_worker
from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.role import as_role_dsn
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from ports.storage.due_work import DueSubject, Slots, WorkKind
from tests.support.storage_scene import NOW, transactions_on

PATIENCE = 60
"""Seconds that a test waits for an event before it fails."""
QUICK = Heartbeat(every=0.2, stalled=1.0)


async def add_tenants(engine: AsyncEngine, count: int) -> PostgresTransactions:
    """Tenants ten_1, ten_2, ... without connections."""
    transactions = transactions_on(engine)
    async with transactions.begin_instance() as i:
        for number in range(1, count + 1):
            tenant = Tenant(id=f"ten_{number}", slug=f"tenant-{number}", name="Tenant", created_at=NOW)
            await i.tenants.add(tenant, PasswordLogin("user", Secret("x")))
    return transactions


async def make_due(url: str, tenant_id: str, *subjects: str, kind: WorkKind = WorkKind.DRAIN) -> None:
    """All in one commit, the first one due first."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "INSERT INTO due_work (kind, subject, tenant_id, due_at)"
            " SELECT %s, subject, %s, now() - interval '1 second' + place * interval '1 microsecond'"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS given (subject, place)"
            " ON CONFLICT (kind, subject) DO UPDATE SET due_at = least(due_work.due_at, excluded.due_at)",
            (kind, tenant_id, list(subjects)),
        )


async def rest(url: str, subject: str, kind: WorkKind = WorkKind.DRAIN) -> None:
    """As work does before it ends: nothing more is due."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        this = (kind, subject)
        await connection.execute("UPDATE due_work SET due_at = NULL WHERE kind = %s AND subject = %s", this)


async def run_by_a_dead_worker(url: str, work: DueSubject, last_heard: str = "-1 day") -> None:
    """Its job is in the queue as running, and its worker was last heard of so long before (or, by a clock that was set
    back since, after) now."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            "   VALUES (now() + %(last_heard)s::interval) RETURNING id)"
            " INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
            " SELECT %(kind)s, %(kind)s, %(name)s, %(name)s,"
            "   jsonb_build_object('tenant_id', %(tenant)s::text, 'subject', %(subject)s::text), 'doing', id FROM dead",
            {
                "kind": work.kind,
                "name": f"{work.kind}:{work.subject}",
                "tenant": work.tenant_id,
                "subject": work.subject,
                "last_heard": last_heard,
            },
        )


class Worked:
    """Work that notes whom it worked on. `gate` holds it, for the tenants in `held`, until the test sets it."""

    def __init__(self, url: str, *held: str) -> None:
        self.gate = asyncio.Event()
        self.order: list[str] = []
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        """The most that ran at the same time, by tenant, by subject and in all (`''`)."""
        self._url = url
        self._held = held
        self._changed = asyncio.Condition()

    def of(self, kind: WorkKind) -> Serve:
        async def serve(tenant_id: str, subject: str, *_given: object) -> bool:
            await self._begin(tenant_id, subject)
            if tenant_id in self._held:
                await self.gate.wait()
            await rest(self._url, subject, kind)
            await self._end(tenant_id, subject)
            return False

        return serve

    async def _begin(self, tenant_id: str, subject: str) -> None:
        for name in (tenant_id, subject, ""):
            self.running[name] += 1
            self.most[name] = max(self.most[name], self.running[name])
        async with self._changed:
            self._changed.notify_all()

    async def _end(self, tenant_id: str, subject: str) -> None:
        for name in (tenant_id, subject, ""):
            self.running[name] -= 1
        self.order.append(subject)
        async with self._changed:
            self._changed.notify_all()

    async def until(self, seen: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(seen)

    async def times(self, subject: str, count: int = 1) -> None:
        """Return when this subject has been worked on so often."""
        await self.until(lambda: self.order.count(subject) >= count)


@asynccontextmanager
async def serving(
    url: str, kinds: Mapping[WorkKind, Serve], slots: Slots, heartbeat: Heartbeat = QUICK
) -> AsyncIterator[None]:
    """A worker in this process, stopped gracefully at the end."""
    stop, engine = asyncio.Event(), service_engine(url, pool_size=3)
    due = PostgresDueWork(engine)
    task = asyncio.create_task(run_worker(as_role_dsn(url), due, kinds, slots, stop=stop, heartbeat=heartbeat))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await task
        await engine.dispose()
