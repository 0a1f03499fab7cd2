"""Six ways to build it wrong. The scenarios and the judge that pass the real build must catch each of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import update

from adapters.outbound.postgres.connections import PostgresConnections
from adapters.outbound.postgres.ledger import PostgresLedger
from adapters.outbound.postgres.tables import cost_lines
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model import line_outcome
from core.model.answer import Exchange, Unknown, WriteOutcome
from core.model.cost_line import LedgerLine, LineState
from core.model.send import Send
from core.services import post_lines
from core.services.post_lines import PostLines
from ports.transactions import TenantTransaction


class Break(StrEnum):
    NO_INTENT = "no intent stored before the call"
    RECOVERY_RE_SENDS = "recovery sends again what was under way"
    TIME_OUT_IS_FAILURE = "a time-out counts as a failure"
    HTTP_REPEAT = "the call is repeated when it breaks off"
    NO_QUIET_PERIOD = "what is not there yet may be called missing at once"
    LOCK_IGNORED = "the lease and the state of the line are not looked at"


def break_build(how: Break) -> None:
    """Break this process for good."""
    {
        Break.NO_INTENT: _no_intent,
        Break.RECOVERY_RE_SENDS: _recovery_re_sends,
        Break.TIME_OUT_IS_FAILURE: _time_out_is_failure,
        Break.HTTP_REPEAT: _http_repeat,
        Break.NO_QUIET_PERIOD: _no_quiet_period,
        Break.LOCK_IGNORED: _lock_ignored,
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

    async def answer(
        self: PostgresLedger, line_id: str, attempt_id: str, state: LineState, **_: Any
    ) -> LineState | None:
        await self._change(line_id, state=state.value, attempt_id=attempt_id)
        return LineState.SENDING

    PostgresLedger.begin = begin  # type: ignore[method-assign]
    PostgresLedger.answer = answer  # type: ignore[method-assign]


def _recovery_re_sends() -> None:
    async def own_up(
        self: PostLines, t: TenantTransaction, send: Send, unclear: Sequence[LedgerLine]
    ) -> Sequence[LedgerLine]:
        for line in unclear:
            await t.ledger.answer(line.id, line.attempt_id or "", LineState.PLANNED)
        return []

    PostLines._own_up = own_up  # type: ignore[method-assign]


def _time_out_is_failure() -> None:
    def line_state(outcome: WriteOutcome) -> LineState:
        return LineState.PLANNED if isinstance(outcome, Unknown) else line_outcome.line_state(outcome)

    vars(post_lines)["line_state"] = line_state


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
    async def confirm_epoch(self: PostgresConnections, connection_id: str, epoch: int) -> None:
        """Anybody may."""

    async def begin(self: PostgresLedger, line_id: str, *, attempt_id: str, **_: Any) -> LedgerLine:
        await self._connection.execute(
            update(cost_lines)
            .where(cost_lines.c.id == line_id)
            .values(state=LineState.SENDING.value, attempt_id=attempt_id)
        )
        return await self.get(line_id)

    PostgresConnections.confirm_epoch = confirm_epoch  # type: ignore[method-assign]
    PostgresLedger.begin = begin  # type: ignore[method-assign]
