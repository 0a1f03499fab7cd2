"""Due work of all tenants: the workers admit it through one database function (migrations/sql/due_work.sql)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.failures import unreachable
from ports.storage.due_work import Admission, DueSubject, DueWork, Slots, WorkKind

STALLED_SECONDS = 12.0
"""A worker without a heartbeat for this time counts as dead."""
LONGEST_PAUSE = 60.0
"""Seconds. The first failure is followed by a second, each further one by twice as long as the last."""

_ADMIT = text(
    "SELECT slots_short, at_share, next_in FROM admit_due("
    " CAST(:kinds AS text[]), CAST(:worker AS bigint), :slots, :share, make_interval(secs => :stalled))"
)
_AS_TENANT = text("SELECT set_config('app.tenant', :tenant_id, true)")
_PUT_BACK = text("UPDATE due_work SET due_at = now(), failures = 0 WHERE kind = :kind AND subject = :subject")
_POSTPONE = text(
    "UPDATE due_work SET failures = failures + 1,"
    " due_at = now() + make_interval(secs => least(2 ^ least(failures, 30), :longest))"
    " WHERE kind = :kind AND subject = :subject"
)
_ALIVE = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat"
    " BETWEEN now() - make_interval(secs => :stalled) AND now() + make_interval(secs => :stalled)"
)


class PostgresDueWork(DueWork):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # The admission takes a lock of the whole installation. As one statement without BEGIN and COMMIT it holds that
        # for as long as the server works on it, also if this process freezes or loses its network meanwhile.
        self._single_statement = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def admit(
        self, kinds: Collection[WorkKind], slots: Slots, *, worker_id: int | None, stalled: float
    ) -> Admission:
        asked = {
            "kinds": list(kinds),
            "worker": worker_id,
            "slots": slots.total,
            "share": slots.of_a_tenant,
            "stalled": stalled,
        }
        async with self._single_statement.connect() as connection:
            row = (await connection.execute(_ADMIT, asked)).one()
        return Admission(row.slots_short, frozenset(row.at_share), row.next_in)

    async def put_back(self, work: DueSubject) -> None:
        await self._change(work, _PUT_BACK)

    async def postpone(self, work: DueSubject) -> None:
        await self._change(work, _POSTPONE, longest=LONGEST_PAUSE)

    async def _change(self, work: DueSubject, change: TextClause, **more: float) -> None:
        """Only the tenant may change its rows."""
        async with self._engine.begin() as connection:
            await connection.execute(_AS_TENANT, {"tenant_id": work.tenant_id})
            await connection.execute(change, {"kind": work.kind, "subject": work.subject, **more})


async def workers_alive(url: str, *, stalled: float = STALLED_SECONDS) -> int:
    """Count the workers with a heartbeat in the last `stalled` seconds. One that is in the future by more than that, as
    the server's clock was set back, says nothing. Raises OperatorMends (DATABASE_UNREACHABLE)."""
    engine = service_engine(url)
    try:
        async with engine.connect() as connection:
            return int((await connection.execute(_ALIVE, {"stalled": stalled})).scalar_one())
    except DBAPIError as error:
        raise unreachable(error) from error
    finally:
        await engine.dispose()
