"""Enter documents and added texts on an account of their work order, where other connections and tenants see them."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.connections.connection import Connection
from core.model.connections.same_company import digest_of
from core.model.planning.account import EntryState, entry_key, own_addition_accounts
from core.model.work_orders.annotation import AnnotationState, WrittenAnnotation, file_key, is_addition
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.send_changes import AccountLine
from ports.storage.transactions import TenantTransaction


def addition_id(connection_id: str, job_id: str, key: str) -> str:
    """The id of one addition of a job on a connection: the same whenever it is asked for."""
    return "ann_" + digest_of("addition", connection_id, job_id, key).hex()[:26]


def addition_entries(
    connection: Connection, before: WorkOrderRecord | None, after: WorkOrderRecord | None, number: str | None = None
) -> Iterator[AccountLine]:
    """The entries that a change of the record makes, to be stored together with it. What is not in Spectrum leaves the
    accounts. `number` is the work order's, if the record has none yet."""
    number = (after.number if after else None) or number
    if after is None or not number:
        return
    known = before.annotations if before else {}
    changed = {key for key in {*known, *after.annotations} if known.get(key) != after.annotations.get(key)}
    for key in sorted(key for key in changed if is_addition(key)):
        one_id, written = addition_id(connection.id, after.job_id, key), after.annotations.get(key)
        if written is None or not written.stands:
            if key in known:
                yield from (AccountLine(one_id), AccountLine(f"{one_id}/file"))
            continue
        yield from _entered(connection, number, one_id, key, written)
        if written.content_hash:
            file = file_key(written.content_hash, written.text)
            yield from _entered(connection, number, f"{one_id}/file", file, written)


async def enter_additions(
    t: TenantTransaction, connection: Connection, before: WorkOrderRecord | None, after: WorkOrderRecord
) -> None:
    """The same in the transaction that stores the record. With `before` None, all of them are entered."""
    entries = list(addition_entries(connection, before, after))
    await t.ledger.leave([entry.line_id for entry in entries if entry.state is None])
    for entry in entries:
        if entry.state:
            await t.ledger.enter(entry.account, connection.id, {entry.line_id: (entry.item, entry.state)})


def _entered(
    connection: Connection, number: str, one_id: str, key: str, written: WrittenAnnotation
) -> Iterator[AccountLine]:
    state = EntryState.STANDS if written.state is AnnotationState.WRITTEN else EntryState.OPEN
    for account in own_addition_accounts(connection, number):
        yield AccountLine(one_id, account, entry_key(account, key), state)
