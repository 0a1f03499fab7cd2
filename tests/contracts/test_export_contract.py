"""The export of a tenant: its own rows as JSON, with no secret."""

from __future__ import annotations

import json

from core.model.operations.audit import AuditEntry
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, PLANTED, a_person, a_send


async def test_only_the_tenants_own_rows_are_exported_and_no_secret(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send())
        await t.people.add(a_person())
        await t.audit.record(AuditEntry(NOW, "ann", "send.retried", "snd_1"))
    exported = [(kind, json.loads(row)) async for kind, row in transactions.exported("ten_1")]
    kinds = dict(exported)
    assert {"tenants", "connections", "people", "sends", "audit"} <= kinds.keys()
    assert (kinds["tenants"]["id"], kinds["sends"]["job_id"], kinds["people"]["email"]) == (
        "ten_1",
        "1",
        "ann1@example.com",
    )
    text = json.dumps(exported)
    assert "con_2" not in text
    assert [secret for secret in PLANTED if secret in text] == []
    assert [kind async for kind, _ in transactions.exported("ten_2") if kind == "sends"] == []
