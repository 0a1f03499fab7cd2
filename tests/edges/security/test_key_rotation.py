"""Changing the encryption key: who waits for whom, what is refused, and what the key file looks like afterwards."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.key_rotation import Rotation, rotate
from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.settings import Settings
from adapters.outbound.postgres.operations.resealing import only_rotation
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.outbound.vault.key_file import WatchedKeyFile, make_key_file, read_key_file, replace_key_file
from adapters.outbound.vault.master_key import keys_from_text, new_key, text_of
from core.model.connections.connection import ConnectionSecrets
from core.model.shared.errors import Conflict, OperatorMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from tests.support.sealed_rows import SealedValue, sealed_values
from tests.support.storage_scene import NOW, PLANTED, a_connection, furnish_with_all_secrets, until_somebody_waits

ALL_SECRETS = sorted(PLANTED * 2)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    make_key_file(tmp_path / "encryption.key")
    return tmp_path / "encryption.key"


@pytest.fixture
def settings(database_url: str, key_file: Path) -> Settings:
    return load_settings({"database_url": database_url, "encryption_key_file": key_file})


@pytest.fixture
async def transactions(engine: AsyncEngine, key_file: Path) -> PostgresTransactions:
    """Of a process that began with the first key and goes on."""
    return await furnish_with_all_secrets(engine, AesGcmVault(changed=WatchedKeyFile(key_file).changed))


def opened(database_url: str, *keys: bytes) -> list[str | None]:
    vault = AesGcmVault(*keys)
    return sorted((one.opened(vault) for one in sealed_values(database_url)), key=str)


async def until_it_waits(rotating: asyncio.Task[Rotation], database_url: str) -> None:
    """Fails if it comes to its end instead."""
    waiting = asyncio.create_task(until_somebody_waits(database_url))
    await asyncio.wait([rotating, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    assert not rotating.done()


@pytest.mark.usefixtures("transactions")
async def test_a_rotation_seals_everything_anew_and_drops_the_old_key(
    database_url: str, settings: Settings, key_file: Path
) -> None:
    [old] = read_key_file(key_file)
    before = sealed_values(database_url)
    done = await rotate(settings, by="ann")
    [new] = read_key_file(key_file)
    assert (done.key_made, done.resealed, done.left, done.keys_dropped) == (True, ("tenant-1", "tenant-2"), (), 1)
    assert opened(database_url, new) == ALL_SECRETS
    assert set(opened(database_url, old)) == {None}
    after = {one.data_key for one in sealed_values(database_url)} | {one.value for one in sealed_values(database_url)}
    assert after.isdisjoint({one.data_key for one in before} | {one.value for one in before})


async def test_a_running_process_goes_on_and_seals_with_the_new_key(
    database_url: str, transactions: PostgresTransactions, settings: Settings, key_file: Path
) -> None:
    await rotate(settings, by="ann")
    async with transactions.begin_instance() as i:
        await i.tenants.add(Tenant(id="ten_3", slug="third", name="T", created_at=NOW), PasswordLogin("u", Secret("x")))
    async with transactions.begin("ten_1") as t:
        assert (await t.account()).login == PasswordLogin("user", Secret(PLANTED[0]))
        assert (await t.connections.secrets("con_1")).authorization_id.reveal() == PLANTED[1]
    assert opened(database_url, *read_key_file(key_file)) == sorted([*ALL_SECRETS, "x"])


async def test_who_adds_a_tenant_just_now_is_waited_for(
    database_url: str, transactions: PostgresTransactions, settings: Settings, key_file: Path
) -> None:
    async with transactions.begin_instance() as i:
        await i.tenants.add(Tenant(id="ten_3", slug="third", name="T", created_at=NOW), PasswordLogin("u", Secret("x")))
        rotating = asyncio.create_task(rotate(settings, by="ann"))
        await until_it_waits(rotating, database_url)
    assert "third" in (await rotating).resealed
    assert opened(database_url, *read_key_file(key_file)) == sorted([*ALL_SECRETS, "x"])


async def test_who_adds_a_connection_just_now_is_waited_for(
    database_url: str, transactions: PostgresTransactions, settings: Settings, key_file: Path
) -> None:
    """Sealed under the tenant's data key of before, it would never open again."""
    async with transactions.begin("ten_1") as t:
        await t.connections.add(a_connection(3, tenant=1), ConnectionSecrets(Secret("third")))
        rotating = asyncio.create_task(rotate(settings, by="ann"))
        await until_it_waits(rotating, database_url)
    await rotating
    assert opened(database_url, *read_key_file(key_file)) == sorted([*ALL_SECRETS, "third"])


