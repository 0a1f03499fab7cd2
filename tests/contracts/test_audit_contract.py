"""The audit: who, with the name at that time, of tenants and of operators; also what a request says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.access.person import Role
from core.model.connections.connection_state import ConnectionTest
from core.model.operations.audit import AuditEntry, AuditFilter
from core.model.sending.lifecycle.change import Act
from core.model.sending.new_send import NewSend
from core.model.sending.send import SendState
from ports.storage.mappings.suggestions import RecordFilter
from ports.storage.send_requests import BoundKey, RequestedSends
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW, a_person
from tests.support.suggestion_scene import suggested

ANN = replace(a_person(), email="ann@example.com", name="Ann Lee")
OPS = replace(a_person(tenant_id=None, role=Role.OPERATOR), id="per_ops", email="ops@example.com", name="Olga Ops")
ACT = Act("ann@example.com", "send.requested", "snd_1", {"job": "1"})
REQUEST = RequestedSends(
    slug="main-1", sends=[NewSend(id="snd_1", job_id="1", requested_by="ann@example.com")], act=ACT
)


async def people(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.people.add(ANN)
    async with transactions.begin_instance() as i:
        await i.people.add(OPS)


async def entries(transactions: Transactions, only: AuditFilter | None = None) -> list[AuditEntry]:
    async with transactions.begin("ten_1") as t:
        return list(await t.audit.page(only=only or AuditFilter()))


async def test_an_entry_keeps_the_name_that_its_person_had_then(transactions: Transactions) -> None:
    await people(transactions)
    async with transactions.begin("ten_1") as t:
        for actor in ("ann@example.com", "ops@example.com", "gone@example.com", "key:billing", "p1@nowhere"):
            await t.audit.record(AuditEntry(NOW, actor, "send.retried", "snd_1", actor_name="not asked"))
        await t.people.remove(ANN.id)
        await t.people.add(replace(ANN, id="per_2", name="Ann Smith"))
        await t.audit.record(AuditEntry(NOW, ANN.email, "send.retried", "snd_1"))
    names = [one.actor_name for one in reversed(await entries(transactions))]
    assert names == ["Ann Lee", "Olga Ops", "", "", "", "Ann Smith"]


async def test_of_a_removed_person_the_id_is_kept_in_the_place_of_the_address(transactions: Transactions) -> None:
    await people(transactions)
    await transactions.request("ten_1", REQUEST)
    async with transactions.begin("ten_2") as t:
        await t.audit.record(AuditEntry(NOW, ANN.email, "send.retried", "snd_1"))
    async with transactions.begin("ten_1") as t:
        await t.audit.record(AuditEntry(NOW, "ops@example.com", "person.added", "per_1", {"email": ANN.email}))
        of_ann, of_other = (BoundKey.of(one, "7", "hash", "snd_1") for one in (ANN.email, f"{ANN.email}/x"))
        for key in (of_ann, of_other):
            await t.sends.bind_key(key)
        await t.connections.set_tested("con_1", ConnectionTest(NOW, ANN.email, 1, ()))
        meanwhile = [f"{who} has set the alias X meanwhile." for who in (ANN.email, f"{ANN.email}.org")]
        await t.suggestions.put("con_1", [suggested(n, trouble=said) for n, said in enumerate(meanwhile)])
        await t.people.remove(ANN.id)
        await t.people.forget(ANN.email, ANN.id)
        tested = (await t.connections.get("con_1")).last_test
        assert tested
        assert tested.by == "removed person per_1"
        kept = await t.suggestions.page("con_1", RecordFilter(), limit=9)
        assert {one.trouble for one in kept} == {"removed person per_1 has set the alias X meanwhile.", meanwhile[1]}
        assert [await t.sends.find_key(one.key) for one in (of_ann, of_other)] == [None, of_other]
        assert await t.sends.find_key("removed person per_1/7")
        assert (await t.sends.get("snd_1")).requested_by == "removed person per_1"
    newest, oldest = await entries(transactions)
    assert (newest.actor, newest.actor_name, newest.detail) == (OPS.email, OPS.name, {"email": "removed person per_1"})
    assert (oldest.actor, oldest.actor_name, oldest.action) == ("removed person per_1", "", "send.requested")
    async with transactions.begin("ten_2") as t:
        assert [one.actor for one in await t.audit.page()] == [ANN.email], "another tenant's"
    async with transactions.begin_instance() as i:
        await i.people.remove(OPS.id)
        await i.people.forget(OPS.email, OPS.id)
    async with transactions.begin("ten_1") as t:
        await t.people.forget(OPS.email, OPS.id)
    assert (await entries(transactions))[0].actor == "removed person per_ops"


async def test_another_tenants_person_gives_no_name(transactions: Transactions) -> None:
    await people(transactions)
    async with transactions.begin("ten_2") as t:
        await t.audit.record(AuditEntry(NOW, "ann@example.com", "send.retried", "snd_1"))
        [entry] = await t.audit.page()
        assert entry.actor_name == ""
        assert await t.people.page(limit=10) == [], "looking up a name opened nothing"


async def test_entries_are_found_by_their_subject(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for subject in ("snd_1", "snd_2", "snd_1"):
            await t.audit.record(AuditEntry(NOW, "ann", "send.retried", subject))
    assert len(await entries(transactions, AuditFilter(subject="snd_1"))) == 2


async def test_a_stored_request_is_in_the_audit_and_a_repeated_or_refused_one_is_not_once_more(
    transactions: Transactions,
) -> None:
    await people(transactions)
    key = BoundKey("key", "hash", "snd_1")
    await transactions.request("ten_1", replace(REQUEST, key=key))
    again = replace(REQUEST.sends[0], id="snd_2")
    repeated = await transactions.request(
        "ten_1", replace(REQUEST, sends=[again], key=replace(key, bound_to="snd_2"), act=replace(ACT, subject="snd_2"))
    )
    assert repeated.first == key
    waiting = await transactions.request("ten_1", replace(REQUEST, sends=[again], look_for=[SendState.QUEUED]))
    assert waiting.waiting
    by_itself = await transactions.request("ten_1", replace(REQUEST, sends=[replace(again, job_id="2")], act=None))
    assert by_itself.sends
    [entry] = await entries(transactions)
    assert (entry.actor, entry.actor_name, entry.action, entry.subject, dict(entry.detail)) == (
        "ann@example.com",
        "Ann Lee",
        "send.requested",
        "snd_1",
        {"job": "1"},
    )


async def test_the_operators_audit_is_apart_from_tenants_and_forgets_only_by_age(transactions: Transactions) -> None:
    await people(transactions)
    old = NOW - timedelta(days=400)
    async with transactions.begin_instance() as i:
        await i.audit.record(AuditEntry(old, "ops@example.com", "tenant.added", "ten_9", {"tenant": "gone"}))
        await i.audit.record(AuditEntry(NOW, "cli:root", "key.created", "key_1"))
        first, second = await i.audit.page()
        assert (first.actor_name, second.actor_name) == ("", "Olga Ops")
        assert [one.action for one in await i.audit.page(limit=1, before=first.seq)] == ["tenant.added"]
        assert [one.subject for one in await i.audit.page(only=AuditFilter(action="key"))] == ["key_1"]
    assert await entries(transactions) == []
    async with transactions.begin_instance() as i:
        assert await i.audit.forget(NOW - timedelta(days=365), 10) == 1
        assert await i.audit.forget(NOW - timedelta(days=365), 10) == 0
        assert [one.action for one in await i.audit.page()] == ["key.created"]
