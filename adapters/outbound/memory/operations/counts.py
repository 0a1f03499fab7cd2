"""Counts of a tenant's jobs, in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from adapters.outbound.memory.repository import Repository
from core.model.operations.job_counts import OUTCOMES, CauseTally, JobCounts, OpenSend, Outcome, Tally, Waiting
from core.model.sending.send import Send, SendState, cause_of
from core.model.work_orders.annotation import AnnotationState
from core.model.work_orders.cost_line import LineState
from ports.storage.operations.counts import Counts

_DOUBT = "IN_DOUBT_POST"


class _Open(NamedTuple):
    """A send that is open, or a line in doubt."""

    waiting: Waiting
    code: str
    job_id: str
    at: datetime | None
    due_at: datetime | None
    is_send: bool


class MemoryCounts(Repository, Counts):
    async def jobs(self) -> JobCounts:
        found = list(self._open())
        causes: dict[tuple[Waiting, str], list[_Open]] = defaultdict(list)
        for one in found:
            causes[one.waiting, one.code].append(one)
        tallies = [
            CauseTally(
                waiting=waiting,
                code=code,
                tally=_tally(of_cause),
                oldest=min((one.at for one in of_cause if one.at), default=None),
                next_try=min((one.due_at for one in of_cause if one.due_at), default=None)
                if waiting is Waiting.RETRYING
                else None,
            )
            for (waiting, code), of_cause in causes.items()
        ]
        return JobCounts(
            attention=len({one.job_id for one in found if one.waiting.for_a_person}),
            groups={group: _tally([one for one in found if one.waiting is group]) for group in Waiting},
            causes=sorted(tallies, key=lambda one: (-one.tally.jobs, one.code, one.waiting)),
            new_records=sum(
                one.needs_person for one in self._rows.creations.values() if one.tenant_id == self._tenant_id
            ),
            unclear_annotations=sum(
                written.state is AnnotationState.UNCLEAR
                for record in self._rows.work_orders.values()
                if record.tenant_id == self._tenant_id
                for written in record.annotations.values()
            ),
        )

    async def waiting(self, connection_ids: Collection[str]) -> Mapping[str, int]:
        jobs: dict[str, set[str]] = defaultdict(set)
        for send in self._sends():
            if send.connection_id in connection_ids and send.due_at and not send.state.settled:
                jobs[send.connection_id].add(send.job_id)
        return {connection_id: len(found) for connection_id, found in jobs.items()}

    async def days(self, bounds: Sequence[datetime]) -> Sequence[Mapping[Outcome, int]]:
        jobs: list[dict[Outcome, set[str]]] = [defaultdict(set) for _ in bounds[1:]]
        for send in self._sends():
            if bounds[0] <= send.requested_at < bounds[-1] and (outcome := OUTCOMES.get(send.state)):
                jobs[bisect_right(bounds, send.requested_at) - 1][outcome].add(send.job_id)
        return [{outcome: len(found) for outcome, found in day.items()} for day in jobs]

    async def close_days(self, bounds: Sequence[datetime]) -> None:
        """Nothing is slow here, so nothing is kept."""

    async def open_sends(
        self, causes: Collection[tuple[Waiting, str]], *, each: int, stopped: Collection[str]
    ) -> Sequence[OpenSend]:
        taken: dict[tuple[Waiting, str], list[OpenSend]] = {cause: [] for cause in causes}
        for send in sorted(self._sends(), key=lambda send: -send.seq):
            waiting = _waiting(send, stops=send.connection_id in stopped)
            of_cause = taken.get((waiting, _code(send))) if waiting else None
            if waiting and of_cause is not None and len(of_cause) < each:
                of_cause.append(_open_send(send, waiting))
        found = [send for of_cause in taken.values() for send in of_cause]
        return sorted(found, key=lambda one: -self._rows.sends[one.send_id].seq)

    def _open(self) -> Iterator[_Open]:
        paused = self._rows.tenants[self._tenant_id].tenant.paused
        for send in self._sends():
            stops = paused or self._rows.connections[send.connection_id].connection.stopped
            if waiting := _waiting(send, stops=stops):
                yield _Open(waiting, _code(send), send.job_id, send.requested_at, send.due_at, True)
        for line in self._rows.ledger.values():
            if line.tenant_id == self._tenant_id and line.state is LineState.IN_DOUBT:
                yield _Open(Waiting.IN_DOUBT, _DOUBT, line.job_id, line.sent_at, None, False)

    def _sends(self) -> Iterator[Send]:
        return (send for send in self._rows.sends.values() if send.tenant_id == self._tenant_id)


def _tally(found: Sequence[_Open]) -> Tally:
    sends = sum(one.is_send for one in found)
    return Tally(len({one.job_id for one in found}), sends, len(found) - sends)


def _code(send: Send) -> str:
    cause = cause_of(send.findings)
    return cause.code if cause else ""


def _waiting(send: Send, *, stops: bool) -> Waiting | None:
    if send.state is SendState.RETRYING:
        return Waiting.STOPPED if stops or not send.due_at else Waiting.RETRYING
    return Waiting(send.state.value) if send.state in (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT) else None


def _open_send(send: Send, waiting: Waiting) -> OpenSend:
    return OpenSend(
        send_id=send.id,
        job_id=send.job_id,
        connection_id=send.connection_id,
        waiting=waiting,
        requested_at=send.requested_at,
        finding=cause_of(send.findings),
        job_number=send.job_number,
        work_order_number=send.work_order_number,
        due_at=send.due_at,
    )
