"""The encryption key is changed while workers send, and whoever changes it is killed with SIGKILL, at every step and at
random: everything stays readable all the time, the next run finishes, and nothing opens with an old key afterwards."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.key_rotation import rotate
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.outbound.vault.key_file import WatchedKeyFile, make_key_file, read_key_file
from adapters.outbound.vault.master_key import key_id
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.sending.send import Send, SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.work_orders.cost_line import ItemsMode
from tests.faults.support.ports import free_port
from tests.faults.support.rotation_process import RotationOrders, RotationProcess
from tests.faults.support.serve_process import Orders, serving
from tests.faults.support.worker_harness import WorkerHarness, open_harness
from tests.support.sealed_rows import SealedValue, sealed_values, stored_bytes
from tests.support.storage_scene import PLANTED, furnish_with_all_secrets

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
MOST_MOMENTS = 120
"""More than any rotation of two tenants has."""
KILLS = 200 if FULL else 25
IN_FLIGHT = 12
SYSTEMS = ("spectrum", "system_2", "system_3")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    make_key_file(tmp_path / "encryption.key")
    return tmp_path / "encryption.key"


def following(key_file: Path) -> AesGcmVault:
    """As a process has it that goes on running."""
    return AesGcmVault(changed=WatchedKeyFile(key_file).changed)


def assert_nothing_opens_with(keys: set[bytes], before: list[SealedValue], database_url: str) -> None:
    """Neither alone, nor with the data keys that it unwraps from a dump of before."""
    stored, dump = sealed_values(database_url), stored_bytes(database_url)
    assert len(stored) >= len(before) > 0
    for key in keys:
        old = AesGcmVault(key)
        assert {one.opened(old) for one in stored} == {None}
        leaked = [(one.tenant_id, one.data_key) for one in before if old.knows(one.data_key)]
        for tenant_id, data_key in leaked:
            assert {one.opened(old, data_key) for one in stored if one.tenant_id == tenant_id} == {None}
        assert key_id(key) not in dump


async def test_a_rotation_survives_a_kill_at_every_moment(
    database_url: str, engine: AsyncEngine, key_file: Path, tmp_path: Path
) -> None:
    running = following(key_file)
    await furnish_with_all_secrets(engine, running)
    secrets = sorted(PLANTED * 2)
    trail, former = tmp_path / "trail", set[bytes]()
    for dies_at in range(1, MOST_MOMENTS):
        before = sealed_values(database_url)
        former |= set(read_key_file(key_file))
        orders = RotationOrders(database_url, key_file, dies_at, trail)
        killed = await RotationProcess.start(orders).killed()
        started_now = AesGcmVault(*read_key_file(key_file))
        for vault in (running, started_now):
            assert sorted(one.opened(vault) or "" for one in sealed_values(database_url)) == secrets, dies_at
        if not killed:
            break
        former |= set(read_key_file(key_file)[1:])
        await rotate(orders.settings(), by="ann")
        [first] = read_key_file(key_file)
        assert sorted(one.opened(AesGcmVault(first)) or "" for one in sealed_values(database_url)) == secrets
        assert sorted(path.name for path in tmp_path.iterdir()) == ["encryption.key", "trail"], "no key lies about"
        assert_nothing_opens_with(former - {first}, before, database_url)
    else:
        pytest.fail("the rotation never came to its end")
    print(f"\n{dies_at - 1} moments, {len(former)} keys")
    passed = trail.read_text().splitlines()
    for what in ("fsync", "replace", "statement", "commit"):
        assert {f"before {what}", f"after {what}"} <= {*passed}
    assert dies_at > 30, "a rotation of two tenants has more moments than that"


@dataclass(slots=True)
class Load:
    """What goes on beside the rotations until `over`: sends, new tenants and connections, and reading of secrets."""

    harness: WorkerHarness
    transactions: PostgresTransactions
    over: asyncio.Event = field(default_factory=asyncio.Event)
    sends: list[Send] = field(default_factory=list)
    added: int = 0
    read: int = 0

    async def send(self) -> None:
        slugs = list(self.harness.connection_ids)
        while not self.over.is_set():
            under_way = SendFilter(states=[state for state in SendState if not state.settled])
            page = await self.harness.use_cases.list_sends(self.harness.tenant_id, under_way, limit=IN_FLIGHT)
            for _ in range(IN_FLIGHT - len(page.sends)):
                job_id = self.harness.add_job_with_items()
                slug = slugs[len(self.sends) % len(slugs)]
                self.sends.append(await self.harness.request(job_id, items=ItemsMode.NEW_ONLY, connection=slug))
            await asyncio.sleep(0.1)

    async def add(self) -> None:
        """A tenant with a connection, over and over: each could be sealed under a key that is just being dropped."""
        use_cases, servicetrade = self.harness.use_cases, self.harness.servicetrade
        login = PasswordLogin(servicetrade.state.login.username, Secret(servicetrade.state.login.password))
        while not self.over.is_set():
            self.added += 1
            slug = f"added-{self.added}"
            tenant = await use_cases.add_tenant(Tenant(id="", slug=slug, name=slug, base_url=servicetrade.url), login)
            wanted = Connection(
                id="",
                tenant_id="",
                slug="main",
                name="Spectrum",
                external_system="spectrum",
                endpoint=Endpoint.parse(self.harness.spectrum.url),
                company_code="101",
            )
            await use_cases.add_connection(
                tenant.id, wanted, ConnectionSecrets(Secret("SANDBOX-101"), "client", Secret(PLANTED[2]))
            )
            await asyncio.sleep(0.05)

    async def look(self) -> None:
        while not self.over.is_set():
            async with self.transactions.begin(self.harness.tenant_id) as t:
                for connection_id in self.harness.connection_ids.values():
                    assert (await t.connections.secrets(connection_id)).authorization_id.reveal() == "SANDBOX-101"
            self.read += 1


@pytest.fixture
async def harness(database_url: str, tmp_path: Path, key_file: Path) -> AsyncIterator[WorkerHarness]:
    async with open_harness(database_url, tmp_path, SYSTEMS, following(key_file)) as harness:
        yield harness


async def test_under_load_everything_goes_on(
    harness: WorkerHarness, database_url: str, engine: AsyncEngine, key_file: Path, tmp_path: Path
) -> None:
    dice, longest = Random(int(os.environ.get("FAULTS_SEED", "17"))), 0.9
    load = Load(harness, PostgresTransactions(engine, following(key_file)))
    orders = RotationOrders(database_url, key_file)
    log, former, killed, ended, unfinished = tmp_path / "log", set[bytes](), 0, 0, 0
    before = sealed_values(database_url)
    async with (
        serving(Orders(database_url, free_port(), log, key_file=key_file)),
        serving(Orders(database_url, free_port(), log, key_file=key_file)),
    ):
        async with asyncio.TaskGroup() as beside:
            for going_on in (load.send, load.add, load.look):
                beside.create_task(going_on())
            while killed < KILLS:
                former |= set(read_key_file(key_file))
                rotation = RotationProcess.start(orders)
                await asyncio.sleep(dice.uniform(0.05, longest))
                rotation.kill()
                was_killed = await rotation.killed()
                killed, ended = killed + was_killed, ended + (not was_killed)
                unfinished += len(read_key_file(key_file)) > 1
                longest *= 1 if ended else 1.1  # on a slow machine a rotation takes longer than that
            former |= set(read_key_file(key_file))
            await rotate(orders.settings(), by="ann")
            load.over.set()
        for send in load.sends:
            rested = await harness.use_cases.wait_for_send(harness.tenant_id, send.id, 60)
            assert rested.state is SendState.SENT, rested
    [first] = read_key_file(key_file)
    print(
        f"\n{killed} kills, {unfinished} half done, {ended} came to their end, {len(former)} keys; "
        f"{len(load.sends)} sends, {load.added} tenants added, {load.read} looks"
    )
    assert unfinished >= KILLS // 8, "kills hit rotations half done"
    assert ended, "some came to their end beside the load"
    assert len(load.sends) > IN_FLIGHT
    assert load.added > 3
    assert all(one.opened(AesGcmVault(first)) is not None for one in sealed_values(database_url))
    assert_nothing_opens_with(former - {first}, before, database_url)
    assert await harness.use_cases.warnings.open(harness.tenant_id) == []
    for send in load.sends:
        attempts = (await harness.use_cases.show_send(harness.tenant_id, send.id)).attempts
        assert {attempt.outcome for attempt in attempts} == {"accepted", "posted"}, attempts
    assert not log.exists() or log.read_text() == "", "not an error in any process's log"
