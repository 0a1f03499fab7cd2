"""Ways to build it wrong, for lines, headers and what else is added: what the real build passes must catch each."""

from __future__ import annotations

import math
import os
import signal
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from adapters.outbound.postgres.changes.send_changes import PostgresSendChanges
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.sending import diagnosis
from core.model.sending.answer import Exchange, Unknown, WriteOutcome
from core.model.sending.lifecycle import decide, header, planned
from core.model.sending.lifecycle.change import Change, LineIntent
from core.model.sending.lifecycle.event import LineBegins
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.lines import line_begins
from core.model.sending.send import Send
from core.model.work_orders.cost_line import LineState
from core.services.sending.steps import post_line
from ports.storage.send_changes import FactsQuery, StoredChange, StoredFacts, StoredOutcome


class Break(StrEnum):
    NO_INTENT = "no intent stored before the call"
    RECOVERY_RE_SENDS = "recovery sends again what was under way"
    TIME_OUT_IS_FAILURE = "a time-out counts as a failure"
    HTTP_REPEAT = "the call is repeated when it breaks off"
    NO_QUIET_PERIOD = "what is not there yet may be called missing at once"
    LOCK_IGNORED = "neither the lease nor the state of the line nor the send's version is looked at"
    NO_HEADER_GATE = "a header leaves however late it is"
    NO_GATE_FOR_ADDITIONS = "a task, a new site or a document leaves however late it is"
    NO_WAIT_FOR_HEADER = "nobody waits until another worker's header can no longer leave"


def break_build(how: Break) -> None:
    """Break this process for good."""
    {
        Break.NO_INTENT: _no_intent,
        Break.RECOVERY_RE_SENDS: _recovery_re_sends,
        Break.TIME_OUT_IS_FAILURE: _time_out_is_failure,
        Break.HTTP_REPEAT: _http_repeat,
        Break.NO_QUIET_PERIOD: _no_quiet_period,
        Break.LOCK_IGNORED: _lock_ignored,
        Break.NO_HEADER_GATE: _no_header_gate,
        Break.NO_GATE_FOR_ADDITIONS: _no_gate_for_additions,
        Break.NO_WAIT_FOR_HEADER: _no_wait_for_header,
    }[how]()


def pause_before_the_intent() -> None:
    """Not a break: the process stops itself once it has chosen a line, right before it stores the intent."""
    original, paused = PostgresSendChanges.store, False

    async def store(self: PostgresSendChanges, change: StoredChange) -> StoredOutcome:
        nonlocal paused
        if change.intent and not paused:
            paused = True
            os.kill(os.getpid(), signal.SIGSTOP)
        return await original(self, change)

    _replace_store(store)


def _replace_store(store: Any) -> None:
    """Also as the last act of a transaction."""

    async def conclude(self: PostgresSendChanges, change: StoredChange, take: Any = None) -> StoredOutcome:
        outcome: StoredOutcome = await store(self, change)
        return replace(outcome, following=await self.next_due(change.send.connection_id, take)) if take else outcome

    PostgresSendChanges.store = store  # type: ignore[method-assign]
    PostgresSendChanges.conclude = conclude  # type: ignore[method-assign]


def _no_intent() -> None:
    original = PostgresSendChanges.store

    async def store(self: PostgresSendChanges, change: StoredChange) -> StoredOutcome:
        outcome = await original(self, replace(change, intent=None))
        if change.intent is None:
            return outcome
        send = change.send
        query = FactsQuery(send_id=send.id, job_id=send.job_id, connection_id=send.connection_id, own_lines=True)
        lines = (await self.facts(query)).lines
        line = next(line for line in lines if line.id == change.intent.line_id)
        counted = await self._calls.connection.execute(
            "UPDATE connections SET intents = intents + 1 WHERE id = %s RETURNING intents", (send.connection_id,)
        )
        intent = (await counted.fetchone() or (0,))[0]
        return replace(outcome, begun=replace(line, attempt_id=change.intent.attempt_id), intent=intent)

    _replace_store(store)


def _recovery_re_sends() -> None:
    def begins(send: Send, event: LineBegins, facts: Facts) -> Change:
        if unclear := facts.unclear_of(send.id):
            again = replace(unclear[0], state=LineState.PLANNED, attempt_id=None)
            return Change(send=send, lines=(again,), intent=LineIntent(again, event.attempt_id))
        return line_begins(send, event, facts)

    vars(decide)["_RULES"][LineBegins] = begins


def _time_out_is_failure() -> None:
    def line_state(outcome: WriteOutcome) -> LineState:
        return LineState.PLANNED if isinstance(outcome, Unknown) else diagnosis.line_state(outcome)

    vars(post_line)["line_state"] = line_state


def _http_repeat() -> None:
    original = SoapSpectrum.add_line

    async def add_line(self: SoapSpectrum, *call: Any, **details: Any) -> Exchange:
        exchange = await original(self, *call, **details)
        return await original(self, *call, **details) if isinstance(exchange.outcome, Unknown) else exchange

    SoapSpectrum.add_line = add_line  # type: ignore[method-assign]


def _no_quiet_period() -> None:
    original = PostgresSendChanges.store

    async def store(self: PostgresSendChanges, change: StoredChange) -> StoredOutcome:
        intent = change.intent and replace(change.intent, quiet=timedelta())
        return await original(self, replace(change, intent=intent))

    _replace_store(store)


def _lock_ignored() -> None:
    read, original = PostgresSendChanges.facts, PostgresSendChanges.store

    async def facts(self: PostgresSendChanges, query: FactsQuery) -> StoredFacts:
        found = await read(self, replace(query, epoch=None))
        await self._calls.connection.execute("ROLLBACK")  # with it goes the lock
        await self._calls.connection.execute("BEGIN")
        await self._calls.connection.execute("SELECT begin_tenant(%s)", (self._calls.tenant_id,))
        return found

    async def store(self: PostgresSendChanges, change: StoredChange) -> StoredOutcome:
        send = change.send
        query = FactsQuery(send_id=send.id, job_id=send.job_id, connection_id=send.connection_id, read_send=True)
        present = (await read(self, query)).send
        if change.intent:
            await self._calls.connection.execute(
                "UPDATE cost_lines SET state = 'planned' WHERE id = %s", (change.intent.line_id,)
            )
        version = present.version if present else send.version
        return await original(self, replace(change, send=replace(send, version=version)))

    PostgresSendChanges.facts = facts  # type: ignore[method-assign]
    _replace_store(store)


def _no_header_gate() -> None:
    original = SoapSpectrum.write_header

    async def write_header(self: SoapSpectrum, *call: Any, **_: Any) -> Exchange:
        return await original(self, *call, leave_by=math.inf)

    SoapSpectrum.write_header = write_header  # type: ignore[method-assign]


def _no_gate_for_additions() -> None:
    def without(name: str) -> None:
        original = getattr(SoapSpectrum, name)

        async def add(self: SoapSpectrum, *call: Any, **_: Any) -> Exchange:
            exchange: Exchange = await original(self, *call, leave_by=math.inf)
            return exchange

        setattr(SoapSpectrum, name, add)

    without("add_record")
    without("add_document")


def _no_wait_for_header() -> None:
    for module in (header, planned):
        vars(module)["gate_open_elsewhere"] = lambda *_: None
