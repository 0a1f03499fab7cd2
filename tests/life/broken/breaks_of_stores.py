"""Faults put back into what a send stands on: stores, clocks, gates, completions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from adapters.outbound.memory.ledger import MemoryLedger
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.memory.send_changes import MemorySendChanges
from adapters.outbound.postgres.server import failures
from core.model.connections.connection import Connection
from core.model.sending.lifecycle import acts
from core.services.connections.start_trigger import started
from core.services.planning import plan_send
from ports.storage.send_changes import FactsQuery
from tests.life.broken.breaks_of_sends import Fault, all_of, answers, put
from tests.life.stages import memory_remotes, times


def gives_back_of_others() -> Fault:
    """Of every send on the same work orders."""
    real = MemoryLedger.give_back

    async def give_back(self: Any, send_id: str) -> Any:
        numbers = {line.work_order_number for line in await self.of_send(send_id)}
        freed = list(await real(self, send_id))
        for line in list(self._ours()):
            if line.work_order_number in numbers and line.state.open and line.takes_place and line.send_id:
                freed.append(line.id)
                self._rows.ledger[line.id] = replace(line, given_back=True)
        return freed

    return patch.object(MemoryLedger, "give_back", give_back)


def account_of_the_job_only() -> Fault:
    real = MemoryLedger.on_account

    async def on_account(self: Any, connection_id: str, job_id: str, number: str) -> Any:
        return [line for line in await real(self, connection_id, job_id, number) if line.job_id == job_id]

    return patch.object(MemoryLedger, "on_account", on_account)


def any_epoch() -> Fault:
    real = MemorySendChanges.facts

    async def facts(self: Any, query: FactsQuery) -> Any:
        return await real(self, replace(query, epoch=None))

    return patch.object(MemorySendChanges, "facts", facts)


def no_gate(call: str) -> Fault:
    """Calls of this kind leave however late it is."""
    real = getattr(memory_remotes.FatefulSpectrum, call)

    async def through(self: Any, *given: Any, **leave_by: Any) -> Any:
        open_gates = all_of(
            patch.object(MemorySpectrum, "_too_late", lambda *_: False),
            patch.object(memory_remotes, "gone_by", lambda *_: False),
        )
        with open_gates:
            return await real(self, *given, **leave_by)

    return patch.object(memory_remotes.FatefulSpectrum, call, through)


def planner_sees_the_job_only() -> Fault:
    """The planner, not the decision: what stands on the number is planned as new, and what is stored says no."""
    real = plan_send._account

    def account(job_id: str, standing: Any, *rest: Any) -> Any:
        of_job = [line for line in standing.lines if line.job_id == job_id]
        return real(job_id, replace(standing, lines=of_job), *rest)

    return patch.object(plan_send, "_account", account)


def places_taken_twice() -> Fault:
    async def save(self: Any, lines: Any) -> None:
        self._rows.ledger.update({line.id: line for line in lines})

    return patch.object(MemoryLedger, "save", save)


def machine_time() -> Fault:
    """The quiet period is held against this machine's clock."""
    now: list[times.LifeClock] = []
    real = times.LifeClock.__init__

    def remembered(self: Any, *args: Any) -> None:
        real(self, *args)
        now[:] = [self]

    return all_of(
        patch.object(times.LifeClock, "__init__", remembered),
        patch.object(acts, "quiet", lambda line, _: line.quiet_until is not None and now[0].now() >= line.quiet_until),
    )


def start_moved_back_unheeded() -> Fault:
    return put("adapters.outbound.memory.following.MemoryCompletions", "go_back", answers(None))


def trigger_keeps_its_start() -> Fault:
    def kept(wanted: Connection, before: Connection | None, now: datetime) -> Connection:
        return wanted if before else started(wanted, before, now)

    return put("core.services.connections.manage_connection", "started", kept)


def corrected_date_is_a_completion() -> Fault:
    return put("core.services.tenants.sync_completions", "_items", lambda connection, _: connection.items_on_resend)


def failing_poll_is_silent() -> Fault:
    return put("core.services.tenants.poll_changes.WarnOfCompletions", "poll_failed", answers(None))


def commits_as_the_server_likes() -> Fault:
    return put("adapters.outbound.postgres.transactions", "_BEGIN", b"BEGIN; SELECT set_config(%s, %s, true), 1")


def read_only_is_no_passing_trouble() -> Fault:
    real = failures.passing

    def passing(error: Any) -> Any:
        return None if failures.read_only(getattr(error, "orig", error)) else real(error)

    return put("adapters.outbound.postgres.transactions", "passing", passing)
