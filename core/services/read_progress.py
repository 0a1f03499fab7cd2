"""How far sends have come, read for many at once: with their own rows of the ledger, in at most one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from core.model.connections.connection import Connection
from core.model.sending.outcome_words import outcome_words
from core.model.sending.progress import Progress, progress_of
from core.model.sending.send import DashboardWarning, Send
from core.model.work_orders.cost_line import ItemsMode, LedgerLine
from ports.storage.transactions import TenantTransaction


async def progress_of_all(t: TenantTransaction, sends: Collection[Send]) -> Mapping[str, Progress]:
    """By the id of the send."""
    lines: Mapping[str, list[LedgerLine]] = defaultdict(list)
    with_items = [send.id for send in sends if send.items is not ItemsMode.NONE]
    for line in await t.ledger.of_sends(with_items) if with_items else ():
        lines[line.send_id].append(line)
    return {send.id: progress_of(send, lines[send.id]) for send in sends}


async def with_outcomes(
    t: TenantTransaction, warnings: Sequence[DashboardWarning], connections: Iterable[Connection]
) -> Sequence[DashboardWarning]:
    """The warnings, each with what became of its send."""
    names = {connection.id: connection.name for connection in connections}
    of_sends = {warning.send_id for warning in warnings if warning.send_id}
    sends = await t.sends.some(of_sends) if of_sends else ()
    progress = await progress_of_all(t, sends)
    said = {send.id: outcome_words(send, progress[send.id], names[send.connection_id]) for send in sends}
    return [replace(warning, outcome=said.get(warning.send_id, "")) for warning in warnings]
