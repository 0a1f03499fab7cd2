"""Learn codes from what Spectrum accepted and refused: of sites and contracts no documented service gives a list.

It is made of rows that exist anyway, when the lists are read, so no send costs anything more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKind
from core.model.mappings.code_words import folded
from core.model.mappings.job_record import FIELDS, REFUSED
from core.model.mappings.list_read import LIST_SERVICES
from core.model.mappings.listed_check import Code
from core.model.mappings.listed_code import ListedCode, ListedFrom, ListState, tidy
from core.model.work_orders.work_order import CUSTOMER, SITE, WorkOrderRecord
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_AT_ONCE = 500
_MOST_REFUSALS = 1000


class LearnCodes(Service):
    async def __call__(self, connection: Connection) -> None:
        """Enter the codes of accepted work orders, and take back those that Spectrum refused since. Where
        Spectrum's whole list was read, nothing is to be learned."""
        refused = await self._heed_refusals(connection)
        after: str | None = ""
        while after is not None:
            async with self._transactions.begin(connection.tenant_id) as t:
                records = await t.work_orders.sent(connection.id, limit=_AT_ONCE, after=after)
                accepted = {
                    one.key: one
                    for record in records
                    for one in _codes(record)
                    if one.key not in refused or (record.sent_at and record.sent_at > refused[one.key])
                }
                if accepted:
                    await t.code_lists.take_turn(connection.id)
                    states = await t.code_lists.states(connection.id)
                    await t.connections.get(connection.id)
                    new = [
                        one
                        for one in accepted.values()
                        if one.kind not in LIST_SERVICES or not states[one.kind].complete
                    ]
                    await _contradict(t, connection.id, states, new)
                    await t.code_lists.store(connection.id, new)
            after = records[-1].job_id if len(records) == _AT_ONCE else None

    async def _heed_refusals(self, connection: Connection) -> Mapping[Code, datetime]:
        """A code that an open warning names as refused: one that was learned is removed, another one is marked. Returns
        when each was refused."""
        found: dict[Code, datetime] = {}
        async with self._transactions.begin(connection.tenant_id) as t:
            for cause, kind in REFUSED.items():
                if kind is AliasKind.ITEM:
                    continue
                for warning in await t.warnings.open(limit=_MOST_REFUSALS, code=cause):
                    if warning.connection_id == connection.id:
                        needs = [need for need in warning.needs if need.kind is kind and need.code]
                        found.update(((kind, folded(need.code)), warning.raised_at) for need in needs)
            await t.code_lists.take_turn(connection.id)
            listed = await t.code_lists.of(connection.id, [*found])
            learned = [one.key for one in listed if one.listed_from is ListedFrom.ACCEPTED]
            told = [one for one in listed if one.listed_from is not ListedFrom.ACCEPTED]
            await t.code_lists.remove(connection.id, learned)
            await t.code_lists.store(connection.id, [replace(one, refused_at=found[one.key]) for one in told])
        return found


async def _contradict(
    t: TenantTransaction, connection_id: str, states: Mapping[AliasKind, ListState], accepted: Sequence[ListedCode]
) -> None:
    """A list that somebody called whole lacks a code that Spectrum accepts: it shows no more that a code is missing."""
    asked = [one.key for one in accepted if states[one.kind].complete]
    if not asked:
        return
    listed = {one.key for one in await t.code_lists.of(connection_id, asked)}
    lacking = {one.kind: one.code for one in accepted if states[one.kind].complete and one.key not in listed}
    for kind, code in lacking.items():
        detail = f"Imported from a file as the whole list, but Spectrum accepted {code}, which the file lacks."
        await t.code_lists.set_state(connection_id, replace(states[kind], complete=False, detail=detail))


def _codes(record: WorkOrderRecord) -> Sequence[ListedCode]:
    sent = record.sent or {}
    found = []
    for kind, name in FIELDS.items():
        code = ListedCode(
            kind=kind,
            code=sent.get(name, ""),
            active=None,
            customer_code=sent.get(CUSTOMER, "") if kind is not AliasKind.CUSTOMER else "",
            site_code=sent.get(SITE, "") if kind is AliasKind.CONTRACT else "",
            listed_from=ListedFrom.ACCEPTED,
        )
        if tidied := tidy(code):
            found.append(tidied)
    return found
