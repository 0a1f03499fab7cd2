"""Client secrets of enhanced authentication: their end is spoken of in time, and a new one takes over without a gap."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.catalogue import finding
from core.model.connections.client_secret import NewSecret, NotRotated, next_stage_at, stage_of
from core.model.connections.connection import ConnectionSecrets, Hold, SpectrumTarget
from core.model.connections.endpoint import Endpoint
from core.model.shared.errors import TimeMends
from core.model.shared.secret import Secret
from core.services.connections import renew_secret
from core.services.connections.renew_secret import RenewExpiringSecret, RenewSecret
from ports.storage.due_work import WorkKind
from ports.storage.transactions import TenantTransaction, Transactions
from tests.support.dependencies import over
from tests.support.http_scene import CONNECTION, Scene, SteppingClock, api, is_problem, pointers
from tests.support.running_worker import PATIENCE, working
from tests.support.storage_scene import NOW, furnish
from tests.support.wrapped_transactions import WrappedTransactions

DAY = 86_400
ONE = "/v1/tenants/cardinal/connections/main"
WARNINGS = "/v1/tenants/cardinal/warnings"
ROTATION = "/secretRotation"


@dataclass
class Office:
    """An installation in memory whose keeper is called by the test, as the worker calls it."""

    scene: Scene
    keep: RenewExpiringSecret
    tenant_id: str
    connection_id: str

    async def look(self) -> list[tuple[str, str]]:
        """One look of the worker; code and severity of every warning then."""
        await self.keep(self.tenant_id, self.connection_id)
        found = (await self.scene.call("GET", WARNINGS)).body["items"]
        assert all(one["job_id"] is None and one["send_id"] is None for one in found)
        return [(one["finding"]["code"], one["finding"]["severity"]) for one in found]

    async def patch(self, **changes: Any) -> dict[str, Any]:
        answer = await self.scene.call("PATCH", ONE, changes, headers={"If-Match": "*"})
        assert answer.status == 200, answer.text
        body: dict[str, Any] = answer.body
        return body

    async def ends_in(self, days: float) -> None:
        at = self.scene.clock.now() + timedelta(days=days)
        shown = await self.patch(client_secret_expires_at=at.isoformat())
        assert shown["client_secret_expires_at"] == at.isoformat().replace("+00:00", "Z")

    async def in_use(self) -> str:
        async with self.scene.transactions.begin(self.tenant_id) as t:
            secret = (await t.connections.secrets(self.connection_id)).client_secret
            assert secret
            return secret.reveal()


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with api() as scene:
        await scene.furnish()
        keep = keeper(scene.transactions, scene.spectrum, scene.clock)
        [connection_id] = scene.transactions.rows.connections
        yield Office(scene, keep, (await scene.use_cases.find_tenant("cardinal")).id, connection_id)


async def test_an_end_is_spoken_of_at_fourteen_seven_one_and_none_and_once_each(office: Office) -> None:
    await office.ends_in(30)
    assert await office.look() == []
    said = []
    for day in range(31):
        said.append((day, await office.look()))
        office.scene.clock.advance(DAY)
    changes = [(day, found) for (day, found), (_, before) in zip(said[1:], said, strict=False) if found != before]
    assert changes == [
        (16, [("SECRET_ENDS_SOON", "info")]),
        (23, [("SECRET_ENDS_SOON", "warning")]),
        (29, [("SECRET_ENDS_SOON", "blocker")]),
    ]
    [shown] = (await office.scene.call("GET", WARNINGS)).body["items"]
    assert "ended on 1 Apr 2026" in shown["finding"]["message"]
    assert shown["finding"]["owner"] == "spectrum_admin"


async def test_a_warning_put_aside_comes_back_only_at_the_next_stage(office: Office) -> None:
    await office.ends_in(13)
    await office.look()
    [shown] = (await office.scene.call("GET", WARNINGS)).body["items"]
    await office.scene.call("POST", f"{WARNINGS}/{shown['id']}/dismiss")
    assert await office.look() == []
    office.scene.clock.advance(7 * DAY)
    assert await office.look() == [("SECRET_ENDS_SOON", "warning")]


async def test_another_secret_is_a_new_start(office: Office) -> None:
    await office.ends_in(1)
    assert await office.look() == [("SECRET_ENDS_SOON", "blocker")]
    shown = await office.patch(enhanced_auth={"client_id": "c", "client_secret": "by hand"})
    assert shown["client_secret_expires_at"] is None, "nobody said when this one ends"
    assert await office.look() == []
    await office.patch(secret_days=60)
    shown = await office.patch(enhanced_auth={"client_id": "c", "client_secret": "by hand again"})
    assert shown["client_secret_expires_at"] == "2026-05-01T09:00:00Z"
    without = await office.patch(enhanced_auth=None)
    assert without["client_secret_expires_at"] is None


async def test_what_is_not_a_number_of_days_is_refused(office: Office) -> None:
    answer = await office.scene.call("PATCH", ONE, {"secret_days": 6}, headers={"If-Match": "*"})
    assert is_problem(answer, 422, "CONNECTION_INVALID")
    assert pointers(answer) == ["/secret_days"]


async def test_a_new_connection_says_when_its_secret_ends(office: Office) -> None:
    end = "2026-04-01T00:00:00Z"
    more = {
        **CONNECTION,
        "slug": "west",
        "external_system": "west",
        "enhanced_auth": {"client_id": "c", "client_secret": "s", "expires_at": end},
    }
    made = await office.scene.call("POST", "/v1/tenants/cardinal/connections", more)
    assert made.body["client_secret_expires_at"] == end


async def test_where_jobferry_may_it_renews_in_time(office: Office) -> None:
    await office.patch(secret_rotation="automatic", secret_days=30)
    await office.ends_in(15)
    office.scene.spectrum.rotations.append(NewSecret(Secret("brand-new")))
    await office.look()
    assert await office.in_use() == "cs-that-stays-inside", "it is not near yet"
    office.scene.clock.advance(DAY)
    assert await office.look() == []
    assert await office.in_use() == "brand-new"
    shown = (await office.scene.call("GET", ONE)).body
    assert shown["client_secret_expires_at"] == "2026-04-02T09:00:00Z"
    audit = (await office.scene.call("GET", "/v1/tenants/cardinal/audit")).body["items"]
    assert [one["action"] for one in audit][:2] == ["connection.secret_rotated", "connection.secret_rotation_begun"]


async def test_where_it_may_not_it_does_not(office: Office) -> None:
    office.scene.spectrum.rotations.append(NewSecret(Secret("brand-new")))
    await office.ends_in(3)
    await office.look()
    assert await office.in_use() == "cs-that-stays-inside"
    await office.patch(secret_rotation="automatic")
    await office.scene.call("POST", f"{ONE}/pause")
    await office.look()
    assert await office.in_use() == "cs-that-stays-inside", "a paused connection is left alone"


async def test_a_renewal_that_a_pause_left_out_is_made_soon_after_it(office: Office) -> None:
    office.scene.spectrum.rotations.append(NewSecret(Secret("brand-new")))
    await office.patch(secret_rotation="automatic")
    await office.ends_in(0.9)
    await office.scene.call("POST", f"{ONE}/pause")
    await office.look()
    await office.scene.call("POST", f"{ONE}/resume")
    due_at = office.scene.transactions.rows.due_work[WorkKind.EXPIRY, office.connection_id]
    assert due_at <= office.scene.clock.now() + timedelta(hours=6), "its secret ends in 21 hours"
    await office.look()
    assert await office.in_use() == "brand-new"


async def test_in_a_maintenance_window_it_waits_for_its_end(office: Office) -> None:
    office.scene.spectrum.rotations.append(NewSecret(Secret("brand-new")))
    await office.ends_in(3)
    await office.patch(secret_rotation="automatic", maintenance_windows=["daily 02:00-04:30 America/Chicago"])
    await office.look()
    assert await office.in_use() == "cs-that-stays-inside"
    office.scene.clock.advance(90 * 60)
    await office.look()
    assert await office.in_use() == "brand-new"


async def test_the_old_one_stays_until_the_new_one_has_worked(office: Office) -> None:
    spectrum = office.scene.spectrum
    spectrum.good_secrets = {"cs-that-stays-inside"}
    spectrum.rotations.append(NewSecret(Secret("brand-new"), office.scene.clock.now() + timedelta(days=90)))
    answer = await office.scene.call("POST", f"{ONE}/rotate-secret")
    assert is_problem(answer, 422, "SECRET_ROTATION_FAILED")
    assert "did not work yet" in answer.body["detail"]
    assert "brand-new" not in answer.text
    assert await office.in_use() == "cs-that-stays-inside"
    await office.look()
    assert await office.in_use() == "cs-that-stays-inside"
    spectrum.good_secrets = {"brand-new"}
    await office.look()
    assert await office.in_use() == "brand-new", "tried again, without asking for another one"


async def test_asked_for_it_is_renewed_at_once_and_shown_nowhere(office: Office) -> None:
    end = office.scene.clock.now() + timedelta(days=90)
    office.scene.spectrum.rotations.append(NewSecret(Secret("brand-new"), end))
    answer = await office.scene.call("POST", f"{ONE}/rotate-secret")
    assert (answer.status, answer.body["client_secret_expires_at"]) == (200, "2026-05-31T09:00:00Z")
    assert "brand-new" not in answer.text
    assert await office.in_use() == "brand-new"
    await office.patch(enhanced_auth=None)
    assert is_problem(await office.scene.call("POST", f"{ONE}/rotate-secret"), 422, "NO_CLIENT_SECRET")


async def test_a_renewal_takes_its_warning_and_its_hold_away_but_not_a_plugins(office: Office) -> None:
    await office.ends_in(1)
    for code, ends in (("ENDPOINT_UNREACHABLE", True), ("PLUGINS_FAILING", False)):
        assert await office.look() == ([("SECRET_ENDS_SOON", "blocker")] if ends else [])
        async with office.scene.transactions.begin(office.tenant_id) as t:
            await t.connections.set_hold(office.connection_id, Hold(finding(code, "It stands."), NOW, None))
        office.scene.spectrum.rotations.append(NewSecret(Secret(f"new for {code}"), None))
        assert (await office.scene.call("POST", f"{ONE}/rotate-secret")).status == 200
        assert (await office.scene.call("GET", WARNINGS)).body["items"] == [], "at once"
        assert ((await office.scene.call("GET", ONE)).body["hold"] is None) is ends


async def test_two_at_once_are_one(office: Office) -> None:
    async with office.scene.transactions.begin(office.tenant_id) as t:
        now = office.scene.clock.now()
        await t.client_secrets.claim(office.connection_id, now, now + timedelta(minutes=1))
    assert is_problem(await office.scene.call("POST", f"{ONE}/rotate-secret"), 409, "SECRET_ROTATION_RUNNING")


async def test_a_check_beside_a_persons_renewal_warns_renews_nothing_and_comes_again_soon(office: Office) -> None:
    await office.patch(secret_rotation="automatic")
    await office.ends_in(6)
    now = office.scene.clock.now()
    async with office.scene.transactions.begin(office.tenant_id) as t:
        await t.client_secrets.claim(office.connection_id, now, now + timedelta(minutes=10))
    office.scene.spectrum.rotations.append(NewSecret(Secret("brand-new")))
    assert await office.look() == [("SECRET_ENDS_SOON", "warning")]
    assert await office.in_use() == "cs-that-stays-inside"
    rows = office.scene.transactions.rows
    assert rows.due_work[WorkKind.EXPIRY, office.connection_id] == now + timedelta(minutes=1)
    office.scene.clock.advance(600)
    await office.look()
    assert await office.in_use() == "brand-new", "whoever had it is gone"


async def test_a_renewal_that_fails_says_why_and_how_it_stands(office: Office) -> None:
    await office.patch(secret_rotation="automatic")
    await office.ends_in(6)
    office.scene.spectrum.rotations.append(NotRotated("Spectrum was asked, and its answer did not come.", lost=True))
    assert await office.look() == [("SECRET_ROTATION_FAILED", "warning")]
    [shown] = (await office.scene.call("GET", WARNINGS)).body["items"]
    assert "may be invalid already" in shown["finding"]["message"]


def test_stages() -> None:
    for days, stage in ((15, None), (14, 14), (7.01, 14), (7, 7), (1.01, 7), (1, 1), (0.01, 1), (0, 0), (-5, 0)):
        assert stage_of(NOW + timedelta(days=days), NOW) == stage, days
    assert stage_of(None, NOW) is None
    assert next_stage_at(None, NOW) is None
    assert next_stage_at(NOW + timedelta(days=10), NOW) == NOW + timedelta(days=3)
    assert next_stage_at(NOW, NOW) is None


class Breaking(WrappedTransactions):
    """Breaks off before or after the nth transaction of a tenant."""

    def __init__(self, wrapped: Transactions, at: int) -> None:
        super().__init__(wrapped)
        self._left = at

    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        self._left -= 1
        if self._left == 0:
            raise BrokenOffError
        return super().begin(tenant_id)


class BrokenOffError(Exception):
    """The process died here."""


class Rotating(MemorySpectrum):
    """Makes the old secret void the moment it makes a new one, as the sandbox does."""

    def __init__(self) -> None:
        super().__init__()
        self.good_secrets = {"cs-that-stays-inside"}
        self._numbers: Iterator[int] = iter(range(1, 100))

    async def rotate_secret(self, target: SpectrumTarget) -> NewSecret | NotRotated:
        if await self.sign_in(target):
            return NotRotated("Spectrum was not asked for a new secret.")
        self.good_secrets = {f"renewed {next(self._numbers)}"}
        return NewSecret(Secret(next(iter(self.good_secrets))), NOW + timedelta(days=900))


async def test_broken_off_anywhere_it_goes_on_or_says_so(office: Office) -> None:
    ends = []
    for at in range(1, 20):
        spectrum = Rotating()
        async with api() as scene:
            await scene.furnish()
            tenant_id = (await scene.use_cases.find_tenant("cardinal")).id
            [connection_id] = scene.transactions.rows.connections
            here = Office(scene, office.keep, tenant_id, connection_id)
            await here.patch(secret_rotation="automatic", secret_days=30)
            await here.ends_in(10)
            broken = Breaking(scene.transactions, at)
            try:
                await keeper(broken, spectrum, scene.clock)(tenant_id, connection_id)
                whole = True
            except BrokenOffError:
                whole = False
            here.keep = keeper(scene.transactions, spectrum, scene.clock)
            found = await here.look()
            works = await here.in_use() in spectrum.good_secrets
            assert works or found == [("SECRET_ROTATION_FAILED", "info")], at
            ends.append(works)
            if whole:
                break
    assert len(ends) > 5
    assert ends.count(False) == 1, "only between Spectrum's answer and its storing can a secret be lost"


def keeper(transactions: Transactions, spectrum: MemorySpectrum, clock: SteppingClock) -> RenewExpiringSecret:
    d = replace(over(transactions), spectrum=spectrum, clock=clock)
    return RenewExpiringSecret(d, RenewSecret(d))


class Away(WrappedTransactions):
    """The database is away for three transactions after the secret was made."""

    def __init__(self, wrapped: Transactions, spectrum: Rotating) -> None:
        super().__init__(wrapped)
        self._spectrum = spectrum
        self.refused = 0

    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        if self._spectrum.good_secrets != {"cs-that-stays-inside"} and self.refused < 3:
            self.refused += 1
            raise TimeMends("The database does not answer.", code="DATABASE_UNREACHABLE")
        return super().begin(tenant_id)


async def test_a_database_that_is_away_is_waited_for_with_the_new_secret_in_hand(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renew_secret, "_STORE_PAUSE", 0)
    spectrum = Rotating()
    await office.patch(secret_rotation="automatic")
    await office.ends_in(10)
    away = Away(office.scene.transactions, spectrum)
    await keeper(away, spectrum, office.scene.clock)(office.tenant_id, office.connection_id)
    assert (away.refused, await office.in_use()) == (3, "renewed 1")


@dataclass
class Wire:
    sandbox: SpectrumSandbox
    spectrum: SoapSpectrum
    target: SpectrumTarget

    def works(self, new: NewSecret | NotRotated) -> bool:
        assert isinstance(new, NewSecret)
        return new.secret.reveal() == self.sandbox.state.settings.client_secret


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with (
        SpectrumSandbox.start() as sandbox,
        SoapSpectrum(allowed_networks=(ip_network("127.0.0.0/8"),), deadline_seconds=5) as spectrum,
    ):
        settings = sandbox.state.settings
        settings.enhanced_auth = True
        secrets = ConnectionSecrets(Secret("SANDBOX-101"), settings.client_id, Secret(settings.client_secret))
        yield Wire(sandbox, spectrum, SpectrumTarget("con_1", Endpoint.parse(sandbox.url), "101", secrets))


async def test_over_the_wire_a_new_secret_works_and_the_old_one_does_not(wire: Wire) -> None:
    assert await wire.spectrum.sign_in(wire.target) is None
    new = await wire.spectrum.rotate_secret(wire.target)
    assert isinstance(new, NewSecret)
    renewed = replace(wire.target, secrets=replace(wire.target.secrets, client_secret=new.secret))
    assert await wire.spectrum.sign_in(renewed) is None
    async with SoapSpectrum(allowed_networks=(ip_network("127.0.0.0/8"),)) as fresh:
        refused = await fresh.sign_in(wire.target)
        assert refused is not None
        assert "client secret" in refused.detail


@pytest.mark.parametrize("kind", [FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY, FaultKind.TRUNCATE])
async def test_an_answer_that_is_lost_is_asked_for_again(wire: Wire, kind: FaultKind) -> None:
    wire.sandbox.faults.add(Fault(kind, match=ROTATION, times=2, bytes=10))
    assert wire.works(await wire.spectrum.rotate_secret(wire.target))
    assert not wire.sandbox.faults.waiting()


async def test_an_answer_that_never_comes_is_told_as_lost(wire: Wire) -> None:
    wire.sandbox.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match=ROTATION, times=3))
    lost = await wire.spectrum.rotate_secret(wire.target)
    assert isinstance(lost, NotRotated)
    assert lost.lost


async def test_not_allowed_is_told_and_changes_nothing(wire: Wire) -> None:
    wire.sandbox.state.settings.self_rotation = False
    refused = await wire.spectrum.rotate_secret(wire.target)
    assert refused == NotRotated("Spectrum does not allow us to renew the secret (HTTP 403).")


@pytest.mark.parametrize("kind", [FaultKind.HTML, FaultKind.REDIRECT])
async def test_an_answer_without_a_secret_is_no_secret(wire: Wire, kind: FaultKind) -> None:
    wire.sandbox.faults.add(Fault(kind, match=ROTATION, text="http://127.0.0.1:1/"))
    unread = await wire.spectrum.rotate_secret(wire.target)
    assert isinstance(unread, NotRotated)
    assert "127.0.0.1" not in unread.detail


@pytest.mark.parametrize(
    ("told", "end"),
    [
        ("2026-06-30T00:00:00+02:00", datetime(2026, 6, 29, 22, tzinfo=UTC)),
        ("9999-12-31T23:59:59", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
async def test_an_end_far_from_our_time_counts_as_not_told(wire: Wire, told: str, end: datetime | None) -> None:
    body = json.dumps({"client_secret": "brand-new", "expires_at": told})
    wire.sandbox.faults.add(Fault(FaultKind.HTML, match=ROTATION, text=body))
    assert await wire.spectrum.rotate_secret(wire.target) == NewSecret(Secret("brand-new"), end)


async def test_no_sign_in_no_question(wire: Wire) -> None:
    wire.sandbox.state.settings.secret_expired = True
    refused = await wire.spectrum.rotate_secret(wire.target)
    assert isinstance(refused, NotRotated)
    assert not refused.lost


async def test_the_worker_checks_what_is_due(engine: AsyncEngine, database_url: str) -> None:
    storage: PostgresTransactions = await furnish(engine)
    seen, both = [], asyncio.Event()
    for number in (1, 2):
        async with storage.begin(f"ten_{number}") as t:
            await t.client_secrets.replaced(f"con_{number}", NOW, NOW)

    async def keep(tenant_id: str, connection_id: str) -> None:
        seen.append((tenant_id, connection_id))
        if len(seen) == 2:
            both.set()
        raise RuntimeError("one that fails does not end the other")

    async with working(database_url, renew_secret=keep), asyncio.timeout(PATIENCE):
        await both.wait()
    assert sorted(seen[:2]) == [("ten_1", "con_1"), ("ten_2", "con_2")]
