"""Two people set codes and send at once, in a real PostgreSQL: one send, one code, and never a deadlock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.planning.plan import SendPlan
from core.model.sending.send import Send, SendState
from core.model.shared.errors import Conflict
from core.services.sending.request_send import SendRequest
from core.services.sending.set_codes import GivenCode
from tests.support.http_scene import UNMAPPED, Scene, api
from tests.support.storage_scene import MASTER_KEY

ROUNDS = 8


@dataclass
class Office:
    scene: Scene
    transactions: PostgresTransactions
    tenant_id: str

    async def failed(self, number: int) -> str:
        """A send that failed because its site has no code."""
        job = replace(UNMAPPED, id=f"24120873346{number:05}", number=f"1{number:05}")
        await self.scene.add_job(job)
        send_id = await self.scene.send(job)
        await self.drain()
        return send_id

    async def drain(self) -> None:
        async with self.transactions.begin(self.tenant_id) as t:
            [connection] = await t.connections.all()
        while await self.scene.drain(connection.id):
            pass

    async def sends(self) -> list[Send]:
        async with self.transactions.begin(self.tenant_id) as t:
            return list(await t.sends.page(limit=100))

    async def codes(self) -> list[str]:
        async with self.transactions.begin(self.tenant_id) as t:
            [connection] = await t.connections.all()
            return [one.code for one in await t.aliases.page(connection.id)]


@pytest.fixture
async def office(engine: AsyncEngine) -> AsyncIterator[Office]:
    transactions = PostgresTransactions(engine, AesGcmVault(MASTER_KEY))
    async with api(storage=transactions) as scene:
        await scene.furnish()
        yield Office(scene, transactions, (await scene.use_cases.find_tenant("cardinal")).id)


def site(code: str, known: str = "") -> list[GivenCode]:
    return [GivenCode(AliasEntry(AliasKind.SITE, "3", "Cold Store", code), known)]


async def test_two_presses_at_once_are_one_retry_of_all_that_is_freed(office: Office) -> None:
    ids = [await office.failed(number) for number in range(5)]
    set_codes = office.scene.use_cases.set_codes
    sent = await asyncio.gather(
        *(
            set_codes.retry(office.tenant_id, ids[0], site("COLD1"), others=True, by="ann", once="one-press")
            for _ in range(4)
        )
    )
    assert len({one.batch_id for one in sent}) == 1
    await office.drain()
    assert {one.state for one in await office.sends()} == {SendState.SENT}
    assert len(office.scene.spectrum.calls) == 5
    assert await office.codes() == ["COLD1"]


async def test_two_people_with_two_codes_leave_one_of_them_and_one_send(office: Office) -> None:
    send_id = await office.failed(1)
    both = await asyncio.gather(
        *(
            office.scene.use_cases.set_codes.retry(
                office.tenant_id, send_id, site(f"{who}1"), others=False, by=who, once=who
            )
            for who in ("ANN", "BOB")
        ),
        return_exceptions=True,
    )
    assert [one.code for one in both if isinstance(one, Conflict)] == ["CODE_SET_MEANWHILE"]
    await office.drain()
    [code] = await office.codes()
    assert [call["WO_Job_Number"] for call in office.scene.spectrum.calls] == [code]


async def test_a_retry_beside_a_new_send_of_the_same_job_ends_well(office: Office) -> None:
    """They take the same locks in the same order, whoever comes first."""
    cases, tenant = office.scene.use_cases, office.tenant_id
    for number in range(ROUNDS):
        send_id = await office.failed(number)
        job_id = (await cases.show_send(tenant, send_id)).send.job_id
        plan: SendPlan = (await cases.preview_send(tenant, "main", job_id)).plan
        request = SendRequest(connection="main", job_id=job_id, requested_by="bob", plan_hash=plan.plan_hash)
        ended = await asyncio.gather(
            cases.set_codes.retry(tenant, send_id, site("COLD1"), others=True, by="ann", once=f"a{number}"),
            cases.set_codes.send(tenant, request, site("COLD1"), others=False, by="bob", once=f"b{number}"),
            return_exceptions=True,
        )
        assert not [one for one in ended if isinstance(one, BaseException) and not isinstance(one, Conflict)], ended
        await office.drain()
        [alias] = (await cases.aliases.page(tenant, "main")).aliases
        await cases.aliases.remove(tenant, alias.id, by="test")


async def test_if_the_send_cannot_be_stored_no_code_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    cases, tenant = office.scene.use_cases, office.tenant_id
    await office.scene.add_job(UNMAPPED)
    plan = (await cases.preview_send(tenant, "main", UNMAPPED.id)).plan
    request = SendRequest(connection="main", job_id=UNMAPPED.id, requested_by="ann", plan_hash=plan.plan_hash)

    async def away(*_: object) -> None:
        raise ConnectionError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(cases.set_codes._store_request, "within", away)
        with pytest.raises(ConnectionError):
            await cases.set_codes.send(tenant, request, site("COLD1"), others=False, by="ann", once="press")
    assert await office.codes() == []
    await cases.set_codes.send(tenant, request, site("COLD1"), others=False, by="ann", once="press")
    assert await office.codes() == ["COLD1"], "the key of the failed press was not kept either"
    assert len(await office.sends()) == 1