@pytest.mark.parametrize("rotations", [4, pytest.param(30, marks=pytest.mark.long)])
async def test_secrets_and_their_key_are_read_as_of_one_moment(
    database_url: str, transactions: PostgresTransactions, settings: Settings, rotations: int
) -> None:
    """Rotations beside a reader who never stops."""
    over = asyncio.Event()

    async def read() -> int:
        times = 0
        while not over.is_set():
            async with transactions.begin("ten_1") as t:
                assert (await t.connections.secrets("con_1")).authorization_id.reveal() == PLANTED[1]
            times += 1
        return times

    readers = [asyncio.create_task(read()) for _ in range(4)]
    for _ in range(rotations):
        await rotate(settings, by="ann")
    over.set()
    assert sum(await asyncio.gather(*readers)) > 4 * rotations


@pytest.mark.usefixtures("transactions")
async def test_what_was_read_just_before_the_end_still_opens(
    database_url: str, settings: Settings, key_file: Path
) -> None:
    """A reader has his row in hand while the old key leaves the file and another of his process learns the new one."""
    vault = AesGcmVault(changed=WatchedKeyFile(key_file).changed)
    in_hand = sealed_values(database_url)
    await rotate(settings, by="ann")
    assert vault.knows(sealed_values(database_url)[0].data_key)
    assert sorted(one.opened(vault) or "" for one in in_hand) == ALL_SECRETS
    assert not AesGcmVault(*read_key_file(key_file)).knows(in_hand[0].data_key)


@pytest.mark.usefixtures("transactions")
async def test_one_at_a_time(database_url: str, settings: Settings, key_file: Path) -> None:
    before = key_file.read_bytes()
    async with only_rotation(database_url):
        with pytest.raises(Conflict) as caught:
            await rotate(settings, by="ann")
    assert caught.value.code == "ROTATION_RUNNING"
    assert key_file.read_bytes() == before
    assert (await rotate(settings, by="ann")).keys_dropped == 1


@pytest.mark.usefixtures("transactions")
async def test_what_cannot_be_opened_keeps_its_key_until_it_is_restored(
    database_url: str, settings: Settings, key_file: Path
) -> None:
    [old] = read_key_file(key_file)
    spoil = "UPDATE connections SET client_secret = set_byte(client_secret, 20, get_byte(client_secret, 20) # 1)"
    with psycopg.connect(database_url) as connection:
        connection.execute(f"{spoil} WHERE id = 'con_1'".encode())
    done = await rotate(settings, by="ann")
    assert (done.resealed, done.left, done.keys_dropped) == (("tenant-2",), ("tenant-1",), 0)
    assert len(read_key_file(key_file)) == 2
    with psycopg.connect(database_url) as connection:
        connection.execute(f"{spoil} WHERE id = 'con_1'".encode())
    done = await rotate(settings, by="ann")
    assert (done.key_made, done.resealed, done.left, done.keys_dropped) == (False, ("tenant-1",), (), 1)
    [new] = read_key_file(key_file)
    assert new != old
    assert opened(database_url, new) == ALL_SECRETS


@pytest.mark.usefixtures("transactions")
async def test_a_key_from_the_settings_is_changed_in_steps_that_are_told(database_url: str, key_file: Path) -> None:
    [old], new = read_key_file(key_file), new_key()

    def given(*keys: bytes) -> Settings:
        return load_settings({"database_url": database_url, "encryption_key": ",".join(text_of(keys).split())})

    with pytest.raises(OperatorMends) as caught:
        await rotate(given(old), by="ann")
    assert caught.value.code == "ENCRYPTION_KEY_IN_SETTINGS"
    assert "JOBFERRY_ENCRYPTION_KEY=NEW,OLD" in caught.value.fix
    with pytest.raises(OperatorMends, match=r"2 of 2 tenants \(tenant-1, tenant-2\)"):
        await rotate(given(new), by="ann")
    done = await rotate(given(new, old), by="ann")
    assert (done.key_made, len(done.resealed), done.keys_dropped, done.keys_to_drop) == (False, 2, 0, 1)
    assert opened(database_url, new) == ALL_SECRETS
    assert (await rotate(given(new, old), by="ann")).resealed == ()
    assert read_key_file(key_file) == (old,), "the file was not what counted"


@pytest.mark.usefixtures("transactions")
async def test_a_restored_backup_opens_with_both_keys_and_is_brought_up_to_date(
    database_url: str, settings: Settings, key_file: Path
) -> None:
    [old] = read_key_file(key_file)
    replace_key_file(key_file, [new := new_key()])
    with pytest.raises(OperatorMends) as caught:
        await rotate(settings, by="ann")
    assert caught.value.code == "SECRET_UNREADABLE"
    assert "both" in caught.value.fix
    assert read_key_file(key_file) == (new,)
    replace_key_file(key_file, [new, old])
    assert (await rotate(settings, by="ann")).keys_dropped == 1
    assert opened(database_url, new) == ALL_SECRETS


