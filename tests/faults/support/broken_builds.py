"""Ways to build it wrong, six for lines and two for headers: what the real build passes must catch each of them."""

from __future__ import annotations

import math
import os
import signal
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import update

from adapters.outbound.postgres.connections import PostgresConnections
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.sends import PostgresSends
from adapters.outbound.postgres.tables.sending import cost_lines
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.connections.connection import Connection
from core.model.sending import diagnosis
from core.model.sending.answer import Exchange, Unknown, WriteOutcome
from core.model.sending.lifecycle import decide, header
from core.model.sending.lifecycle.change import Change, LineIntent
from core.model.sending.lifecycle.event import LineBegins
from core.model.sending.lifecycle.facts import Facts
from core.model.sending.lifecycle.lines import line_begins
from core.model.sending.send import Send
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.services.sending.steps import post_line


class Break(StrEnum):
    NO_INTENT = "no intent stored before the call"
    RECOVERY_RE_SENDS = "recovery sends again what was under way"
    TIME_OUT_IS_FAILURE = "a time-out counts as a failure"
    HTTP_REPEAT = "the call is repeated when it breaks off"
    NO_QUIET_PERIOD = "what is not there yet may be called missing at once"
    LOCK_IGNORED = "neither the lease nor the state of the line nor the send's version is looked at"
    NO_HEADER_GATE = "a header leaves however late it is"
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
        Break.NO_WAIT_FOR_HEADER: _no_wait_for_header,
    }[how]()


def pause_before_the_intent() -> None:
    """Not a break: the process stops itself once it has chosen a line, right before it stores the intent."""
    original, paused = PostgresLedger.begin, False

    async def begin(self: PostgresLedger, line_id: str, **details: Any) -> LedgerLine:
        nonlocal paused
        if not paused:
            paused = True
            os.kill(os.getpid(), signal.SIGSTOP)
        return await original(self, line_id, **details)

    PostgresLedger.begin = begin  # type: ignore[method-assign]


def _no_intent() -> None:
    async def begin(self: PostgresLedger, line_id: str, *, attempt_id: str, **_: Any) -> LedgerLine:
        return replace(await self.get(line_id), attempt_id=attempt_id)

    PostgresLedger.begin = begin  # type: ignore[method-assign]


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
    original = PostgresLedger.begin

    async def begin(self: PostgresLedger, line_id: str, **details: Any) -> LedgerLine:
        return await original(self, line_id, **{**details, "quiet": timedelta()})

    PostgresLedger.begin = begin  # type: ignore[method-assign]


def _lock_ignored() -> None:
    save = PostgresSends.save

    async def lock(self: PostgresConnections, connection_id: str, epoch: int | None = None) -> Connection:
        return await self.get(connection_id)

    async def save_whatever_it_is_now(self: PostgresSends, send: Send) -> Send:
        return await save(self, replace(send, version=(await self.get(send.id)).version))

    async def begin(self: PostgresLedger, line_id: str, *, attempt_id: str, **_: Any) -> LedgerLine:
        await self._connection.execute(
            update(cost_lines)
            .where(cost_lines.c.id == line_id)
            .values(state=LineState.SENDING.value, attempt_id=attempt_id)
        )
        return await self.get(line_id)

    PostgresConnections.lock = lock  # type: ignore[method-assign]
    PostgresSends.save = save_whatever_it_is_now  # type: ignore[method-assign]
    PostgresLedger.begin = begin  # type: ignore[method-assign]


def _no_header_gate() -> None:
    original = SoapSpectrum.write_header

    async def write_header(self: SoapSpectrum, *call: Any, **_: Any) -> Exchange:
        return await original(self, *call, leave_by=math.inf)

    SoapSpectrum.write_header = write_header  # type: ignore[method-assign]


def _no_wait_for_header() -> None:
    vars(header)["_gate_open_elsewhere"] = lambda *_: None
