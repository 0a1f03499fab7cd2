"""Counts of a tenant's jobs. What `count_jobs` means is in migrations/sql/counting.sql."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import DateTime, Row, and_, bindparam, case, delete, false, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from adapters.outbound.postgres.records import cause_in
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.sending import closed_days, sends
from core.model.operations.job_counts import (
    OUTCOMES,
    CauseTally,
    JobCounts,
    OpenSend,
    Outcome,
    Tally,
    Waiting,
)
from core.model.sending.send import SendState
from ports.storage.operations.counts import Counts

_JOBS = text("SELECT * FROM count_jobs(:tenant)")
CLOSED_AFTER = timedelta(hours=2)
"""How long a day is over before its counts are kept. See migrations/sql/counting.sql."""
ATTENTION, NEW_RECORDS, UNCLEAR = "attention", "new_records", "unclear_annotations"
"""The rows of `count_jobs` with all jobs that wait for a person, and with the new records that do."""
# Not made of expressions: with them, most of its time would go into making the statement.
_OPEN = text("""
SELECT s.*, a.waiting
FROM unnest(CAST(:groups AS text[]), CAST(:states AS text[]), CAST(:codes AS text[])) a (waiting, state, code)
CROSS JOIN LATERAL (
    SELECT n.id, n.seq, n.job_id, n.job_number, n.connection_id, n.requested_at, n.due_at, n.findings,
        n.work_order_number
    FROM sends n WHERE n.tenant_id = :tenant AND n.state = a.state AND n.cause = a.code AND (
        a.state <> 'retrying'
        OR (n.due_at IS NULL OR n.connection_id = ANY (CAST(:stopped AS text[]))) = (a.waiting = 'stopped'))
    ORDER BY n.seq DESC LIMIT :each
) s
ORDER BY s.seq DESC
""")
_OUTCOME = case({state.value: outcome.value for state, outcome in OUTCOMES.items()}, value=sends.c.state)
_COUNTED = tuple(state.value for state in OUTCOMES)
_UNDER_WAY = tuple(state.value for state in SendState if not state.settled)


class PostgresCounts(Repository, Counts):
    async def jobs(self) -> JobCounts:
        rows = (await self._connection.execute(_JOBS, {"tenant": self._tenant_id})).all()
        return counts_of(rows)

    async def waiting(self, connection_ids: Collection[str]) -> Mapping[str, int]:
        if not connection_ids:
            return {}
        # Through the index of what is to do. OFFSET keeps other conditions out, which would choose another one.
        due = (
            select(sends.c.connection_id, sends.c.job_id, sends.c.state)
            .where(sends.c.connection_id.in_(connection_ids), sends.c.due_at.is_not(None))
            .offset(0)
            .subquery()
        )
        jobs = select(due.c.connection_id, func.count(due.c.job_id.distinct())).where(due.c.state.in_(_UNDER_WAY))
        found = await self._connection.execute(jobs.group_by(due.c.connection_id))
        return {row[0]: row[1] for row in found}

    async def days(self, bounds: Sequence[datetime]) -> Sequence[Mapping[Outcome, int]]:
        spans = list(pairwise(bounds))
        closed = await self._closed(bounds)
        first_open = next((number for number, span in enumerate(spans) if span not in closed), None)
        if first_open is None:
            return [closed[span] for span in spans]
        return [*(closed[span] for span in spans[:first_open]), *await self._counted(bounds[first_open:])]

    async def close_days(self, bounds: Sequence[datetime]) -> None:
        now: datetime = await self._value(select(func.now()))
        over = [at for at in bounds if at <= now - CLOSED_AFTER]
        closed = await self._closed(over)
        missing = [span for span in pairwise(over) if span not in closed]
        if not missing:
            return
        await self._run(select(func.pg_advisory_xact_lock(func.hashtextextended(f"closed_days:{self._tenant_id}", 0))))
        await self._run(delete(closed_days).where(self._ours(closed_days), closed_days.c.ends_at < bounds[0]))
        for start, end in missing:  # no others: changes of older sends wait while we count
            [jobs] = await self._counted((start, end))
            row = {"tenant_id": self._tenant_id, "starts_at": start, "ends_at": end, "jobs": jobs}
            await self._run(insert(closed_days).values(row).on_conflict_do_nothing())

    async def _closed(self, bounds: Sequence[datetime]) -> Mapping[tuple[datetime, datetime], Mapping[Outcome, int]]:
        within = and_(closed_days.c.starts_at >= bounds[0], closed_days.c.ends_at <= bounds[-1]) if bounds else false()
        rows = await self._rows(select(closed_days).where(self._ours(closed_days), within))
        return {
            (row["starts_at"], row["ends_at"]): {Outcome(one): jobs for one, jobs in row["jobs"].items()}
            for row in rows
        }

    async def _counted(self, bounds: Sequence[datetime]) -> Sequence[Mapping[Outcome, int]]:
        """The same as `days`, from the sends themselves."""
        moment = sends.c.requested_at
        day = func.width_bucket(moment, bindparam("bounds", list(bounds), ARRAY(DateTime(timezone=True))))
        of_a_day = (
            select(day.label("day"), _OUTCOME.label("outcome"), sends.c.job_id)
            .where(self._ours(sends), moment >= bounds[0], moment < bounds[-1], sends.c.state.in_(_COUNTED))
            .distinct()
            .subquery()
        )
        counted = select(of_a_day.c.day, of_a_day.c.outcome, func.count()).group_by(of_a_day.c.day, of_a_day.c.outcome)
        found: list[dict[Outcome, int]] = [{} for _ in bounds[1:]]
        for number, outcome, jobs in await self._connection.execute(counted):
            found[number - 1][Outcome(outcome)] = jobs
        return found

    async def open_sends(
        self, causes: Collection[tuple[Waiting, str]], *, each: int, stopped: Collection[str]
    ) -> Sequence[OpenSend]:
        if not causes:
            return ()
        asked = sorted({(waiting.value, _state(waiting), code) for waiting, code in causes})
        groups, states, codes = zip(*asked, strict=True)
        given = {"groups": list(groups), "states": list(states), "codes": list(codes), "stopped": list(stopped)}
        rows = await self._connection.execute(_OPEN, given | {"tenant": self._tenant_id, "each": each})
        return [_open_send(row) for row in rows.mappings()]


def counts_of(rows: Sequence[Row[Any]]) -> JobCounts:
    """What the rows of `count_jobs` say."""
    groups, causes, beside = dict.fromkeys(Waiting, Tally()), [], {ATTENTION: 0, NEW_RECORDS: 0, UNCLEAR: 0}
    for row in rows:
        tally = Tally(row.jobs, row.sends, row.items)
        if row.waiting in beside:
            beside[row.waiting] = row.jobs
        elif row.whole:
            groups[Waiting(row.waiting)] = tally
        else:
            cause = CauseTally(
                waiting=Waiting(row.waiting), code=row.cause, tally=tally, oldest=row.oldest, next_try=row.next_try
            )
            causes.append(cause)
    causes.sort(key=lambda one: (-one.tally.jobs, one.code, one.waiting))
    return JobCounts(groups=groups, causes=causes, **beside)


def _jobs(stored: Mapping[str, int]) -> Mapping[Outcome, int]:
    return {Outcome(name): jobs for name, jobs in stored.items()}


def _state(waiting: Waiting) -> str:
    """The state of the sends of a group."""
    return SendState.RETRYING.value if waiting is Waiting.STOPPED else waiting.value


def _open_send(row: Any) -> OpenSend:
    return OpenSend(
        send_id=row["id"],
        job_id=row["job_id"],
        connection_id=row["connection_id"],
        waiting=Waiting(row["waiting"]),
        requested_at=row["requested_at"],
        finding=cause_in(row["findings"]),
        job_number=row["job_number"],
        work_order_number=row["work_order_number"],
        due_at=row["due_at"],
    )