@pytest.mark.usefixtures("transactions")
async def test_a_file_that_cannot_be_replaced_stops_it_before_anything_changes(
    database_url: str, settings: Settings, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the file is mounted by itself; the tests may run as root, whom no folder refuses."""
    before = key_file.read_bytes()

    def busy(*_: object) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(OperatorMends, match="resource busy") as caught:
        await rotate(settings, by="ann")
    assert caught.value.code == "KEY_FILE_UNWRITABLE"
    assert key_file.read_bytes() == before
    assert [path.name for path in key_file.parent.iterdir()] == ["encryption.key"]
    assert opened(database_url, *keys_from_text(Secret(before.decode()))) == ALL_SECRETS


def test_a_replaced_file_keeps_its_rights_its_owner_and_its_links(tmp_path: Path, key_file: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(key_file)
    (tmp_path / ".encryption.key.new").write_text("left by a kill")
    rights: list[tuple[int, tuple[int, int]]] = [(0o600, (0, 0)), (0o640, (4242, 4343))]
    for mode, owner in rights:
        key_file.chmod(mode)
        if os.geteuid() == 0:
            os.chown(key_file, *owner)
        before = key_file.stat()
        replace_key_file(link, keys := [new_key(), new_key()])
        after = key_file.stat()
        assert read_key_file(link) == tuple(keys)
        assert stat.S_IMODE(after.st_mode) == mode
        assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
        assert after.st_ino != before.st_ino, "another file, put in place in one step"
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encryption.key", "link"]


def test_a_file_is_read_again_only_when_it_changed(key_file: Path) -> None:
    watched = WatchedKeyFile(key_file)
    assert watched.changed() == read_key_file(key_file)
    assert watched.changed() == ()
    replace_key_file(key_file, keys := (new_key(), new_key()))
    assert watched.changed() == keys
    assert watched.changed() == ()
    key_file.unlink()
    for _ in range(2):
        with pytest.raises(OperatorMends) as caught:
            watched.changed()
        assert caught.value.code == "ENCRYPTION_KEY_MISSING"
    make_key_file(key_file)
    assert watched.changed() == read_key_file(key_file)


@pytest.mark.parametrize(
    "moved",
    [
        lambda one, other: (other.tenant_id, one.field),
        lambda one, other: (one.tenant_id, other.field),
        lambda one, other: (other.tenant_id, other.field),
    ],
    ids=["tenant", "field", "both"],
)
async def test_no_stored_value_opens_in_the_place_of_another(
    database_url: str,
    transactions: PostgresTransactions,
    key_file: Path,
    moved: Callable[[SealedValue, SealedValue], tuple[str, str]],
) -> None:
    """Every value in the place of every other one, with its own data key and with the other's.

    Two connections are of one tenant and share its data key.
    """
    async with transactions.begin("ten_1") as t:
        await t.connections.add(a_connection(3, tenant=1), ConnectionSecrets(Secret("a"), "client", Secret("b")))
    vault, stored = AesGcmVault(*read_key_file(key_file)), sealed_values(database_url)
    tried = 0
    for one in stored:
        for other in stored:
            place = moved(one, other)
            if place == (one.tenant_id, one.field):
                continue
            for data_key in (one.data_key, other.data_key):
                assert SealedValue(place[0], data_key, place[1], one.value).opened(vault) is None
                tried += 1
    assert tried >= len(stored)


async def test_answers_kept_for_repeated_requests_are_dropped_and_known_as_given(
    database_url: str, transactions: PostgresTransactions, settings: Settings
) -> None:
    """They hold secrets, and are kept for a day only: what was sealed under the old key does not outlive it."""
    async with transactions.begin_instance() as i:
        await i.kept_answers.begin("operator's", "hash", NOW, NOW)
        await i.kept_answers.keep("operator's", Secret("jf_secret"))
    async with transactions.begin("ten_1") as t:
        await t.kept_answers.begin("tenant's", "hash", NOW, NOW)
        await t.kept_answers.keep("tenant's", Secret("jf_secret"))
    await rotate(settings, by="ann")
    with psycopg.connect(database_url) as connection:
        left = connection.execute("SELECT data_key, answer FROM kept_answers WHERE made").fetchall()
    assert left == [(None, None)] * 2
    async with transactions.begin("ten_1") as t:
        found = await t.kept_answers.begin("tenant's", "hash", NOW, NOW)
    assert found is not None
    assert (found.made, found.answer) == (True, None)
