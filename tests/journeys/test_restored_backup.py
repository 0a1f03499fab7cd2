"""A backup of the real database is restored: what was sent since is not forgotten, because the mark remembers it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from adapters.outbound.ids import UlidIds
from adapters.outbound.postgres.server.backup import make_backup
from adapters.outbound.postgres.server.load_backup import load_backup
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.connections.connection import Connection
from core.model.connections.optional_settings import NoteMode
from core.model.connections.task_settings import SendTasks
from core.model.creations.creation import CreationState
from core.model.sending.send import SendState
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import ItemsMode
from core.services.creations.request_creation import CreationBlocked
from core.services.sending.hold_restored import HoldItems, HoldRestored, restored
from tests.journeys.items import NUMBER, add_item, books, completed_job, tasks
from tests.journeys.test_new_records import confirm, north, show
from tests.journeys.world import NORTH, World
from tests.support.storage_scene import count_intent

QUIET = timedelta(minutes=15)
__all__ = ["north"]
"""A fixture of another file."""


class Backup:
    """A copy of the whole database, beside it."""

    def __init__(self, database_url: str, server_url: str) -> None:
        self._name = make_url(database_url).database
        self._server_url = server_url

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as server:
            for statement in statements:
                server.execute(statement.encode())

    async def take(self, world: World) -> None:
        await world.engine.dispose()
        self._run(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self._name}'",
            f"CREATE DATABASE {self._name}_backup TEMPLATE {self._name}",
        )

    async def restore(self, world: World) -> None:
        await world.engine.dispose()
        self._run(
            f"DROP DATABASE {self._name} WITH (FORCE)", f"ALTER DATABASE {self._name}_backup RENAME TO {self._name}"
        )


@pytest.fixture
def backup(database_url: str, server_url: str) -> Backup:
    return Backup(database_url, server_url)


async def begin_a_line(world: World) -> None:
    """What stands before each line: its intent is stored, then noted outside the database."""
    connection = await world.connection()
    async with world.transactions.begin(world.tenant.id) as t:
        intent = await count_intent(t, connection.id)
    world.intent_mark.note(connection.id, intent)


async def warnings_of(world: World) -> list[str]:
    return [one.finding.code for one in await world.warnings()]


async def test_items_wait_after_a_restore_until_somebody_has_looked(world: World, backup: Backup) -> None:
    job = completed_job(world, "GAUGE-300 2 18.40")
    await begin_a_line(world)
    await backup.take(world)
    sent = await world.send(job, items=ItemsMode.NONE)
    await begin_a_line(world)
    await begin_a_line(world)
    assert (await world.connection()).intents == 3
    await backup.restore(world)

    assert await world.compare_intents.check(await world.connection()), "a drain would find it as well"
    await world.compare_intents()
    held = await world.connection()
    assert held.items_hold
    assert "2 calls that add something are missing" in held.items_hold.finding.message
    assert held.intents == 1
    assert await warnings_of(world) == ["DATABASE_RESTORED"]

    [found] = await world.use_cases.acknowledge_restore.look(world.tenant.id)
    assert [one.job_id for one in found.jobs] == [job]
    assert found.jobs[0].work_order_number is None, "the send came after the backup"
    assert not found.jobs[0].items_known
    assert sent.work_order_number == world.external_id(job)

    again = await world.send(job, items=ItemsMode.NONE)
    assert again.work_order_number == sent.work_order_number, "headers go on"

    with pytest.raises(Conflict) as early:
        await world.use_cases.acknowledge_restore(world.tenant.id, NORTH, reason="compared with the books", by="ann")
    assert early.value.code == "RESTORE_TOO_FRESH"
    world.clock.advance(15 * 60)
    await world.use_cases.acknowledge_restore(world.tenant.id, NORTH, reason="compared with the books", by="ann")
    await assert_goes_on(world)


async def assert_goes_on(world: World) -> None:
    """Nothing is held, the count goes on behind what was sent, and starting again finds nothing."""
    freed = await world.connection()
    assert (freed.items_hold, freed.intents) == (None, 3)
    assert freed.restored_at
    assert "DATABASE_RESTORED" not in await warnings_of(world)
    await begin_a_line(world)
    assert (await world.compare_intents()).behind == ()
    assert await world.compare_intents.check(await world.connection()) is False
    after: Connection = await world.connection()
    assert (after.items_hold, after.intents) == (None, 4)


async def test_a_restore_that_lost_nothing_holds_nothing(world: World, backup: Backup) -> None:
    await begin_a_line(world)
    await backup.take(world)
    await backup.restore(world)
    await world.compare_intents()
    assert (await world.connection()).items_hold is None


async def test_a_backup_from_before_the_connection_says_that_it_is_missing(world: World, backup: Backup) -> None:
    await backup.take(world)
    west = await world.connect(world.tenant, "west", company_code="102", external_system="spectrum_west")
    async with world.transactions.begin(world.tenant.id) as t:
        intent = await count_intent(t, west.id)
    world.intent_mark.note(west.id, intent)
    await backup.restore(world)
    assert (await world.compare_intents()).missing == (west.id,)


class BackupFile:
    """What `jobferry backup` and `jobferry restore` do, the latter on a machine that has never sent."""

    def __init__(self, database_url: str, server_url: str, file: Path) -> None:
        self._url, self._server_url, self._file = database_url, server_url, file

    def take(self) -> None:
        make_backup(self._url, self._file)

    async def restore(self, world: World) -> None:
        await world.engine.dispose()
        name = make_url(self._url).database
        with psycopg.connect(self._server_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            server.execute(f"CREATE DATABASE {name}".encode())
        load_backup(self._url, self._file, hold=restored(), quiet=QUIET)
        world.intent_mark.lose()
        await HoldRestored(world.transactions, world.intent_mark, HoldItems(UlidIds(), QUIET))(loaded=True)


def job_with_25_items(world: World, number: int) -> str:
    known = world.job(FIRST_JOB_ID)
    job_id = world.servicetrade.state.add_job(
        str(number), customer=known.customer, location=known.location, description="Retest."
    )
    for quantity in range(1, 26):
        add_item(world, job_id, f"GAUGE-300 {quantity} 18.40")
    world.servicetrade.state.complete(job_id)
    return job_id


@pytest.mark.parametrize("lines", [50, pytest.param(200, marks=pytest.mark.long)])
async def test_so_many_lines_after_a_backup_are_not_doubled_by_a_restore_on_a_new_machine(
    world: World, database_url: str, server_url: str, tmp_path: Path, lines: int
) -> None:
    backup = BackupFile(database_url, server_url, tmp_path / "a.backup")
    jobs = [job_with_25_items(world, number) for number in range(600001, 600001 + lines // 25)]
    await world.send(jobs[0], items=ItemsMode.NONE)
    backup.take()
    for job in jobs:
        await world.send(job, items=ItemsMode.NEW_ONLY)
    posted = books(world)
    assert len(posted) == lines
    await backup.restore(world)

    for job in jobs:
        await world.send(job, items=ItemsMode.NEW_ONLY)
    assert books(world) == posted, "held, whatever this machine knows"
    world.clock.advance(15 * 60)
    await world.use_cases.acknowledge_restore(world.tenant.id, None, reason="compared with the books", by="ann")
    await world.drain()
    for job in jobs:
        await world.send(job, items=ItemsMode.NEW_ONLY)
    assert books(world) == posted, "each job waits until somebody says which items are in Spectrum"


@pytest.mark.long
async def test_documents_and_added_notes_that_the_backup_lacks_are_not_added_again(
    world: World, backup: Backup
) -> None:
    await world.change(send_paperwork=True, note_topic="JOBFERRY", note_mode=NoteMode.APPEND)
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    world.job(job_id).description = "Replace the check valve on riser two and retest it. " * 8
    world.servicetrade.state.attach(job_id, "signed.pdf", b"%PDF-1.7 the signed work order")
    await backup.take(world)
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    added = additions(world)
    assert added == (["signed.pdf"], 1)
    await backup.restore(world)
    await world.compare_intents()

    held = await world.send(job_id)
    assert sorted(found.code for found in held.findings) == ["DOCUMENT_UNCLEAR", "NOTE_HOLDS_TEXT", "NOTE_UNCLEAR"]
    assert additions(world) == added, "held"
    world.clock.advance(15 * 60)
    await world.use_cases.acknowledge_restore(world.tenant.id, NORTH, reason="compared with the books", by="ann")
    await world.use_cases.declare_items(world.tenant.id, NORTH, job_id, "all", reason="all there", by="ann")
    after = await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert after.state is SendState.SENT_WITH_WARNINGS
    assert (additions(world), len(books(world))) == (added, 1)


@pytest.mark.long
async def test_a_declaration_first_keeps_what_may_have_been_added_before(world: World, backup: Backup) -> None:
    await world.change(send_paperwork=True)
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    world.servicetrade.state.attach(job_id, "signed.pdf", b"%PDF-1.7 the signed work order")
    await backup.take(world)
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await backup.restore(world)
    await world.compare_intents()
    world.clock.advance(15 * 60)
    await world.use_cases.acknowledge_restore(world.tenant.id, NORTH, reason="compared with the books", by="ann")
    world.servicetrade.state.reopen(job_id)
    await world.use_cases.declare_items(world.tenant.id, NORTH, job_id, "all", reason="all there", by="ann")
    world.servicetrade.state.complete(job_id)
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert additions(world)[0] == ["signed.pdf"]


@pytest.mark.long
async def test_tasks_that_the_backup_lacks_are_not_added_again(world: World, backup: Backup) -> None:
    await world.change(send_tasks=SendTasks.WITH_ITEMS, task_codes={"Sprinkler": "INSP"})
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    world.servicetrade.state.add_service(job_id, "Yearly inspection")
    await backup.take(world)
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    added = (tasks(world), books(world))
    assert (len(added[0]), len(added[1])) == (1, 1)
    await backup.restore(world)
    await world.compare_intents()

    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (tasks(world), books(world)) == added, "held"
    world.clock.advance(15 * 60)
    await world.use_cases.acknowledge_restore(world.tenant.id, NORTH, reason="compared with the books", by="ann")
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (tasks(world), books(world)) == added, "until somebody says what is in Spectrum"
    await world.use_cases.declare_items(world.tenant.id, NORTH, job_id, "all", reason="all there", by="ann")
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    assert (tasks(world), books(world)) == added


@pytest.mark.long
async def test_a_site_that_the_backup_lacks_is_not_created_again(north: World, backup: Backup) -> None:
    """Not while everything is held; after that Spectrum refuses the code, and the site is used as it is there."""
    await backup.take(north)
    await confirm(north)
    await north.drain()
    sites = dict(north.company.sites)
    assert "QUAILRIDGE" in sites
    await backup.restore(north)
    await north.compare_intents()

    with pytest.raises(CreationBlocked):
        await confirm(north)
    north.clock.advance(15 * 60)
    await north.use_cases.acknowledge_restore(north.tenant.id, NORTH, reason="compared with the books", by="ann")
    creation = await confirm(north)
    await north.drain()
    assert (await show(north, creation)).state is CreationState.REJECTED
    assert north.company.sites == sites


def additions(world: World) -> tuple[list[str], int]:
    """The documents of the work order, and how often its note begins a text of the job."""
    order = world.work_order(NUMBER)
    return [one.description for one in order.documents.values()], order.notes.get("JOBFERRY", "").count("Job 600001:")


@pytest.mark.long
async def test_a_backup_that_lacks_nothing_but_a_document_is_found(world: World, backup: Backup) -> None:
    await world.change(send_paperwork=True)
    job_id = completed_job(world, "GAUGE-300 2 18.40")
    await world.send(job_id, items=ItemsMode.NEW_ONLY)
    await backup.take(world)
    world.servicetrade.state.attach(job_id, "signed.pdf", b"%PDF-1.7 the signed work order")
    await world.send(job_id)
    await backup.restore(world)
    assert "DOCUMENT_UNCLEAR" in [found.code for found in (await world.send(job_id)).findings]
    assert additions(world)[0] == ["signed.pdf"]
    assert (await world.connection()).items_hold
